"""`coffer run`: a program with secrets in its environment, from options and files, and what becomes of its failures."""

import os
import re
import time

import pytest

from clouds import KEY, PASSWORD, is_fresh, set_secret, variables
from conflicts import forge, with_second_value
from running import ENV, TOKEN, TOKEN_REFERENCE, api, got, refuse, written
from terminal import asked, end, shown


# --- --env


def test_a_variable_is_set_to_what_the_reference_points_to(api):
    result = api.run(
        "run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--env", "_p2=coffer://work/api/password", "--env",
        "WHO=coffer://work/api/username", "--env", "ZONE=coffer://work/api/region", *ENV)
    assert result.status == 0, result
    environment = variables(result.out)
    assert (environment[b"TOKEN"], environment[b"_p2"]) == (TOKEN, PASSWORD)
    assert (environment[b"WHO"], environment[b"ZONE"]) == (b"anna", b"ru-moscow")
    # The caller's own variables are there as they were.
    assert {name: environment[name.encode()].decode() for name in api.environment} == api.environment
    assert len(environment) == 4 + len(api.environment)
    assert TOKEN not in result.err and PASSWORD not in result.err


def test_a_variable_of_the_caller_is_replaced_and_only_once_there(api):
    out = api.ok("run", "--env", f"TOKEN={TOKEN_REFERENCE}", *ENV, env={"TOKEN": "of the caller", "TOKEN2": "other"})
    assert [line for line in out.split(b"\0") if line.startswith(b"TOKEN")].count(b"TOKEN=" + TOKEN) == 1
    assert b"of the caller" not in out and b"TOKEN2=other\0" in out


def test_of_two_settings_of_a_name_the_later_one_holds(api):
    file = written(api, b"TOKEN=text\nWHO=first\nWHO=second\n")
    environment = got(api, "--env-file", file, "--env", f"TOKEN={TOKEN_REFERENCE}")
    assert (environment[b"TOKEN"], environment[b"WHO"]) == (TOKEN, b"second")
    other = written(api, b"WHO=third\n", "other.env")
    assert got(api, "--env-file", file, "--env-file", other)[b"WHO"] == b"third"
    assert got(api, "--env-file", other, "--env-file", file)[b"WHO"] == b"second"


@pytest.mark.parametrize("value", [
    b"two\nlines\n\nand more", b"quote\"'`$(id)\\ *", b" blanks ", b"=", b"a=b", "пароль".encode(), b"\x1b[2J\x7f",
    b"x" * 100_000], ids=lambda value: repr(value[:10]))
def test_a_value_is_there_byte_for_byte(api, value):
    set_secret(api, "work/api", "token", value)
    assert got(api, "--env", f"TOKEN={TOKEN_REFERENCE}")[b"TOKEN"] == value


def test_a_reference_names_an_entry_as_the_command_line_does(coffer):
    coffer.add("a/b/c", "--username", "anna", password=b"of anna")
    coffer.add("a/b/c", "--username", "bob", password=b"of bob")
    coffer.add("a/b", password=b"of a/b")
    coffer.add("with blank", password=b"of blank")
    coffer.add("Ключ/й", password=b"of letters")
    number = coffer.ok("get", "a/b", "id").decode().strip()
    for title, value in [("a/b/c@anna", b"of anna"), ("a/b/c@bob", b"of bob"), ("a/b", b"of a/b"),
                         (f"id:{number}", b"of a/b"), (f"id:{number[:8]}", b"of a/b"), ("with blank", b"of blank"),
                         ("Ключ/й", b"of letters")]:
        assert got(coffer, "--env", f"P=coffer://{title}/password")[b"P"] == value
    assert "a/b/c@anna" in refuse(coffer, "--env", "P=coffer://a/b/c/password", inner=2)


def test_a_code_is_current_and_stays_so_for_a_while(api):
    since = time.time()
    environment = got(api, "--env", "CODE=coffer://work/api/otp")
    assert is_fresh(environment[b"CODE"].decode(), since)


@pytest.mark.parametrize("setting", [
    "TOKEN", "=coffer://work/api/token", "2X=coffer://work/api/token", "A B=coffer://work/api/token",
    "A-B=coffer://work/api/token", "Й=coffer://work/api/token", "X=coffer://", "X=coffer:///token",
    "X=coffer://work", "X=coffer://work/", "X=Coffer://work/api/token", "X=", ""])
def test_what_is_no_variable_and_reference_is_refused(api, setting):
    refuse(api, f"--env={setting}", inner=64)


def test_a_file_that_signs_in_does_so_alone(api):
    file = written(api, b"OS_AUTH_URL=https://a.example/v3\nOS_PASSWORD=" + TOKEN_REFERENCE.encode() + b"\n")
    environment = got(api, "--env-file", file, env={"OS_TOKEN": "stale", "OS_CLOUD": "stale", "OSX": "mine"})
    assert {name for name in environment if name.startswith(b"OS")} == {b"OS_AUTH_URL", b"OS_PASSWORD", b"OSX"}
    other = written(api, b"OS_REGION_NAME=r\n", "other.env")
    assert got(api, "--env-file", other, env={"OS_CLOUD": "mine"})[b"OS_CLOUD"] == b"mine"


def test_the_variable_that_has_no_value_is_named(api):
    file = written(api, f"A={TOKEN_REFERENCE}\nB=coffer://work/gone/token\n".encode())
    assert "coffer: the variable B has no value:\ncoffer: error 2: " in refuse(api, "--env-file", file, inner=2)


def test_a_secret_in_place_of_a_reference_is_refused_and_not_repeated(api):
    error = refuse(api, "--env", "TOKEN=" + TOKEN.decode())
    assert "coffer://TITLE/FIELD" in error


@pytest.mark.parametrize("reference, inner", [
    ("coffer://work/apj/token", 2), ("coffer://work/api/tokem", 2), ("coffer://nowhere/password", 2),
    ("coffer://work/api/codes", 64), ("coffer://id:0000/password", 2)])
def test_nothing_is_run_when_a_reference_points_nowhere(api, reference, inner):
    error = refuse(
        api, "--env", f"TOKEN={TOKEN_REFERENCE}", "--env", f"X={reference}", "--env", "Y=coffer://work/api/password",
        inner=inner)
    if inner == 2 and "id:" not in reference and "nowhere" not in reference:
        assert "Near it" in error or "It has" in error


def test_a_counter_is_not_used_up_by_a_reference(coffer):
    coffer.add("token")
    coffer.ok("otp", "add", "token", "--uri-stdin", stdin=f"otpauth://hotp/x?secret={KEY}&counter=0".encode())
    assert "coffer otp" in refuse(coffer, "--env", "CODE=coffer://token/otp", inner=64)


def test_an_entry_in_the_trash_is_not_used(api):
    api.ok("rm", "work/api")
    assert "coffer restore work/api" in refuse(api, "--env", f"TOKEN={TOKEN_REFERENCE}", inner=2)


@pytest.mark.parametrize("field, name", [(forge.PASSWORD, "password"), (forge.USERNAME, "username")])
def test_a_conflict_runs_nothing_unless_the_newest_is_picked(api, field, name):
    with_second_value(api, field, "of the laptop", title="work/api")
    error = refuse(api, "--env", f"X=coffer://work/api/{name}", inner=8)
    assert f"resolve work/api {name}" in error
    assert got(api, "--env", f"X=coffer://work/api/{name}", "--pick", "newest")[b"X"] == b"of the laptop"
    # The entry's other fields are as good as ever.
    assert got(api, "--env", f"TOKEN={TOKEN_REFERENCE}")[b"TOKEN"] == TOKEN


# --- --env-file


def test_a_file_sets_texts_and_references(api):
    file = written(api, b"""# A comment, and an empty line

TOKEN=coffer://work/api/token
export PASSWORD=coffer://work/api/password
  INDENTED=text \t
\texport   AGAIN=text
EMPTY=
EMPTY_QUOTES=""
DOUBLE="two words # and $HOME"
SINGLE='it is "so" \\n'
QUOTED="coffer://work/api/username"
PLAIN=a b # c $(id) `id` $HOME \\t
EQUALS=a=b==
AROUND=  x\t
HASH=#x
QUOTE_INSIDE=it's
exported=1
LAST=coffer://work/api/region""")
    environment = got(api, "--env-file", file)
    assert {name.decode(): value for name, value in environment.items() if name.decode() not in api.environment} == {
        "TOKEN": TOKEN, "PASSWORD": PASSWORD, "INDENTED": b"text", "AGAIN": b"text", "EMPTY": b"", "EMPTY_QUOTES": b"",
        "DOUBLE": b"two words # and $HOME", "SINGLE": b'it is "so" \\n', "QUOTED": b"anna",
        "PLAIN": rb"a b # c $(id) `id` $HOME \t", "EQUALS": b"a=b==", "AROUND": b"x", "HASH": b"#x",
        "QUOTE_INSIDE": b"it's", "exported": b"1", "LAST": b"ru-moscow"}


@pytest.mark.parametrize("last", [b"\r\n", b"", b"\r"])
def test_a_file_of_another_system_has_the_same_lines(api, last):
    file = written(api, b"# mine\r\n\r\nONE=1\r\nTOKEN=coffer://work/api/token\r\nQUOTED='a b'\r\nTWO=2" + last)
    environment = got(api, "--env-file", file)
    assert [environment.get(name) for name in (b"ONE", b"TOKEN", b"QUOTED", b"TWO")] == [b"1", TOKEN, b"a b", b"2"]


def test_a_file_may_have_letters_of_all_languages(api):
    file = written(api, "TEXT=пароль 漢字 🔑 e\u0301\nMARK=\u0301x\nQUOTED='\u0301x'\n# \u0301\n".encode())
    environment = got(api, "--env-file", file)
    assert environment[b"TEXT"].decode() == "пароль 漢字 🔑 e\u0301"
    assert (environment[b"MARK"].decode(), environment[b"QUOTED"].decode()) == ("\u0301x", "\u0301x")


BAD_LINES = [
    b"TOKEN", b"=x", b"2X=x", b"A B=x", b"A-B=x", b"A =x", b"\xd0\x99=x", b"export", b"export X", b"unset X",
    b"X='a", b'X="a', b"X='a'b", b"X='a'b'", b"X=\"", b"X='a\"", b"X=\"a\" # c", b"X=a\0b", b"X=coffer://",
    b"X=coffer://work", b"X=coffer:///x", b"X=coffer://work/", b'X="coffer://work"', b"\xef\xbb\xbfX=x"]


@pytest.mark.parametrize("line", BAD_LINES, ids=lambda line: ascii(line.decode()))
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_bad_line_is_named_by_its_number(api, line, end):
    file = written(api, end.join([b"# first", b"", b"TOKEN=coffer://work/api/token", line, b"Y=y", b""]))
    error = refuse(api, "--env-file", file, inner=64)
    assert re.search(r"\b[Ll]ine 4\b", error) and file in error, error


def test_a_bad_line_is_told_before_the_vault_is_opened(api):
    file = written(api, b"TOKEN\n")
    refuse(api, "--env-file", file, unlock=False, inner=64)


def test_what_stands_in_a_bad_line_is_not_repeated(api):
    file = written(api, b"PASSWORD: " + TOKEN + b"\n")
    assert "ine 1 " in refuse(api, "--env-file", file, inner=64)


@pytest.mark.parametrize("make, inner", [
    (lambda path: None, 2), (lambda path: path.mkdir(), 64), (lambda path: os.mkfifo(path), 64),
    (lambda path: path.write_bytes(b"X=\xff\n"), 64), (lambda path: path.write_bytes(b"#" * (1024 * 1024 + 1)), 7)],
    ids=["none", "folder", "FIFO", "not UTF-8", "too long"])
def test_a_file_that_is_none_is_refused(api, make, inner):
    make(api.home / "variables.env")
    assert "variables.env" in refuse(api, "--env-file", "variables.env", inner=inner)


def test_a_file_may_have_a_mebibyte(api):
    file = written(api, b"X=1\n#".ljust(1024 * 1024, b"#"))
    assert got(api, "--env-file", file)[b"X"] == b"1"


# --- Its own failures


def test_a_program_that_is_not_there_ends_with_127(api):
    for command in ("no-such-program", "./no-such-program", "/no/such/program", ""):
        result = api.run("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", command)
        assert (result.status, result.out) == (127, b"") and b"coffer: error 127: " in result.err, (command, result)
        assert TOKEN not in result.err


def test_a_program_that_cannot_be_run_ends_with_126(api):
    (api.home / "text").write_bytes(b"no program")
    (api.home / "text").chmod(0o644)
    for command in ("./text", "/", "/etc/passwd", "/etc/passwd/x"):
        result = api.run("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", command)
        assert (result.status, result.out) == (126, b"") and b"coffer: error 126: " in result.err, (command, result)
        assert TOKEN not in result.err


def test_a_command_that_is_too_long_ends_with_126(api):
    set_secret(api, "work/api", "token", b"x" * 200_000)
    result = api.run("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "true")
    assert result.status == 126 and b"Argument list too long" in result.err, result


@pytest.mark.process_road
def test_a_wrong_password_ends_with_125(api):
    refuse(api, "--env", f"TOKEN={TOKEN_REFERENCE}", fds={"--password-fd": b"wrong\n"}, inner=3)


def test_a_vault_that_is_locked_ends_with_125(api):
    refuse(api, "--env", f"TOKEN={TOKEN_REFERENCE}", unlock=False, inner=5)


def test_a_vault_that_is_not_there_or_damaged_ends_with_125(api):
    refuse(api, "--env", f"TOKEN={TOKEN_REFERENCE}", "--vault", api.home / "none.coffer", inner=2)
    data = bytearray(api.vault.read_bytes())
    data[-1] ^= 1
    api.vault.write_bytes(data)
    refuse(api, "--env", f"TOKEN={TOKEN_REFERENCE}", inner=4)


@pytest.mark.parametrize("words", [
    ["run"], ["run", "--", "true"], ["run", "--env", f"TOKEN={TOKEN_REFERENCE}"],
    ["run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--"], ["run", "--env", f"TOKEN={TOKEN_REFERENCE}", "true"],
    ["run", "--unheard-of", "--", "true"], ["run", "--env"], ["run", "--os-cloud"],
    ["run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--pick", "oldest", "--", "true"],
    ["run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--password-fd", "x", "--", "true"],
    ["run", "--password", "hunter22", "--", "true"]], ids=" ".join)
def test_a_command_line_that_is_not_understood_ends_with_125(api, words):
    result = api.run(*words, unlock=False)
    assert (result.status, result.out) == (125, b""), result
    assert b"coffer: error " in result.err and b"hunter22" not in result.err


def test_help_is_no_failure(api):
    result = api.run("run", "--help", unlock=False)
    assert result.status == 0 and b"--os-cloud" in result.out


@pytest.mark.process_road
def test_ctrl_c_at_the_question_for_the_password_runs_nothing(api):
    child = asked(api, "run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "touch", "it-was-run", unlock=False)
    child.expect("Master password for .*: ")
    child.sendintr()
    assert end(child) == 130
    assert not (api.home / "it-was-run").exists()


def test_a_program_on_a_terminal_has_it(api):
    """Asked for the password there, or not: the terminal is as it was, and the program's."""
    child = asked(api, "run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "sh", "-c", "tty; stty -a; test -t 0 -a -t 1")
    assert end(child) == 0
    assert b"/dev/pts/" in shown(child) and b" echo " in shown(child) and b" icanon " in shown(child)
    assert TOKEN not in shown(child)
