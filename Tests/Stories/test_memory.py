"""No secret is ever in memory that could be swapped or dumped: only in the locked arenas (D9).

Every command that takes or shows a secret is stopped before each of its writes and before its end, and all its memory
is searched for the secrets, whole or in pieces of eight bytes, and for the keys that the vault's password leads to.
"""

import base64
import hashlib
import os
import random
import re
import string
import subprocess
import sys
import unicodedata

import pytest
from conftest import PROGRAM, TREE, Coffer, pipe_with
from memory_watch import Canaries, MemoryWatch

sys.path.insert(0, str(TREE / "Tests/Independent"))
import vault_boxes  # noqa: E402
import vault_file  # noqa: E402  (a reader that is not the program: it knows the keys)


def random_text(count, alphabet=string.ascii_letters + string.digits):
    return "".join(random.choices(alphabet, k=count))


class Secrets:
    """One of each kind, unlike anything else in memory."""

    def __init__(self):
        # The accent is a letter of its own, so that what is derived from is another text than what was typed.
        self.master = random_text(40) + "e\u0301" + random_text(40)
        self.new_master = random_text(48)
        self.password = random_text(48)
        self.new_password = random_text(48)
        self.otp_key = os.urandom(40)
        self.new_otp_key = os.urandom(40)
        self.field = random_text(48)
        self.notes = "\n".join(random_text(48) for _ in range(4))
        self.codes = [random_text(16, "0123456789abcdef") for _ in range(6)]
        self.new_codes = [random_text(16, "0123456789abcdef") for _ in range(6)]

    @staticmethod
    def base32(key):
        return base64.b32encode(key).decode()

    def uri(self, key, kind="totp", more=""):
        return f"otpauth://{kind}/Example:me?secret={self.base32(key)}&issuer=Example&digits=10{more}"

    def named(self):
        """Every form a secret may take in memory, by name."""
        found = {
            "master password": self.master.encode(),
            "master password, composed": unicodedata.normalize("NFC", self.master).encode(),
            "new master password": self.new_master.encode(),
            "password": self.password.encode(),
            "new password": self.new_password.encode(),
            "field": self.field.encode(),
        }
        for name, key in (("otp key", self.otp_key), ("new otp key", self.new_otp_key)):
            found |= {name: key, name + " in base32": self.base32(key).encode()}
            found |= {name + " in lower case": self.base32(key).lower().encode()}
        for number, line in enumerate(self.notes.splitlines()):
            found[f"notes, line {number}"] = line.encode()
        for number, code in enumerate(self.codes):
            found[f"code {number}"] = code.encode()
        for number, code in enumerate(self.new_codes):
            found[f"new code {number}"] = code.encode()
        return found


class WatchedCoffer(Coffer):
    """A vault full of secrets, and the keys that are derived for it."""

    def __init__(self, home, secrets):
        super().__init__(home, secrets.master.encode())
        self.secrets = secrets
        self.kit = self.home / "kit.txt"
        self.init("--kit", str(self.kit))
        self.recovery_key = re.search(rb"CR1-[0-9A-Z-]+", self.kit.read_bytes()).group()

    def keys(self):
        """Every key between the password and an entry, as the independent reader derives it."""
        data = self.vault.read_bytes()
        header = vault_file.read_header(data)
        password = unicodedata.normalize("NFC", self.password.decode()).encode()
        recovery = vault_file.parse_recovery_key(self.recovery_key)
        found = {"recovery key, bits": recovery, "recovery key, as printed": self.recovery_key}
        for slot in header.slots:
            secret = password if slot[1] == 1 else recovery
            if slot[2] == 1:
                found["derived key"] = hashlib.pbkdf2_hmac("sha512", secret, slot[5], slot[3], 64)
            found[f"wrapping key {slot[1]}"] = vault_file.slot_keys(header, slot, secret, None)[0]
        vault_key = vault_file.unlock(header, 1, password)
        found["vault key"] = vault_key
        for label in ("header tag", "index", "nonce"):
            found["key: " + label] = vault_boxes.subkey(vault_key, b"coffer/1 " + label.encode())
        for record in vault_file.read_index(data, header, vault_key)[2]:
            found[f"key of entry {record[0].hex()}"] = vault_boxes.subkey(vault_key, b"coffer/1 entry" + record[0])
        return found

    def canaries(self, *more):
        return Canaries(self.secrets.named() | self.keys() | {f"output {n}": text for n, text in enumerate(more)})

    def watch(self, *arguments, stdin=b"", fds=None, unlock=True, terminal=None, answer=None, everywhere=None):
        """Runs a command under watch; returns the watch, the status and both outputs."""
        fds = dict(fds or {})
        if unlock and not {"--password-fd", "--recovery-key-fd"} & fds.keys():
            fds["--password-fd"] = self.password + b"\n"
        words = list(arguments)
        out, err = os.memfd_create("out"), os.memfd_create("err")
        descriptors = [pipe_with(stdin), out, err]
        for option, content in fds.items():
            words += [option, str(len(descriptors))]
            descriptors.append(pipe_with(content))
        try:
            watch = MemoryWatch(
                PROGRAM, words, self.environment, descriptors, str(self.home), terminal=terminal, answer=answer)
            status = watch.run(everywhere)
            return watch, status, os.pread(out, 1 << 20, 0), os.pread(err, 1 << 20, 0)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


@pytest.fixture(scope="module")
def secrets():
    return Secrets()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, secrets):
    """A vault with an entry of every kind of secret; a folder that is copied for each story."""
    coffer = WatchedCoffer(tmp_path_factory.mktemp("prepared") / "home", secrets)
    fill(coffer, secrets)
    return coffer


def fill(coffer, secrets):
    coffer.add("work/vk", "--username", "me", password=secrets.password.encode())
    coffer.ok("add", "noted", "--template", "note", "--note-stdin", stdin=secrets.notes.encode())
    coffer.ok("otp", "add", "work/vk", "--uri-stdin", stdin=secrets.uri(secrets.otp_key).encode())
    coffer.add("counted")
    uri = secrets.uri(secrets.otp_key, "hotp", "&counter=1")
    coffer.ok("otp", "add", "counted", "--uri-stdin", stdin=uri.encode())
    coffer.ok("codes", "add", "work/vk", "-", stdin="\n".join(secrets.codes).encode())
    coffer.ok("set", "work/vk", "pin", fds={"--value-fd": secrets.field.encode()})
    coffer.ok("set", "work/vk", "notes", "-", stdin=secrets.notes.encode())


@pytest.fixture
def watched(prepared, secrets, tmp_path):
    """A copy of the prepared vault."""
    subprocess.run(["cp", "-a", str(prepared.home), str(tmp_path / "home")], check=True)
    coffer = object.__new__(WatchedCoffer)
    Coffer.__init__(coffer, tmp_path / "home", prepared.password)
    coffer.secrets, coffer.recovery_key, coffer.kit = secrets, prepared.recovery_key, coffer.home / "kit.txt"
    return coffer


# What shows a secret: the arguments, and the names of secrets that must be seen on the way out, in locked memory:
# a watch that sees nothing would find nothing.
SHOWING = [
    ("get work/vk", ["password"]),
    ("get work/vk password", ["password"]),
    ("show work/vk --reveal", ["password"]),
    ("show work/vk --field password --reveal", ["password"]),
    ("show work/vk --json --reveal", ["password"]),
    ("show noted --reveal", ["notes, line 0", "notes, line 3"]),
    ("show noted --json --reveal", ["notes, line 0", "notes, line 3"]),
    ("get noted notes", ["notes, line 0", "notes, line 3"]),
    ("show work/vk", []),
    ("show work/vk --json", []),
    ("get work/vk username", []),
    ("get work/vk nosuchfield", []),
    ("show nosuchentry --reveal", []),
    ("ls", []),
    ("ls --json", []),
    ("find nothing-of-this --secrets", []),
    ("find work --secrets --json", []),
    ("get work/vk otp", []),
    ("get work/vk otp-uri", ["otp key in base32"]),
    ("get work/vk otp-secret", ["otp key in base32"]),
    ("show work/vk --reveal", ["otp key in base32"]),
    ("show work/vk --json --reveal", ["otp key in base32"]),
    ("otp work/vk", []),
    ("otp work/vk --json", []),
    ("otp counted --next", []),
    ("otp remove work/vk --yes", []),
    ("codes next work/vk", []),
    ("codes list work/vk", []),
    ("codes list work/vk --reveal", ["code 0", "code 5"]),
    ("codes list work/vk --json --reveal", ["code 0", "code 5"]),
    ("codes undo work/vk", []),
    ("show work/vk --reveal", ["code 0", "code 5"]),
    ("show work/vk --json --reveal", ["code 0", "code 5"]),
    ("get work/vk pin", ["field"]),
    ("get work/vk notes", ["notes, line 0"]),
    ("show work/vk --reveal", ["field", "notes, line 0"]),
    ("show work/vk --json --reveal", ["field", "notes, line 0"]),
    ("set work/vk password --generate", []),
    ("set work/vk pin --remove", []),
    ("history work/vk password --reveal", ["password"]),
    ("history work/vk --reveal", ["password"]),
    ("history work/vk --json --reveal", ["password"]),
    ("undo work/vk username", []),
    ("mv work/vk work/other", []),
    ("rm work/vk", []),
    ("join work/vk noted", []),
    ("verify", []),
    ("verify --deep", []),
    ("verify --salvage rescued.coffer --no-recovery-key --unsafe-test-kdf --iterations 1", []),
    ("keys", []),
    ("keys --json", []),
    ("kit new --output new-kit.txt", []),
]


def cases(rows):
    """Each command with its name for the report."""
    return [pytest.param(words.split(), *rest, id=words.replace(" ", "-")) for words, *rest in rows]


def lines_of(out):
    """What a command printed, in pieces long enough to be looked for in memory."""
    return [word for word in re.findall(rb"[!-~]{10,}", out)]


def told(finds):
    """Each secret and place once, with the first and the last moment it came there."""
    places = {}
    for find in finds:
        places.setdefault((find.name, find.place), []).append(find)
    return "\n".join(f"{found[0]!r} … until {found[-1].at}" for found in places.values())


def assert_nothing_found(watch, canaries, seen=()):
    finds, locked = watch.search(canaries)
    assert not finds, told(finds)
    assert watch.kept, "the program was never stopped"
    missing = set(seen) - locked
    assert not missing, f"not seen in locked memory, so the watch is blind: {missing}"


@pytest.mark.parametrize("arguments, seen", cases(SHOWING))
def test_what_shows_a_secret_keeps_it_in_locked_memory(watched, arguments, seen):
    watch, status, out, err = watched.watch(*arguments)
    assert status in (0, 2), err
    assert_nothing_found(watch, watched.canaries(), seen)


@pytest.mark.parametrize("arguments", [pytest.param(a, id="-".join(a)) for a in (
    ["get", "work/vk", "otp"], ["otp", "work/vk"], ["otp", "counted", "--next"], ["codes", "next", "work/vk"],
    ["generate", "--length", "40"], ["generate", "--length", "40", "--count", "3"],
)])
def test_what_makes_a_secret_keeps_it_in_locked_memory(watched, arguments):
    watch, status, out, err = watched.watch(*arguments, unlock=arguments[0] != "generate")
    assert status == 0, err
    made = lines_of(out)
    assert made, out
    assert_nothing_found(watch, watched.canaries(*made), [f"output {n}" for n in range(len(made))])


TAKING = [
    ("add another --password-stdin", dict(stdin="new_password")),
    ("add another", dict(fds={"--value-fd": "new_password"})),
    ("add another --template note --note-stdin", dict(stdin="notes")),
    ("add work/vk --username me --password-stdin", dict(stdin="new_password", status=9)),
    ("otp add noted --uri-stdin", dict(stdin="new_uri")),
    ("otp add noted --key-stdin", dict(stdin="new_key")),
    ("otp add noted --uri-stdin", dict(stdin="bad_uri", status=None)),
    ("codes add noted -", dict(stdin="new_codes")),
    ("codes replace work/vk - --yes", dict(stdin="new_codes")),
    ("codes mark-used work/vk -", dict(stdin="code")),
    ("codes mark-used work/vk -", dict(stdin="new_password", status=None)),
    ("set work/vk password", dict(fds={"--value-fd": "new_password"})),
    ("set work/vk password -", dict(stdin="new_password")),
    ("set work/vk pin -", dict(stdin="new_password")),
    ("set work/vk notes -", dict(stdin="notes")),
    ("passwd --iterations 600000", dict(fds={"--new-password-fd": "new_master"})),
    ("get work/vk", dict(fds={"--password-fd": "new_master"}, status=3)),
    ("get work/vk", dict(fds={"--recovery-key-fd": "recovery_key"})),
    ("get work/vk", dict(fds={"--recovery-key-fd": "new_master"}, status=3)),
    ("find --secrets --json nothing", dict(status=2)),
]


@pytest.mark.parametrize("arguments, how", cases(TAKING))
def test_what_takes_a_secret_keeps_it_in_locked_memory(watched, secrets, arguments, how):
    texts = {
        "new_password": secrets.new_password, "notes": secrets.notes, "new_master": secrets.new_master,
        "new_uri": secrets.uri(secrets.new_otp_key), "bad_uri": secrets.uri(secrets.new_otp_key) + "&period=never",
        "new_key": secrets.base32(secrets.new_otp_key).lower(), "new_codes": "\n".join(secrets.new_codes),
        "code": secrets.codes[2], "recovery_key": watched.recovery_key.decode(),
    }
    before = watched.canaries()
    fds = {option: texts[name].encode() + b"\n" for option, name in how.get("fds", {}).items()}
    stdin = texts[how["stdin"]].encode() + b"\n" if "stdin" in how else b""
    watch, status, out, err = watched.watch(*arguments, stdin=stdin, fds=fds)
    expected = how.get("status", 0)
    assert (status != 0) if expected is None else (status == expected), err
    assert_nothing_found(watch, before)


def test_a_new_vault_and_its_recovery_key_stay_in_locked_memory(tmp_path, secrets):
    home = WatchedCoffer(tmp_path / "home", secrets)
    home.vault.unlink()
    home.kit.unlink()
    watch, status, out, err = home.watch(
        "init", "--unsafe-test-kdf", "--iterations", "1", "--kit", str(home.kit),
        fds={"--new-password-fd": home.password + b"\n"}, unlock=False)
    assert status == 0, err
    home.recovery_key = re.search(rb"CR1-[0-9A-Z-]+", home.kit.read_bytes()).group()
    assert_nothing_found(watch, home.canaries())


@pytest.mark.parametrize("arguments, stdin", [pytest.param(a, s, id="-".join(a)) for a, s in (
    (["show", "work/vk", "--json", "--reveal"], None),
    (["add", "another", "--password-stdin"], "new_password"),
)])
def test_no_secret_is_in_ordinary_memory_at_any_system_call(watched, secrets, arguments, stdin):
    canaries, finds, locked, calls, pages = watched.canaries(), [], set(), [], {}

    def search(at, maps):
        calls.append(at)
        finds.extend(canaries.search(f"{at}, call {len(calls)}", maps, locked, pages))

    given = getattr(secrets, stdin).encode() + b"\n" if stdin else b""
    watch, status, out, err = watched.watch(*arguments, stdin=given, everywhere=search)
    assert status == 0, err
    assert not finds, told(finds)
    # The watch saw what it should see: the password while it was read, and keys while they were used.
    assert {"master password", "vault key", stdin.replace("_", " ") if stdin else "password"} <= locked
    assert_nothing_found(watch, canaries)
