"""`coffer init`: a vault for its owner only, a recovery key that counts once it is kept, nothing left of a failure."""

import os
import re
import stat

import pytest

from conftest import MASTER_PASSWORD
from terminal import answer, asked, end, interrupt, shown

CHEAP = ("--unsafe-test-kdf", "--iterations", "1")
FLOOR = 600_000
RECOVERY_KEY = rb"CR1(-[0-9A-Z]{4}){9}"


def init(home, *words, password=MASTER_PASSWORD, **options):
    return home.run("init", *words, fds={"--new-password-fd": password + b"\n"}, unlock=False, **options)


def left(home):
    """Everything that lies in the home, but for the machine's own name, which belongs to no vault."""
    state = home.home / ".local" / "state"
    paths = [path for path in home.home.rglob("*") if state != path and state not in path.parents]
    return sorted(str(path.relative_to(home.home)) for path in paths if path != state.parent)


def refuse(home, status, *words, **options):
    """The command is refused with `status`, and nothing is there afterwards that was not there before."""
    before = left(home)
    result = init(home, *words, **options)
    assert (result.status, result.out) == (status, b""), result
    assert f"coffer: error {status}: ".encode() in result.err
    assert left(home) == before
    assert MASTER_PASSWORD not in result.err
    return result.err.decode()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def key_of(sheet):
    return re.search(RECOVERY_KEY, sheet.read_bytes()).group()


def slots(home, role, **options):
    return [slot for slot in home.run("keys", "--json", **options).json() if slot["role"] == role]


# --- The file and its place


def test_a_vault_in_its_usual_place_is_for_its_owner_only(home):
    data = home.home / "data"
    usual = {"COFFER_VAULT": "", "XDG_DATA_HOME": str(data)}
    result = init(home, *CHEAP, "--no-recovery-key", env=usual, preexec_fn=lambda: os.umask(0))
    assert (result.status, result.out) == (0, b""), result
    assert mode(data / "coffer") == 0o700 and mode(data / "coffer/vault.coffer") == 0o600
    assert home.ok("ls", env=usual) == b""


def test_without_a_variable_the_vault_lies_below_the_home(home):
    result = init(home, *CHEAP, "--no-recovery-key", env={"COFFER_VAULT": ""})
    assert result.status == 0, result
    assert mode(home.home / ".local/share/coffer") == 0o700
    assert mode(home.home / ".local/share/coffer/vault.coffer") == 0o600


def test_the_option_comes_before_the_variable_and_a_new_folder_is_private(home):
    place = home.home / "new" / "folder" / "v"
    result = init(home, *CHEAP, "--no-recovery-key", "--vault", place)
    assert result.status == 0, result
    assert mode(place) == 0o600 and mode(place.parent) == mode(place.parent.parent) == 0o700
    assert not home.vault.exists()


def test_success_says_where_and_what_to_do_next(home):
    result = init(home, *CHEAP, "--no-recovery-key")
    assert result.out == b""
    assert str(home.vault).encode() in result.err and b"coffer add" in result.err


def test_a_vault_that_is_there_is_refused_before_anything_is_asked(coffer):
    before = coffer.vault.read_bytes()
    error = refuse(coffer, 9, *CHEAP, "--no-recovery-key")
    assert str(coffer.vault) in error
    child = asked(coffer, "init", *CHEAP, unlock=False)
    assert end(child) == 9
    assert b"password: " not in shown(child)
    assert coffer.vault.read_bytes() == before


# --- What must be given without a terminal


def test_without_a_terminal_the_recovery_key_needs_an_option(home):
    error = refuse(home, 64, *CHEAP)
    assert "--kit" in error and "--no-recovery-key" in error


def test_without_a_terminal_the_password_needs_an_option(home):
    result = home.run("init", *CHEAP, "--no-recovery-key", unlock=False)
    assert (result.status, result.out) == (64, b""), result
    assert b"--new-password-fd" in result.err and left(home) == []


def test_on_a_terminal_nothing_is_asked_with_no_input(home):
    child = asked(home, "init", *CHEAP, "--no-input", unlock=False)
    assert end(child) == 64
    assert b"--kit" in shown(child) and left(home) == []


def test_a_kit_and_no_recovery_key_exclude_each_other(home):
    assert "--no-recovery-key" in refuse(home, 64, *CHEAP, "--no-recovery-key", "--kit", "kit.txt")


@pytest.mark.parametrize("password, words", [
    (b"", "empty"), (b"a\0b", "NUL"), (b"\xff\xfe", "not UTF-8"), (b"x" * 1025, "1,024 bytes")])
def test_what_cannot_be_a_master_password_is_refused(home, password, words):
    error = refuse(home, 64, *CHEAP, "--no-recovery-key", password=password)
    assert words in error


def test_a_password_is_the_same_however_it_is_composed(home):
    home.password = "пароль й".encode()
    home.init()
    home.password = "пароль и\u0306".encode()
    assert home.run("ls").status == 0


# --- The recovery sheet


def test_the_key_on_the_sheet_opens_the_vault(home):
    sheet = home.home / "kit.txt"
    result = init(home, *CHEAP, "--kit", sheet)
    assert (result.status, result.out) == (0, b""), result
    assert mode(sheet) == 0o600 and str(home.vault).encode() in sheet.read_bytes()
    key = key_of(sheet)
    assert key not in result.err and str(sheet).encode() in result.err
    home.add("site", password=b"s3cret")
    assert home.ok("get", "site", fds={"--recovery-key-fd": key + b"\n"}) == b"s3cret\n"
    assert len(slots(home, "recovery")) == 1
    assert MASTER_PASSWORD not in sheet.read_bytes()


def test_without_a_recovery_key_only_the_password_opens(home):
    assert init(home, *CHEAP, "--no-recovery-key").status == 0
    assert slots(home, "recovery") == [] and len(slots(home, "password")) == 1


# --- The cost of opening


@pytest.mark.parametrize("kdf, iterations", [
    ("pbkdf2-hmac-sha512", 599_999), ("pbkdf2-hmac-sha512", 1), ("pbkdf2-hmac-sha256", 599_999),
    ("pbkdf2-hmac-sha512", 0), ("pbkdf2-hmac-sha512", 20_000_001), ("pbkdf2-hmac-sha512", 2**32 - 1),
    ("argon2id", 0), ("argon2id", 21)])
def test_a_cost_out_of_bounds_is_refused_with_the_bounds(home, kdf, iterations):
    error = refuse(home, 64, "--no-recovery-key", "--kdf", kdf, "--iterations", iterations)
    assert "--iterations" in error and (str(FLOOR) in error or kdf == "argon2id")


@pytest.mark.parametrize("words", [
    ("--kdf", "rot13"), ("--unlock-seconds", "0"), ("--unlock-seconds", "-1"), ("--unlock-seconds", "61"),
    ("--unlock-seconds", "nan"), ("--iterations", "many"), ("--iterations", "0", "--unsafe-test-kdf")])
def test_a_cost_that_is_none_is_a_usage_error(home, words):
    error = refuse(home, 64, "--no-recovery-key", *words)
    assert words[0] in error


@pytest.mark.parametrize("kdf, cost, expected", [
    ("pbkdf2-hmac-sha512", FLOOR, {"iterations": FLOOR}), ("pbkdf2-hmac-sha256", FLOOR, {"iterations": FLOOR}),
    ("argon2id", 1, {"passes": 1})])
def test_each_kdf_makes_a_vault_that_opens_with_its_password_only(home, kdf, cost, expected):
    assert init(home, "--no-recovery-key", "--kdf", kdf, "--iterations", cost).status == 0
    result = home.run("keys", "--json")
    assert b"warning" not in result.err
    [slot] = result.json()
    assert slot | {"kdf": kdf, "test": False, **expected} == slot
    assert kdf != "argon2id" or 64 * 1024 <= slot["memory_kib"] <= 2 * 1024 * 1024
    assert home.run("ls", fds={"--password-fd": b"wrong\n"}).status == 3


@pytest.mark.parametrize("kdf", ["pbkdf2-hmac-sha512", "pbkdf2-hmac-sha256"])
def test_a_measured_cost_is_never_below_the_floor(home, kdf):
    assert init(home, "--no-recovery-key", "--kdf", kdf, "--unlock-seconds", "0.001").status == 0
    assert slots(home, "password")[0]["iterations"] >= FLOOR


def test_a_vault_made_for_tests_warns_whenever_it_is_opened(home):
    home.init()
    home.add("site")
    home.ok("otp", "add", "site", "--key-stdin", stdin=b"JBSWY3DPEHPK3PXP")
    for words in (["ls"], ["ls", "--json"], ["find", "site"], ["show", "site"], ["get", "site"], ["otp", "site"],
                  ["history", "site"], ["codes", "list", "site"], ["keys"], ["verify"], ["set", "site", "tag", "t"],
                  ["rm", "site"]):
        result = home.run(*words)
        assert result.status == 0, result
        assert b"warning: " in result.err and b"--unsafe-test-kdf" in result.err, words
        assert b"--unsafe-test-kdf" not in result.out
    assert slots(home, "password")[0]["test"] is True


# --- The key file


def test_a_key_file_is_made_and_needed(home):
    key_file = home.home / "key"
    assert init(home, *CHEAP, "--no-recovery-key", "--key-file", key_file).status == 0
    assert mode(key_file) == 0o600
    assert home.run("ls", "--key-file", key_file).status == 0
    other = home.home / "other"
    other.write_bytes(key_file.read_bytes()[::-1])
    without, wrong_file = home.run("ls"), home.run("ls", "--key-file", other)
    wrong_password = home.run("ls", "--key-file", key_file, fds={"--password-fd": b"wrong\n"})
    assert without.status == wrong_file.status == wrong_password.status == 3
    # Nobody learns which of the two it was; that a file is asked for stands in the header.
    assert wrong_file.err == wrong_password.err
    assert b"Pass --key-file FILE" in without.err
    missing = home.run("ls", "--key-file", home.home / "missing")
    assert missing.status == 3 and b"missing" in missing.err, missing


def test_a_key_file_that_is_there_is_taken_and_stays_as_it_is(home):
    key_file = home.home / "key"
    assert init(home, *CHEAP, "--no-recovery-key", "--key-file", key_file).status == 0
    before = key_file.read_bytes()
    second = home.home / "second.coffer"
    assert init(home, *CHEAP, "--no-recovery-key", "--key-file", key_file, "--vault", second).status == 0
    assert key_file.read_bytes() == before
    assert home.run("ls", "--vault", second, "--key-file", key_file).status == 0


# --- The machine's name


def test_the_machine_is_called_what_it_was_told(home):
    assert init(home, *CHEAP, "--no-recovery-key", "--machine", "рабочий").status == 0
    home.add("site")
    assert {row["machine"] for row in home.run("history", "site", "--json").json()} == {"рабочий"}
    assert slots(home, "password")[0]["machine"] == "рабочий"


@pytest.mark.parametrize("name", ["a" * 17, "рабочая станция", "a\x1b[2Jb"], ids=["long", "long in bytes", "control"])
def test_a_machine_name_that_cannot_be_kept_as_it_is_is_refused(home, name):
    """Refused, not cut or repaired, like every other text (docs/cli.md: up to 16 bytes)."""
    result = init(home, *CHEAP, "--no-recovery-key", "--machine", name)
    assert result.status in (7, 64) and b"machine" in result.err, result
    assert left(home) == []


# --- On a terminal


def answer_group(child, key, wrong=False):
    child.expect(rb"Type group (\d) ")
    number = int(child.match.group(1))
    answer(child, ": ", b"ZZZZ" if wrong else key.split(b"-")[number])
    return number


def begin(home, *words, password=MASTER_PASSWORD):
    """`init` on a terminal up to the recovery key, which is returned too."""
    child = asked(home, "init", *CHEAP, *words, unlock=False)
    answer(child, "master password: ", password)
    answer(child, "again: ", password)
    child.expect(RECOVERY_KEY)
    return child, child.match.group()


def test_on_a_terminal_the_recovery_key_is_shown_once_and_asked_back(home):
    child, key = begin(home)
    groups = {answer_group(child, key), answer_group(child, key)}
    assert end(child) == 0
    screen = shown(child)
    assert len(groups) == 2
    assert screen.count(key) == 1 and MASTER_PASSWORD not in screen
    # What is typed back is not shown either.
    assert all(screen.count(key.split(b"-")[number]) == 1 for number in groups)
    instructions = screen[screen.rindex(b"Type group"):]
    assert str(home.vault).encode() in instructions and b"coffer add TITLE" in instructions
    assert mode(home.vault) == 0o600
    assert home.run("ls", fds={"--recovery-key-fd": key + b"\n"}).status == 0
    assert home.run("ls").status == 0


def test_a_slip_in_a_group_may_be_mended(home):
    child, key = begin(home)
    answer_group(child, key, wrong=True)
    answer_group(child, key)
    answer_group(child, key, wrong=True)
    answer_group(child, key)
    assert end(child) == 0 and home.vault.exists()


def test_no_vault_remains_of_a_recovery_key_that_was_not_confirmed(home):
    child, key = begin(home)
    answer_group(child, key)
    for _ in range(3):
        answer_group(child, key, wrong=True)
    assert end(child) == 9
    assert b"was not confirmed" in shown(child)
    assert left(home) == []


def test_passwords_that_differ_make_no_vault(home):
    child = asked(home, "init", *CHEAP, "--no-recovery-key", unlock=False)
    for _ in range(3):
        answer(child, "master password: ", "one password here")
        answer(child, "again: ", "another password")
    assert end(child) == 1
    screen = shown(child)
    assert b"not the same both times" in screen and b"Try again" in screen
    assert b"one password here" not in screen and b"another password" not in screen
    assert left(home) == []


def test_an_empty_password_makes_no_vault(home):
    child = asked(home, "init", *CHEAP, "--no-recovery-key", unlock=False)
    answer(child, "master password: ", "")
    answer(child, "again: ", "")
    assert end(child) == 64
    assert left(home) == []


def test_a_short_password_is_commented_on_and_taken(home):
    child = asked(home, "init", *CHEAP, "--no-recovery-key", unlock=False)
    answer(child, "master password: ", "short")
    answer(child, "again: ", "short")
    assert end(child) == 0
    assert b"coffer generate --words 6" in shown(child)


@pytest.mark.parametrize("question", [0, 1, 2, 3])
def test_ctrl_c_at_any_question_leaves_nothing(home, question):
    if question < 2:
        child = asked(home, "init", *CHEAP, unlock=False)
        if question:
            answer(child, "master password: ", MASTER_PASSWORD)
        interrupt(child, ["master password: ", "again: "][question])
    else:
        child, key = begin(home)
        if question == 3:
            answer_group(child, key)
        interrupt(child, "Type group .*: ")
    assert end(child) == 130
    assert left(home) == []


# --- What a failure leaves


def test_a_sheet_that_cannot_be_written_leaves_no_vault(home):
    assert refuse(home, 1, *CHEAP, "--kit", home.home / "missing" / "kit.txt")
    assert refuse(home, 1, *CHEAP, "--kit", "missing/kit.txt", "--vault", home.home / "new" / "v")
    there = home.home / "there"
    there.write_text("precious")
    assert refuse(home, 9, *CHEAP, "--kit", there)
    assert there.read_text() == "precious"


def test_a_vault_that_cannot_be_written_leaves_no_sheet(home):
    (home.home / "file").write_text("precious")
    refuse(home, 1, *CHEAP, "--kit", home.home / "kit.txt", "--vault", home.home / "file" / "v")


@pytest.mark.parametrize("words, status", [
    (("--no-recovery-key", "--iterations", "5"), 64), (("--no-recovery-key", "--kdf", "rot13"), 64),
    ((*CHEAP, "--kit", "missing/kit.txt"), 1), ((*CHEAP, "--no-recovery-key", "--vault", "file/v"), 1)])
def test_a_failure_leaves_no_key_file(home, words, status):
    (home.home / "file").write_text("precious")
    refuse(home, status, *words, "--key-file", home.home / "key")


def test_a_recovery_key_that_was_not_confirmed_leaves_no_key_file(home):
    child, key = begin(home, "--key-file", home.home / "key")
    for _ in range(3):
        answer_group(child, key, wrong=True)
    assert end(child) == 9
    assert left(home) == []


def test_a_key_file_that_was_there_outlives_a_failure(home):
    key_file = home.home / "key"
    key_file.write_bytes(bytes(range(64)))
    refuse(home, 1, *CHEAP, "--kit", "missing/kit.txt", "--key-file", key_file)
    assert key_file.read_bytes() == bytes(range(64))
