"""Text that would steer a terminal, in every field that takes it: what is printed is harmless, what is piped is exact.

The strings are the project's own (../shared/vectors/hostile-strings.json, when it is there) and those below.
"""

import json
import re
import shutil
import unicodedata
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pexpect
import pytest

from conflicts import forge
from conftest import TREE, Coffer
from terminal import answer, asked, end, printed, shown

KEY = b"JBSWY3DPEHPK3PXP"
CODES = [b"3f9a01c7", b"88d2e4b0", b"1b6c90ff"]
FAKE = "FAKE ROW"
FAKE_LINE = re.compile(rb"^\s*" + FAKE.encode(), re.MULTILINE)
COLLECTION = TREE.parent / "shared" / "vectors" / "hostile-strings.json"


def between(first, last):
    return "".join(map(chr, range(first, last + 1)))


OWN = [
    # Sequences that colour, move, erase, set the title, ask the terminal, in both the long and the short form.
    "\x1b[31mred", "\x1b[1A\x1b[2K" + FAKE, "\x1b]0;title\x1b\\", "\x1b]1337;File=:AAAA\x07", "\x1bPq#0\x1b\\", "\x1bc",
    "\x9b2J", "\x9b1A" + FAKE, "\x9d0;title\x9c", "\x90+q544e\x9c", "\x85" + FAKE, "\x8d",
    # Every control character, and what overwrites a line or starts another.
    between(0x01, 0x1F) + "\x7f", between(0x80, 0x9F), "real\rFAKE", "a\n" + FAKE, "a\r\n" + FAKE, "\n\n", "\t", "a\tb",
    "abc\b\b\bxyz", "a\x0b\x0cb",
    # Characters that are not seen, or reorder what is.
    "\u061c\u200e\u200f" + between(0x202A, 0x202E) + between(0x2066, 0x2069), "a\u202etxt.exe",
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e", "pay\u200bpal", "\u2061\u2062\u2063\u2064", "\u2028" + FAKE,
    "\u2029" + FAKE, "\ufff9a\ufffab\ufffb", "\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5", "a\ufe00\U000e0100",
    "".join(chr(0xE0000 + ord(letter)) for letter in "hidden") + "\U000e0001\U000e007f", "\ue000\U000f0000",
    "\ufdd0\uffff\U0010ffff", "\U0001d173\U0001d17a",
    # Wide, tall and long.
    "漢字" * 150, "🔑👨\u200d👩\u200d👧\u200d👦", "e" + "\u0301\u0327\u0489" * 150, "\u0301starts", "й" * 500, "x" * 1000,
    # What looks like an escape, a shell's word, a format or a message.
    "\\u{1B}[31m", "\\x1b[31m", "%s%n%p", "a'b\"c`d$(id)", "coffer: error 3: That password", "\ufeff", "e\u0301",
    "password      hunter2"]


def strings():
    """All of them once, with the category they come from."""
    categories = json.loads(COLLECTION.read_text()) if COLLECTION.exists() else {}
    found = {text: name for name, texts in categories.items() if isinstance(texts, list) for text in texts}
    return found | {text: "own" for text in OWN if text not in found}


STRINGS = strings()
# What a system call takes as an argument ends at a NUL.
TYPEABLE = [text for text in STRINGS if "\0" not in text]


def option(name, text):
    """An option and its value in the form that the command line takes: a hyphen at the beginning needs the `=`."""
    return [f"{name}={text}"] if text.startswith("-") else [name, text]


def composed(text):
    return unicodedata.normalize("NFC", text)


# --- What is harmless


INVISIBLE = set("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | set(between(0x180B, 0x180F)) | set(
    between(0xFE00, 0xFE0D)) | set(between(0xE0000, 0xE0FFF))


def harm(output, also_allowed=""):
    """The first character of `output` that steers a terminal, reorders text or is not seen; None when there is none.

    A line feed is none. Nor are U+FE0E and U+FE0F, which choose between a symbol and its picture.
    """
    for character in output.decode():
        category = unicodedata.category(character)
        if character not in "\n" + also_allowed and (
                category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or character in INVISIBLE):
            return f"U+{ord(character):04X}"
    return None


def without_warning(output):
    return b"".join(line for line in output.splitlines(True) if b"--unsafe-test-kdf" not in line)


class Count:
    """Runs commands on a terminal, two at a time, and remembers what was wrong with their output."""

    def __init__(self):
        self.commands, self.faults = [], []

    def look(self, coffer, words, statuses=(0,), also_allowed="", **options):
        result = printed(coffer, *words, **options)
        self.commands.append(words)
        found = harm(result.out, also_allowed)
        if found:
            self.faults.append(f"{found} from {words}: {result.out!r}")
        # Nothing that came from an entry begins a line, so it cannot pass for a row, a label or a message.
        if FAKE_LINE.search(result.out):
            self.faults.append(f"a faked line from {words}: {result.out!r}")
        if result.status not in statuses:
            self.faults.append(f"status {result.status} from {words}: {result.out!r}")
        return result.out

    def look_at_all(self, coffer, lists_of_words, **options):
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda words: self.look(coffer, words, **options), lists_of_words))

    def settle(self, what):
        settle(what, len(self.commands), self.faults)


def settle(what, commands, faults):
    print(f"{what}: {len(STRINGS)} strings, {commands} commands")
    assert not faults, f"{len(faults)} of {commands}:\n" + "\n".join(map(str, faults[:12]))


@pytest.mark.parametrize("text", [
    "\x1b", "\r", "\t", "\0", "\x7f", "\x9b", "\u202e", "\u200b", "\u2028", "\ufeff", "\u00ad", "\u3164", "\ue000",
    "\U000e0041"], ids=lambda text: f"U+{ord(text):04X}")
def test_what_is_harmful_is_noticed(text):
    """Else the stories below would show nothing."""
    assert harm(f"a{text}b".encode()) == f"U+{ord(text):04X}"
    assert harm("ключ 漢字 🔑\ufe0f e\u0301 \\u{1B}\n".encode()) is None


# --- A vault full of it


class Hostile:
    """An entry for each string, with the string in every field that took it."""

    def __init__(self, coffer):
        self.coffer = coffer
        self.taken = {text: set() for text in TYPEABLE}
        with ThreadPoolExecutor(2) as pool:
            ids = list(pool.map(self._add, TYPEABLE))
        self.ids = dict(zip(TYPEABLE, ids))
        # A command line cannot say NUL, but a pipe can: it is refused wherever one can come in.
        coffer.add("nul")
        for text in STRINGS:
            if "\0" in text:
                for field in ("title", "username", "url", "tag", "password", "notes", "pin"):
                    before = coffer.vault.read_bytes()
                    result = coffer.run("set", "nul", field, "-", stdin=text.encode())
                    assert result.status == 64 and b"NUL" in result.err, result
                    assert coffer.vault.read_bytes() == before

    def _run(self, *arguments, statuses=(), **options):
        """Whether it was done; else it was refused with one of the statuses."""
        result = self.coffer.run(*arguments, **options)
        assert result.status in (0, *statuses), (arguments, result)
        return result.status == 0

    def _add(self, text):
        """Puts the string wherever it may be put; returns the entry's id."""
        self._run("add", *option("--username", text), *option("--url", text), *option("--tag", text), "--template",
                  "note", "--", text)
        id = self.coffer.ok("get", "--", text, "id").decode().strip()
        name, data, taken = f"id:{id}", text.encode(), self.taken[text]
        taken |= {"title", "username", "url"}
        for field in ("password", "notes", "pin"):
            self._run("set", name, field, fds={"--value-fd": data + b"\n"})
            taken.add(field)
        # Twice, so that there is a replaced value in the history.
        for value in (data + b"2", data):
            self._run("set", name, "region", "--plain", fds={"--value-fd": value + b"\n"})
        taken.add("region")
        # A name has bounds of its own: one line, no slash, 256 bytes, none that means something.
        if self._run("set", "--", name, text, statuses=(7, 64), fds={"--value-fd": data + b"\n"}):
            taken.add(composed(text))
        quoted = urllib.parse.quote(text, safe="")
        uri = f"otpauth://totp/{quoted}:{quoted}?secret={KEY.decode()}&issuer={quoted}".encode()
        if self._run("otp", "add", name, "--uri-stdin", statuses=(64,), stdin=uri):
            taken.add("otp")
        else:
            self._run("otp", "add", name, "--key-stdin", stdin=KEY)
        self._run("codes", "add", name, "-", stdin=CODES[0] + b" (used)\n" + b"\n".join(CODES[1:]) + b"\n")
        if self._run("codes", "add", name, "-", statuses=(64,), stdin=data + b"\n"):
            taken.add("codes")
        return id


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    coffer = Coffer(tmp_path_factory.mktemp("hostile") / "home").init()
    return Hostile(coffer)


def copied(hostile, folder):
    """The same vault again, to be changed."""
    coffer = Coffer(folder)
    shutil.copy(hostile.coffer.vault, coffer.vault)
    return coffer


@pytest.fixture
def spoiled(hostile, tmp_path):
    return copied(hostile, tmp_path / "home")


def test_most_of_it_is_taken(hostile):
    """As above: what was refused everywhere would be printed nowhere."""
    names = [text for text in TYPEABLE if composed(text) in hostile.taken[text]]
    links = [text for text in TYPEABLE if "otp" in hostile.taken[text]]
    print(f"{len(TYPEABLE)} strings in every text, {len(names)} as a field's name, {len(links)} as an issuer")
    assert len(names) > len(TYPEABLE) // 3 and len(links) > len(TYPEABLE) // 3
    assert len(STRINGS) > len(TYPEABLE) or not COLLECTION.exists()


def test_in_a_pipe_every_value_is_exact(hostile):
    def differences(text):
        name, wrong = f"id:{hostile.ids[text]}", []
        for field in sorted(hostile.taken[text] - {"otp", "codes"}):
            # Names and labels are composed, so that they are found however they are typed; values are not touched.
            plain = composed(text) if field in ("title", "username", "url") else text
            result = hostile.coffer.run("get", "--", name, field)
            if (result.status, result.out) != (0, plain.encode() + b"\n"):
                wrong.append((text, field, result))
        return wrong

    with ThreadPoolExecutor(2) as pool:
        faults = [fault for wrong in pool.map(differences, TYPEABLE) for fault in wrong]
    print(f"{len(TYPEABLE)} strings, {sum(map(len, hostile.taken.values()))} values")
    assert not faults, faults[:5]


def test_a_title_is_found_by_itself(hostile):
    for text in TYPEABLE:
        result = hostile.coffer.run("get", "--", text, "id")
        assert result.out.decode() == hostile.ids[text] + "\n", (text, result)


# --- On a terminal


def test_lists_are_harmless_on_a_terminal(hostile):
    count = Count()
    rows = count.look(hostile.coffer, ["ls"])
    # A row is a row, whatever is in a title.
    assert without_warning(rows).count(b"\n") == len(TYPEABLE) + 1
    count.look_at_all(hostile.coffer, [["find", ""], ["otp"], ["ls", "--tag", "\u202egnp.exe"]])
    count.look_at_all(hostile.coffer, [["find", "--", text] for text in TYPEABLE])
    count.settle("lists")


def test_entries_are_harmless_on_a_terminal(hostile):
    count = Count()
    commands = []
    for id in hostile.ids.values():
        name = f"id:{id}"
        commands += [["show", name], ["history", name], ["history", name, "--reveal"], ["codes", "list", name],
                     ["codes", "list", name, "--reveal"], ["otp", name]]
        commands += [["get", name, field] for field in ("title", "password", "otp-uri")]
    count.look_at_all(hostile.coffer, commands)
    count.settle("entries")


def test_single_fields_are_harmless_on_a_terminal(hostile):
    count = Count()
    count.look_at_all(hostile.coffer, [
        ["show", f"id:{id}", "-f", field, "--reveal"] for id in hostile.ids.values()
        for field in ("title", "pin", "region")])
    count.settle("single fields")


def test_notes_are_harmless_on_a_terminal_and_keep_their_lines(hostile):
    """They are the one text in which a line feed and a tab mean what they say."""
    count = Count()
    names = [f"id:{id}" for text, id in hostile.ids.items() if FAKE not in text]
    for words in (["get", "notes"], ["show", "-f", "notes", "--reveal"], ["show", "--reveal"]):
        count.look_at_all(hostile.coffer, [[words[0], name, *words[1:]] for name in names], also_allowed="\t")
    count.settle("notes")


def test_a_tab_of_notes_is_spelled_out_like_any_control_character(coffer):
    """docs/cli.md: on a terminal, control, escape and bidirectional characters are spelled out."""
    coffer.add("noted")
    coffer.ok("set", "noted", "notes", "-", stdin=b"a\tb\n")
    assert harm(printed(coffer, "get", "noted", "notes").out) is None


def test_a_line_of_notes_cannot_pass_for_another_field(coffer):
    """What one field holds must not be taken for what another does."""
    coffer.add("noted", "--username", "anna", password=b"the real one")
    coffer.ok("set", "noted", "notes", "-", stdin=b"a note\npassword      hunter2\nusername      eve\n")
    rows = [line.split(maxsplit=1)[0] for line in printed(coffer, "show", "noted", "--reveal").out.splitlines()
            if line and not line.startswith(b" ")]
    assert rows.count(b"password") == 1 and rows.count(b"username") == 1


def test_errors_that_name_an_entry_are_harmless_on_a_terminal(hostile):
    count = Count()
    commands = []
    for text, id in hostile.ids.items():
        name = f"id:{id}"
        commands += [
            ["get", name, "nofield"], ["show", "--", text + "x"], ["get", "--", text, text + "x"],
            ["get", "--", text + "@nobody"], ["history", name, "x"], ["set", name, "tag", "none", "--remove"],
            ["restore", name]]
    count.look_at_all(hostile.coffer, commands, statuses=(2,))
    count.settle("errors")


def test_several_that_match_are_named_harmlessly(hostile, spoiled):
    count = Count()
    for text in TYPEABLE:
        spoiled.ok("add", *option("--username", text + "2"), "--template", "note", "--", text)
    count.look_at_all(spoiled, [["get", "--", text] for text in TYPEABLE], statuses=(2,))
    count.settle("ambiguous names")


def test_what_a_change_says_is_harmless_on_a_terminal(hostile, tmp_path):
    count = Count()

    def change(number):
        """Every other entry, each half in a vault of its own, so that two can be changed at once."""
        coffer = copied(hostile, tmp_path / str(number))
        for text, id in list(hostile.ids.items())[number::2]:
            name = f"id:{id}"
            for words in (
                    ["set", name, "username", "--", text], ["set", name, "password", "--generate"],
                    ["set", "--remove", "--", name, "region"], ["undo", name, "region"], ["codes", "next", name],
                    ["otp", "remove", name, "--yes"], ["mv", "--", name, text + "2"], ["rm", name], ["restore", name],
                    ["rm", name], ["purge", name, "--yes"]):
                count.look(coffer, words)
        # A backup brings some of them back, and names them.
        [newest, *_] = coffer.run("backups", "--json", unlock=False).json()
        count.look(coffer, ["backups", "restore", newest["number"] - 8])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(change, range(2)))
    count.settle("changes")


def test_what_is_said_of_an_added_entry_is_harmless_on_a_terminal(coffer):
    count = Count()
    for text in TYPEABLE:
        count.look(coffer, ["add", "--generate", *option("--username", text), "--", text])
    again = [["add", "--generate", *option("--username", text), "--", text] for text in TYPEABLE]
    count.look_at_all(coffer, again, statuses=(9,))
    one = [entry["id"] for entry in coffer.run("ls", "--json").json()]
    for first, second in zip(one[::2], one[1::2]):
        count.look(coffer, ["join", f"id:{first}", f"id:{second}"])
    count.settle("added entries")


PATHS = [text for text in TYPEABLE if len(text.encode()) < 200]


def test_paths_are_harmless_on_a_terminal(coffer):
    """A vault, a sheet or a file may have been named by somebody else."""
    count = Count()
    coffer.add("vk")
    places = [f"missing/{text}" for text in PATHS]
    for words, status in [
            (["ls", "--vault"], 2), (["kit", "new", "--output"], 1), (["codes", "add", "vk", "--"], 2)]:
        count.look_at_all(coffer, [[*words, place] for place in places], statuses=(status,))
    count.look_at_all(coffer, [["backups", "--vault", place] for place in places], unlock=False)
    count.settle("paths")


def test_questions_are_harmless_on_a_terminal(hostile, spoiled):
    """An entry's text stands in the questions of `edit` and `purge`, where it could fake another question."""
    faults = []
    for text, id in hostile.ids.items():
        child = asked(spoiled, "edit", f"id:{id}")
        while child.expect([rb": $", rb"empty line:\r\n", pexpect.EOF]) < 2:
            child.sendline("")
        assert end(child) == 0 and b"Nothing was changed." in shown(child), shown(child)
        screen = shown(child).replace(b"\r\n", b"\n")
        if harm(screen) or FAKE_LINE.search(screen):
            faults.append((text, harm(screen), screen[screen.index(b"Title"):][:200]))
    settle("conversations", len(hostile.ids), faults)


def test_a_confirmation_is_harmless_on_a_terminal(hostile, spoiled):
    faults = []
    for text, id in list(hostile.ids.items()):
        spoiled.ok("rm", f"id:{id}")
        child = asked(spoiled, "purge", f"id:{id}")
        answer(child, r"\[y/N\] ", "n")
        assert end(child) == 1
        screen = shown(child).replace(b"\r\n", b"\n")
        if harm(screen) or FAKE_LINE.search(screen):
            faults.append((text, screen))
    settle("confirmations", len(hostile.ids), faults)


# --- JSON


def check_json(output, where):
    """Parses, and holds nothing raw that a terminal would act on; returns what it says."""
    assert harm(output) is None, (where, harm(output), output[:300])
    return json.loads(output)


def test_json_is_harmless_and_exact(hostile):
    coffer, ran = hostile.coffer, 0
    for words in (["ls"], ["find", ""], ["otp"]):
        for output in (coffer.ok(*words, "--json"), without_warning(printed(coffer, *words, "--json").out)):
            entries = check_json(output, words)
            assert {composed(text) for text in TYPEABLE} <= {entry["title"] for entry in entries}
            assert {composed(text) for text in TYPEABLE} <= {entry["username"] for entry in entries}
            ran += 1
    for text, id in hostile.ids.items():
        entry = check_json(coffer.ok("show", f"id:{id}", "--json", "--reveal"), text)
        plain = composed(text)
        assert (entry["title"], entry["username"], entry["urls"], entry["tags"]) == (plain, plain, [plain], [plain])
        assert entry["fields"]["region"] == text
        assert (entry["secrets"]["password"], entry["secrets"]["notes"], entry["secrets"]["fields"]["pin"]) == (
            text, text, text)
        if plain in hostile.taken[text]:
            assert entry["secrets"]["fields"][plain] == text
        rows = check_json(coffer.ok("history", f"id:{id}", "--json", "--reveal"), text)
        assert {text, plain} <= {row["value"] for row in rows if "value" in row}
        check_json(coffer.ok("codes", "list", f"id:{id}", "--json", "--reveal"), text)
        ran += 3
    print(f"{len(hostile.ids)} strings, {ran} commands")


# --- What no Coffer wrote


def forged(text):
    """A vault that another program made: the text also where no command would put it, as a machine's name for one."""
    vault = forge.Vault()
    slot = forge.password_slot(vault, "password")
    vault.slots = [slot]
    vault.registry = [forge.version(1, forge.encode(slot), by=text[:16])]
    keys = {"by": text[:16]}
    uri = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&issuer=" + urllib.parse.quote(text, safe="")
    code = (text * 4)[:64]
    vault.entries = [forge.entry(
        1, forge.version(forge.TITLE, text, **keys), forge.version(forge.USERNAME, text, **keys),
        forge.version(forge.PASSWORD, text, **keys), forge.version(forge.NOTES, text.replace("\n", " "), **keys),
        forge.version(forge.OTP, uri, **keys), forge.version(forge.TEMPLATE, text, **keys),
        forge.version(text[:60], [text, False], **keys), forge.version(text[:60] + "2", [text, True], **keys),
        forge.tag(vault, text, **keys), forge.url(vault, text, **keys),
        *forge.code_set(vault, [code, "3f9a01c7"], used=["3f9a01c7"], **keys))]
    return forge.write(vault)


def test_a_vault_that_another_program_made_is_harmless_on_a_terminal(tmp_path):
    """Not even what no command would take is let through, because a merge may bring it."""
    count, opened = Count(), 0
    for number, text in enumerate(STRINGS):
        coffer = Coffer(tmp_path / str(number), password=b"password")
        coffer.vault.write_bytes(forged(text))
        name = "id:" + (1).to_bytes(16, "big").hex()
        words = [["ls"], ["show", name], ["show", name, "--reveal"], ["history", name, "--reveal"], ["otp"],
                 ["codes", "list", name, "--reveal"], ["keys"], ["get", name, "template"], ["codes", "next", name]]
        # A reader may refuse what no writer makes.
        outputs = count.look_at_all(coffer, words, statuses=(0, 4) if "\0" in text else (0,), also_allowed="\t")
        opened += b"error 4" not in outputs[0]
        # What is damaged is named, too.
        data = bytearray(coffer.vault.read_bytes())
        data[-1] ^= 1
        coffer.vault.write_bytes(data)
        salvage = ["--salvage", "rescued", "--no-recovery-key", "--unsafe-test-kdf", "--iterations", "1"]
        count.look_at_all(coffer, [["verify", "--deep"], ["verify", *salvage]], statuses=(4,))
    print(f"{opened} of {len(STRINGS)} vaults opened")
    assert opened >= len(TYPEABLE)
    count.settle("other programs' vaults")
