"""`coffer show` for people and `coffer get` for scripts: which entry is meant, which field, and what is printed."""

import os
import re
import subprocess
import unicodedata

import pytest

from conflicts import forge, with_second_value
from conftest import PROGRAM, Coffer, pipe_with
from terminal import printed

SECRET = b"Zq8-not-for-eyes"
PIN = b"7391-not-for-eyes"
NOTE = b"first line\n  second line\n\nlast"
KEY = b"JBSWY3DPEHPK3PXP"
URI = b"otpauth://totp/VK:anna?secret=" + KEY + b"&issuer=VK&algorithm=SHA1&digits=6&period=30"
CODES = [b"3f9a01c7", b"88d2e4b0"]
SECRETS = [SECRET, PIN, b"second line", KEY, *CODES]
MASK = "••••••••".encode()


@pytest.fixture
def vk(coffer):
    """An entry with a field of every kind."""
    coffer.ok(
        "add", "work/vk", "--username", "anna", "--url", "https://b.example", "--url", "https://a.example", "--tag",
        "prod", "--template", "vk-cloud", "--note-stdin", stdin=NOTE, fds={"--value-fd": SECRET})
    coffer.ok("set", "work/vk", "region", "ru-moscow", "--plain")
    coffer.ok("set", "work/vk", "pin", "-", stdin=PIN + b"\n")
    coffer.ok("otp", "add", "work/vk", "--uri-stdin", stdin=URI)
    coffer.ok("codes", "add", "work/vk", "-", stdin=b"\n".join(CODES))
    return coffer


def refuse(coffer, status, *arguments, **options):
    """The command is refused with `status`, prints nothing, and says nothing secret."""
    before = coffer.vault.read_bytes()
    result = coffer.run(*arguments, **options)
    assert (result.status, result.out) == (status, b""), result
    assert f"coffer: error {status}: ".encode() in result.err
    assert not [secret for secret in SECRETS if secret in result.err]
    assert coffer.vault.read_bytes() == before
    return result.err.decode()


def near(error):
    """The names that an error calls near, or offers to choose from."""
    return re.search(r"(?:Near it|It has|Say which one): (.*)\.\n", error)[1].split(", ")


# --- show, for people


def lines(out):
    """The lines of a card, each as its label and its value."""
    return [tuple(line.split(maxsplit=1)) for line in out.decode().splitlines()]


def test_show_masks_every_secret_alike(vk):
    out = vk.ok("show", "work/vk")
    assert not [secret for secret in SECRETS if secret in out]
    card = lines(out)
    assert {("title", "work/vk"), ("username", "anna"), ("url", "https://a.example"), ("url", "https://b.example"),
            ("region", "ru-moscow"), ("user-domain", "users"), ("tags", "prod"), ("template", "vk-cloud")} <= set(card)
    # The mask does not tell how long a secret is.
    assert {value for label, value in card if label in ("password", "pin", "notes")} == {MASK.decode()}
    codes = [value for label, value in card if label == "codes"]
    assert len(codes) == 1 and codes[0].startswith("2 unused, 0 used")
    id = vk.ok("get", "work/vk", "id").decode().strip()
    assert ("id", f"id:{id[:8]}") in card


def test_show_reveals_everything_when_it_is_told_to(vk):
    out = vk.ok("show", "work/vk", "--reveal")
    assert not [secret for secret in SECRETS if secret not in out]
    assert MASK not in out and b"second line" in out


def test_show_of_one_field_masks_it_unless_revealed(vk):
    for option in ("-f", "--field"):
        for field, value in [("username", b"anna"), ("region", b"ru-moscow"), ("title", b"work/vk"),
                             ("template", b"vk-cloud")]:
            assert vk.ok("show", "work/vk", option, field) == value + b"\n"
        for field, value in [("password", SECRET), ("pin", PIN), ("notes", NOTE), ("otp-secret", KEY),
                             ("otp-uri", URI)]:
            assert vk.ok("show", "work/vk", option, field) == MASK + b"\n"
            assert vk.ok("show", "work/vk", option, field, "--reveal") == value + b"\n"


def test_one_field_as_json_is_json_or_is_refused(vk):
    """`--json` promises JSON: a script that reads it must not meet a mask."""
    result = vk.run("show", "work/vk", "-f", "username", "--json")
    if result.status == 64:
        assert result.out == b""
    else:
        assert result.status == 0
        result.json()


def test_show_finds_an_entry_in_the_trash_and_says_so(vk):
    vk.ok("rm", "work/vk")
    assert ("state", "in the trash") in lines(vk.ok("show", "work/vk"))
    assert vk.run("show", "work/vk", "--json").json()["state"] == "trash"
    assert "coffer restore work/vk" in refuse(vk, 2, "get", "work/vk")


# --- show --json, for other programs


TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_json_is_exactly_what_the_contract_says(vk):
    vk.ok("codes", "next", "work/vk")
    result = vk.run("show", "work/vk", "--json")
    assert not [secret for secret in SECRETS if secret in result.out]
    entry = result.json()
    assert re.fullmatch(r"[0-9a-f]{32}", entry.pop("id"))
    assert TIME.fullmatch(entry["created"]) and TIME.fullmatch(entry["modified"])
    assert entry.pop("created") <= entry.pop("modified")
    assert entry == {
        "title": "work/vk", "username": "anna", "urls": ["https://a.example", "https://b.example"], "tags": ["prod"],
        "template": "vk-cloud", "fields": {"region": "ru-moscow", "user-domain": "users"},
        "has": {"password": True, "otp": True, "notes": True}, "codes": {"sets": 1, "unused": 1, "used": 1},
        "conflicts": [], "state": "live"}


def test_json_reveals_secrets_under_a_key_of_their_own(vk):
    used = vk.ok("codes", "next", "work/vk").strip()
    masked, entry = vk.run("show", "work/vk", "--json").json(), vk.run("show", "work/vk", "--json", "--reveal").json()
    secrets = entry.pop("secrets")
    assert entry == masked
    codes = secrets.pop("codes")
    assert secrets == {
        "password": SECRET.decode(), "notes": NOTE.decode(), "otp": URI.decode(), "fields": {"pin": PIN.decode()}}
    assert all(set(code) == {"set", "code", "used", "retired"} for code in codes)
    assert {code["code"].encode(): code["used"] for code in codes} == {code: code == used for code in CODES}
    assert not any(code["retired"] for code in codes)


def test_json_of_an_empty_entry_has_the_same_keys(coffer):
    coffer.ok("add", "bare", "--template", "note")
    entry = coffer.run("show", "bare", "--json", "--reveal").json()
    assert list(entry) == [
        "id", "title", "username", "urls", "tags", "template", "fields", "has", "codes", "conflicts", "created",
        "modified", "state", "secrets"]
    assert entry["username"] is None and entry["template"] == "note" and entry["secrets"] == {}
    assert entry["has"] == {"password": False, "otp": False, "notes": False}
    coffer.ok("add", "login", "--generate")
    assert coffer.run("show", "login", "--json").json()["template"] is None


# --- get: which field


def test_get_prints_each_field_by_its_name(vk):
    for field, value in [((), SECRET), (("password",), SECRET), (("username",), b"anna"), (("notes",), NOTE),
                         (("region",), b"ru-moscow"), (("pin",), PIN), (("title",), b"work/vk"),
                         (("template",), b"vk-cloud"), (("otp-secret",), KEY), (("otp-uri",), URI)]:
        result = vk.run("get", "work/vk", *field)
        assert (result.status, result.out) == (0, value + b"\n"), (field, result)
    assert re.fullmatch(rb"[0-9a-f]{32}\n", vk.ok("get", "work/vk", "id"))
    codes = {vk.ok("otp", "work/vk"), vk.ok("get", "work/vk", "otp"), vk.ok("otp", "work/vk")}
    assert all(re.fullmatch(rb"\d{6}\n", code) for code in codes) and len(codes) <= 2


def test_get_of_several_urls_prints_the_first_and_says_so(vk):
    result = vk.run("get", "work/vk", "url")
    assert (result.status, result.out) == (0, b"https://a.example\n")
    assert b"2 URLs" in result.err and b"--json" in result.err


def test_get_of_a_tag_prints_it_like_a_url(vk):
    """docs/cli.md lists tag among the fields, and what get knows besides."""
    assert vk.ok("get", "work/vk", "tag") == b"prod\n"


def test_get_of_backup_codes_is_refused_and_names_next(vk):
    assert "coffer codes next" in refuse(vk, 64, "get", "work/vk", "codes")


def test_get_of_a_counter_is_refused_because_reading_it_would_use_it(coffer):
    coffer.add("token")
    coffer.ok("otp", "add", "token", "--uri-stdin", stdin=b"otpauth://hotp/x?secret=" + KEY + b"&counter=0")
    assert "coffer otp" in refuse(coffer, 64, "get", "token", "otp")


@pytest.mark.parametrize("field", ["password", "username", "url", "notes", "otp", "otp-secret", "otp-uri", "region"])
def test_a_field_that_is_not_there_is_not_found(coffer, field):
    coffer.ok("add", "bare", "--template", "note")
    for command in (["get", "bare", field], ["show", "bare", "-f", field], ["show", "bare", "-f", field, "--reveal"]):
        error = refuse(coffer, 2, *command)
        assert f"There is no {field} in bare." in error


def test_a_field_that_is_not_there_names_those_that_are(vk):
    error = refuse(vk, 2, "get", "work/vk", "regoin")
    assert "region" in near(error) and "pin" in near(error)


# --- get: exactly what


ODD_VALUES = [
    b" ", b"  spaces  ", b"\ttab\t", b"quote\"'`$(id)\\", b"\r", b"a\rb", b"a\nb", b"\n\n", b"\x1b[2J", b"\x7f\x01",
    "пароль".encode(), "e\u0301".encode(), "\u202eevil".encode(), "\ufeffmark".encode(), "🔑".encode(), b"-n", b"--help",
    b"x" * 4096, b"line\n" * 5000, "\U000e0041\ufdd0\uffff".encode()]


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value[:12].decode()))
def test_a_value_comes_out_as_it_went_in_and_a_newline_follows(coffer, value):
    coffer.add("odd")
    for field in ("password", "pin", "notes"):
        # One line feed ends what was piped in; in a field of one line, CR LF does.
        kept = value.removesuffix(b"\r") if field != "notes" else value
        result = coffer.run("set", "odd", field, fds={"--value-fd": value + b"\n"})
        assert result.status == (0 if kept else 64), result
        if not kept:
            continue
        assert coffer.ok("get", "odd", field) == kept + b"\n"
        revealed = coffer.run("show", "odd", "--json", "--reveal").json()["secrets"]
        assert (revealed["fields"] if field == "pin" else revealed)[field].encode() == kept


def test_a_user_name_comes_out_composed(coffer):
    coffer.add("odd", "--username", "Андрей é".replace("é", "e\u0301"))
    assert coffer.ok("get", "odd", "username").decode() == unicodedata.normalize("NFC", "Андрей é\n")


def test_on_a_terminal_a_value_stays_one_line_and_steers_nothing(coffer):
    coffer.add("odd", password=b"a\x1b[2Jb\rc")
    coffer.ok("set", "odd", "pin", "-", stdin=b"one\ntwo\n")
    assert printed(coffer, "get", "odd").out.endswith(b"\na\\u{1B}[2Jb\\rc\n")
    assert printed(coffer, "get", "odd", "pin").out.endswith(b"\none\\ntwo\n")


# --- Which entry


@pytest.fixture
def many(coffer):
    """Entries whose names are easily taken for each other."""
    for title, username in [("work/vk", "anna"), ("work/vk", "bob"), ("mail", "anna@example.com"), ("anna@home", None),
                            ("anna", "home"), ("a@b", "c"), ("a", "b@c"), ("bank", None)]:
        words = ["--username", username] if username else []
        coffer.add(title, *words, password=f"{title} of {username}".encode())
    return coffer


@pytest.mark.parametrize("name, words, found", [
    ("bank", (), "bank of None"), ("work/vk@anna", (), "work/vk of anna"), ("work/vk@bob", (), "work/vk of bob"),
    ("mail@anna@example.com", (), "mail of anna@example.com"), ("mail", (), "mail of anna@example.com"),
    # An exact title comes first.
    ("anna@home", (), "anna@home of None"), ("anna", (), "anna of home"),
    # The longest existing title before an @ wins.
    ("a@b@c", (), "a@b of c"), ("a@b", (), "a@b of c"), ("a", (), "a of b@c"),
    ("work/vk", ("--username", "bob"), "work/vk of bob"), ("a", ("--username", "b@c"), "a of b@c"),
    ("anna", ("--username", "home"), "anna of home")])
def test_an_entry_is_found_by_the_name_that_means_it(many, name, words, found):
    assert many.ok("get", name, *words) == found.encode() + b"\n"
    shown = many.run("show", name, *words, "--json", "--reveal").json()
    assert shown["secrets"]["password"] == found


def test_an_entry_is_found_by_the_start_of_its_id(many):
    id = many.ok("get", "work/vk@bob", "id").decode().strip()
    for start in (id, id[:8], id[:8].upper()):
        assert many.ok("get", f"id:{start}") == b"work/vk of bob\n"
    assert many.ok("get", f"id:{id[:8]}", "--username", "bob") == b"work/vk of bob\n"
    refuse(many, 2, "get", f"id:{id[:8]}", "--username", "anna")
    refuse(many, 2, "get", f"id:{id[:3]}")
    refuse(many, 2, "get", f"id:{id}0")
    refuse(many, 2, "get", "id:")


def test_a_title_that_looks_like_an_id_is_found_as_a_title(many):
    id = many.ok("get", "bank", "id").decode().strip()
    many.add(f"id:{id[:8]}", password=b"the title")
    assert many.ok("get", f"id:{id[:8]}") == b"the title\n"


@pytest.mark.parametrize("command", ["get", "show"])
def test_several_matches_are_refused_with_names_that_tell_them_apart(many, command):
    error = refuse(many, 2, command, "work/vk")
    assert "Several entries match work/vk." in error
    assert sorted(near(error)) == ["work/vk@anna", "work/vk@bob"]
    for name in near(error):
        assert many.run("get", name).status == 0


def test_entries_alike_to_the_letter_are_told_apart_by_id(many):
    many.add("work/vk", "--username", "bob", "--duplicate", password=b"another")
    error = refuse(many, 2, "get", "work/vk", "--username", "bob")
    assert len(near(error)) == 2 and all(name.startswith("id:") for name in near(error))
    assert {many.ok("get", name) for name in near(error)} == {b"work/vk of bob\n", b"another\n"}


@pytest.mark.parametrize("command", ["get", "show"])
@pytest.mark.parametrize("name, expected", [
    ("wrok/vk", "work/vk"), ("work/v", "work/vk"), ("work/vkk", "work/vk"), ("vk", "work/vk"), ("BANK", "bank"),
    ("bnak", "bank"), ("my bank", "bank")])
def test_a_slip_is_refused_with_what_was_meant_and_never_guessed(many, command, name, expected):
    error = refuse(many, 2, command, name)
    # Two entries are called work/vk: what is near tells them apart.
    assert f"There is no {name}." in error and expected in [shown.split("@")[0] for shown in near(error)]


@pytest.mark.parametrize("name, words", [("work/vk@nobody", ()), ("work/vk", ("--username", "nobody")),
                                         ("wrok/vk", ())])
def test_a_near_name_is_named_once(many, name, words):
    names = near(refuse(many, 2, "get", name, *words))
    assert len(names) == len(set(names)), names


def test_what_is_nowhere_near_is_refused_with_the_way_to_the_list(many):
    assert "coffer ls" in refuse(many, 2, "get", "xyzzy")


def test_a_title_and_its_near_ones_are_never_letters_of_another_case(many):
    refuse(many, 2, "get", "Bank")


def test_a_cyrillic_title_is_found_and_told_as_near(coffer):
    coffer.add("Яндекс/Почта")
    assert coffer.ok("get", "Яндекс/Почта") == b"a password\n"
    assert near(refuse(coffer, 2, "get", "почта")) == ["'Яндекс/Почта'"]


# --- Two values that nobody has chosen between


@pytest.mark.parametrize("number, name, value, secret", [
    (forge.PASSWORD, "password", "other", True), (forge.USERNAME, "username", "bob", False),
    (forge.NOTES, "notes", "other", True), (forge.TEMPLATE, "template", "api-key", False),
    ("region", "region", ["ru-spb", False], False), ("pin", "pin", ["0000", True], True)])
def test_a_field_in_conflict_is_refused_unless_the_newest_will_do(vk, number, name, value, secret):
    with_second_value(vk, number, value)
    text = value if isinstance(value, str) else value[0]
    show = ["show", "work/vk", "-f", name]
    for command in (["get", "work/vk", name], show, [*show, "--reveal"]):
        # Asked for in a masked form, nothing is chosen.
        if command == show and secret and vk.run(*command).out == MASK + b"\n":
            continue
        error = refuse(vk, 8, *command)
        assert "--pick newest" in error and f"resolve work/vk {name}" in error
    assert vk.ok("get", "work/vk", name, "--pick", "newest") == text.encode() + b"\n"
    # The other fields are as readable as ever.
    assert vk.ok("get", "work/vk", "url") == b"https://a.example\n"
    assert vk.run("show", "work/vk", "--json").json()["conflicts"] == [name]
    assert b"has 2 values" in vk.ok("show", "work/vk")


def test_a_one_time_password_in_conflict_is_refused_in_every_form(vk):
    with_second_value(vk, forge.OTP, URI.replace(KEY, b"GEZDGNBVGY3TQOJQ").decode())
    for field in ("otp", "otp-uri", "otp-secret"):
        refuse(vk, 8, "get", "work/vk", field)
    assert vk.ok("get", "work/vk", "otp-secret", "--pick", "newest") == b"GEZDGNBVGY3TQOJQ\n"
    assert vk.run("show", "work/vk", "--json").json()["conflicts"] == ["otp"]


def test_a_title_in_conflict_is_refused_like_any_other_field(vk):
    id = with_second_value(vk, forge.TITLE, "cloud/vk")
    error = refuse(vk, 8, "get", f"id:{id[:8]}", "title")
    assert "--pick newest" in error
    assert vk.ok("get", f"id:{id[:8]}", "title", "--pick", "newest") == b"cloud/vk\n"
    assert vk.run("show", f"id:{id[:8]}", "--json").json()["conflicts"] == ["title"]


def test_equal_values_are_no_conflict(vk):
    with_second_value(vk, forge.PASSWORD, SECRET.decode())
    assert vk.ok("get", "work/vk") == SECRET + b"\n"
    assert vk.run("show", "work/vk", "--json").json()["conflicts"] == []


def test_another_word_than_newest_is_a_usage_error(vk):
    assert "newest" in refuse(vk, 64, "get", "work/vk", "--pick", "oldest")


# --- Where the output goes


def run_with(coffer, *arguments, close=(), stdout=subprocess.PIPE):
    """Runs a command with some of its first three descriptors closed."""
    password = pipe_with(coffer.password + b"\n")
    done = subprocess.run(
        [PROGRAM, *arguments, "--password-fd", str(password)], stdin=subprocess.DEVNULL, stdout=stdout,
        stderr=subprocess.PIPE, pass_fds=[password], env=coffer.environment, cwd=coffer.home, start_new_session=True,
        preexec_fn=lambda: [os.close(number) for number in close], timeout=60)
    os.close(password)
    return done


@pytest.mark.parametrize("words", [["get", "work/vk"], ["show", "work/vk"], ["show", "work/vk", "--json"]])
def test_a_reader_that_has_gone_is_no_error_to_tell(vk, words):
    reading, writing = os.pipe()
    os.close(reading)
    done = run_with(vk, *words, stdout=writing)
    os.close(writing)
    assert done.returncode == 141 and b"error" not in done.stderr, done


@pytest.mark.parametrize("words", [["get", "work/vk"], ["show", "work/vk", "--reveal"]])
def test_a_closed_standard_output_is_an_error(vk, words):
    done = run_with(vk, *words, close=[1])
    assert done.returncode == 1 and b"Standard output cannot be written" in done.stderr
    assert SECRET not in done.stderr


@pytest.mark.parametrize("close", [[0], [1], [2], [1, 2], [0, 1, 2]], ids=str)
def test_what_is_said_into_a_closed_descriptor_reaches_no_file(vk, close):
    """A file that is opened next must not get the number of the closed output."""
    names = ["vault.coffer.lock", "vault.coffer"]
    run_with(vk, "set", "work/vk", "region", "ru-spb", close=close)
    run_with(vk, "get", "work/vk", close=close)
    assert vk.ok("get", "work/vk", "region") == b"ru-spb\n"
    assert vk.run("verify", "--deep").status == 0
    for name in names:
        content = (vk.home / name).read_bytes()
        assert SECRET not in content and b"warning" not in content
    assert (vk.home / "vault.coffer.lock").stat().st_size == 0


# --- Which vault


def test_the_vault_is_the_option_else_the_variable_else_the_usual_place(tmp_path):
    home = Coffer(tmp_path / "home")
    places = {name: home.home / name for name in ("option", "variable")}
    places["usual"] = home.home / "data/coffer/vault.coffer"
    for name, place in places.items():
        home.vault = place
        home.init("--vault", place)
        home.add("vk", password=f"in {name}".encode())
    data = {"XDG_DATA_HOME": str(home.home / "data")}
    variable = {"COFFER_VAULT": str(places["variable"])}
    for command in ("get", "show"):
        words = ["vk"] if command == "get" else ["vk", "-f", "password", "--reveal"]
        assert home.ok(command, *words, "--vault", places["option"], env={**data, **variable}) == b"in option\n"
        assert home.ok(command, *words, env={**data, **variable}) == b"in variable\n"
        assert home.ok(command, *words, env={**data, "COFFER_VAULT": ""}) == b"in usual\n"
    # A relative place is invalid by the XDG specification, and ignored.
    result = home.run("get", "vk", env={"XDG_DATA_HOME": "data", "COFFER_VAULT": ""})
    assert result.status == 2 and b".local/share/coffer/vault.coffer" in result.err, result


@pytest.mark.parametrize("command", [["get", "vk"], ["show", "vk"]])
def test_a_vault_that_is_not_there_is_named_with_the_way_to_one(home, command):
    result = home.run(*command)
    assert (result.status, result.out) == (2, b""), result
    assert str(home.vault).encode() in result.err and b"coffer init" in result.err
    assert list(home.home.iterdir()) == []


@pytest.mark.parametrize("command", ["get", "show"])
def test_without_a_title_the_command_line_is_not_understood(coffer, command):
    assert "TITLE is missing" in refuse(coffer, 64, command)


def test_a_counter_is_shown_where_it_is_now(coffer):
    """A link with the old one, taken over elsewhere, would give spent codes again."""
    coffer.add("token")
    coffer.ok("otp", "add", "token", "--uri-stdin", stdin=b"otpauth://hotp/x?secret=" + KEY + b"&counter=5")
    for _ in range(3):
        coffer.ok("otp", "token", "--next")
    shown = coffer.run("show", "token", "--json", "--reveal").json()["secrets"]["otp"]
    assert "counter=8" in shown and shown == coffer.ok("get", "token", "otp-uri").decode().strip()
    assert b"counter=8" in coffer.ok("show", "token", "--reveal")


def test_a_script_gets_no_value_that_nobody_has_chosen(coffer):
    coffer.add("work/vk", password=b"one")
    coffer.ok("set", "work/vk", "pin", "-", stdin=b"4711\n")
    with_second_value(coffer, forge.PASSWORD, "two")
    entry = coffer.run("show", "work/vk", "--json", "--reveal").json()
    assert entry["conflicts"] == ["password"] and entry["secrets"] == {"fields": {"pin": "4711"}}
    entry = coffer.run("show", "work/vk", "--json", "--reveal", "--pick", "newest").json()
    assert entry["secrets"] == {"password": "two", "fields": {"pin": "4711"}}
