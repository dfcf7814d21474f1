"""`coffer run`: a program with secrets in its environment and nowhere else, otherwise run as by the caller."""

import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

import conftest
import pytest

from clouds import (
    ACCOUNT, AUTH_URL, KEY, PASSWORD, PROJECT, URI, add_cloud, add_project, is_fresh, openstack_variables, set_plain,
    set_secret, variables)
from conflicts import forge, with_second_value
from conftest import MASTER_PASSWORD, PROGRAM, Coffer, pipe_with
from terminal import asked, end, shown
from test_full_disk import NOBODY
from test_secrets_outside import CALLS

TOKEN = b"t0ken-not-for-eyes"
TOKEN_REFERENCE = "coffer://work/api/token"
ENV = ("--", "env", "-0")


@pytest.fixture
def api(coffer):
    """An entry with secrets of several kinds."""
    coffer.add("work/api", "--username", "anna", password=PASSWORD)
    set_secret(coffer, "work/api", "token", TOKEN)
    set_plain(coffer, "work/api", region="ru-moscow")
    coffer.ok("otp", "add", "work/api", "--uri-stdin", stdin=URI)
    return coffer


def refuse(coffer, *arguments, status=125, inner=None, **options):
    """Nothing is run, and nothing secret is said; `inner` is the number in the message. Returns the message."""
    words = [str(word) for word in arguments]
    words = words[:words.index("--")] if "--" in words else words
    ran = coffer.home / "it-was-run"
    before = coffer.vault.read_bytes()
    result = coffer.run("run", *words, "--", "touch", ran, **options)
    assert (result.status, result.out) == (status, b""), result
    assert f"coffer: error {inner}: ".encode() in result.err if inner else b"coffer: error " in result.err, result
    assert not ran.exists()
    assert coffer.vault.read_bytes() == before
    for secret in (PASSWORD, TOKEN, KEY.encode(), MASTER_PASSWORD):
        assert secret not in result.err
    return result.err.decode()


def got(coffer, *arguments, **options):
    """The variables of a program that is run with these options."""
    return variables(coffer.ok("run", *arguments, *ENV, **options))


def written(coffer, content, name="variables.env"):
    (coffer.home / name).write_bytes(content)
    return name


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
    (lambda path: None, 1), (lambda path: path.mkdir(), 64), (lambda path: os.mkfifo(path), 64),
    (lambda path: path.write_bytes(b"X=\xff\n"), 64), (lambda path: path.write_bytes(b"#" * (1024 * 1024 + 1)), 7)],
    ids=["none", "folder", "FIFO", "not UTF-8", "too long"])
def test_a_file_that_is_none_is_refused(api, make, inner):
    make(api.home / "variables.env")
    assert "variables.env" in refuse(api, "--env-file", "variables.env", inner=inner)


def test_a_file_may_have_a_mebibyte(api):
    file = written(api, b"X=1\n#".ljust(1024 * 1024, b"#"))
    assert got(api, "--env-file", file)[b"X"] == b"1"


# --- --os-cloud


STALE = {
    "OS_PASSWORD": "stale", "OS_TOKEN": "stale", "OS_CLOUD": "stale", "OS_TENANT_ID": "stale", "OS_PASSCODE": "stale",
    "OS_APPLICATION_CREDENTIAL_ID": "stale", "OS_USER_DOMAIN_ID": "stale", "OS_CLIENT_CONFIG_FILE": "stale",
    "OS_PROJECT_NAME": "stale", "OS_AUTH_TYPE": "stale", "OS_USERNAME": "stale", "OS_": "stale", "OS_EMPTY": ""}


def signed_in(coffer, title, *options, env=STALE):
    """The OS_* variables that a program gets, run by somebody whose shell has those of another cloud."""
    return openstack_variables(coffer.ok("run", "--os-cloud", title, *options, *ENV, env=env))


PASSWORD_VARIABLES = {
    "OS_AUTH_TYPE": "v3password", "OS_AUTH_URL": AUTH_URL, "OS_USERNAME": "anna@example.com",
    "OS_PASSWORD": PASSWORD.decode(), "OS_USER_DOMAIN_NAME": "users", "OS_IDENTITY_API_VERSION": "3"}


def test_a_password_signs_in_and_nothing_of_another_cloud_is_left(coffer):
    add_cloud(coffer, project_id="p-1", region="ru-moscow", otp=True)
    out = coffer.ok("run", "--os-cloud", ACCOUNT, *ENV, env={**STALE, "OSTYPE": "linux", "NOS_X": "x"})
    assert openstack_variables(out) == {
        **PASSWORD_VARIABLES, "OS_PROJECT_ID": "p-1", "OS_REGION_NAME": "ru-moscow"}
    assert b"stale" not in out
    assert variables(out)[b"OSTYPE"] == b"linux" and variables(out)[b"NOS_X"] == b"x"


def test_the_way_to_sign_in_may_be_named_in_each_of_its_ways(coffer):
    add_cloud(coffer)
    for name in ("password", "v3password", "V3Password"):
        set_plain(coffer, ACCOUNT, auth_type=name)
        assert signed_in(coffer, ACCOUNT) == PASSWORD_VARIABLES


def test_a_code_alone_signs_in_without_the_password(coffer):
    add_cloud(coffer, otp=True, auth_type="v3totp")
    since = time.time()
    environment = signed_in(coffer, ACCOUNT)
    assert is_fresh(environment.pop("OS_PASSCODE"), since)
    expected = {**PASSWORD_VARIABLES, "OS_AUTH_TYPE": "v3totp"}
    del expected["OS_PASSWORD"]
    assert environment == expected


def test_a_password_and_a_code_sign_in_together(coffer):
    add_cloud(coffer, otp=True, auth_type="v3multifactor", project_id="p-1")
    since = time.time()
    environment = signed_in(coffer, ACCOUNT)
    assert is_fresh(environment.pop("OS_PASSCODE"), since)
    assert environment == {
        **PASSWORD_VARIABLES, "OS_AUTH_TYPE": "v3multifactor", "OS_AUTH_METHODS": "v3password,v3totp",
        "OS_PROJECT_ID": "p-1"}


@pytest.mark.parametrize("auth_type", [None, "v3applicationcredential", "v3_application_credential"])
def test_an_application_credential_signs_in_by_itself(coffer, auth_type):
    """OpenStack refuses a credential beside a project, and beside a user it is none of the user's."""
    add_cloud(coffer, project_id="p-1", region="ru-moscow", application_credential_id="cred-1",
              **({"auth_type": auth_type} if auth_type else {}))
    set_secret(coffer, ACCOUNT, "application-credential-secret", TOKEN)
    assert signed_in(coffer, ACCOUNT) == {
        "OS_AUTH_TYPE": "v3applicationcredential", "OS_AUTH_URL": AUTH_URL, "OS_REGION_NAME": "ru-moscow",
        "OS_APPLICATION_CREDENTIAL_ID": "cred-1", "OS_APPLICATION_CREDENTIAL_SECRET": TOKEN.decode(),
        "OS_IDENTITY_API_VERSION": "3"}


def test_a_credential_that_is_named_needs_its_user(coffer):
    add_cloud(coffer, project_id="p-1", application_credential_name="ci")
    set_secret(coffer, ACCOUNT, "application-credential-secret", TOKEN)
    assert signed_in(coffer, ACCOUNT) == {
        "OS_AUTH_TYPE": "v3applicationcredential", "OS_AUTH_URL": AUTH_URL, "OS_USERNAME": "anna@example.com",
        "OS_USER_DOMAIN_NAME": "users", "OS_APPLICATION_CREDENTIAL_NAME": "ci",
        "OS_APPLICATION_CREDENTIAL_SECRET": TOKEN.decode(), "OS_IDENTITY_API_VERSION": "3"}


def test_settings_of_any_name_go_with_the_others(coffer):
    add_cloud(coffer, project_name="My project", project_domain="Default", interface="public",
              identity_api_version="3.14", openstack_cacert="/etc/ca.pem", openstack_volume_api_version="3", pin="no")
    coffer.ok("set", ACCOUNT, "notes", "-", stdin=b"no setting")
    assert signed_in(coffer, ACCOUNT) == {
        **PASSWORD_VARIABLES, "OS_PROJECT_NAME": "My project", "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_INTERFACE": "public", "OS_IDENTITY_API_VERSION": "3.14", "OS_CACERT": "/etc/ca.pem",
        "OS_VOLUME_API_VERSION": "3"}


def test_the_domain_of_users_is_the_usual_one_unless_the_entry_has_one(coffer):
    coffer.add("bare", "--username", "anna", password=PASSWORD)
    set_plain(coffer, "bare", auth_url=AUTH_URL)
    assert signed_in(coffer, "bare")["OS_USER_DOMAIN_NAME"] == "users"
    set_plain(coffer, "bare", user_domain="ours")
    assert signed_in(coffer, "bare")["OS_USER_DOMAIN_NAME"] == "ours"
    coffer.ok("set", "bare", "user-domain", "--remove")
    set_plain(coffer, "bare", user_domain_id="d-1")
    environment = signed_in(coffer, "bare")
    assert environment["OS_USER_DOMAIN_ID"] == "d-1" and "OS_USER_DOMAIN_NAME" not in environment


def test_projects_share_the_account_of_another_entry(coffer):
    add_cloud(coffer, otp=True, project_id="of the account", region="of the account", user_domain="ours")
    add_project(coffer, project_id="p-1", region="ru-moscow")
    add_project(coffer, "work/second", project_id="p-2", auth_url="https://other.example/v3")
    shared = {**PASSWORD_VARIABLES, "OS_USER_DOMAIN_NAME": "ours"}
    assert signed_in(coffer, PROJECT) == {**shared, "OS_PROJECT_ID": "p-1", "OS_REGION_NAME": "ru-moscow"}
    # What is about the project is the project's alone.
    assert signed_in(coffer, "work/second") == {
        **shared, "OS_PROJECT_ID": "p-2", "OS_AUTH_URL": "https://other.example/v3"}
    # One change of the password is one for all of them.
    set_secret(coffer, ACCOUNT, "password", b"changed")
    assert [signed_in(coffer, title)["OS_PASSWORD"] for title in (PROJECT, "work/second")] == ["changed"] * 2


def test_the_account_s_code_signs_in_to_the_project(coffer):
    add_cloud(coffer, otp=True, auth_type="v3multifactor")
    add_project(coffer, project_id="p-1")
    since = time.time()
    environment = signed_in(coffer, PROJECT)
    assert is_fresh(environment["OS_PASSCODE"], since)
    assert (environment["OS_AUTH_TYPE"], environment["OS_PASSWORD"]) == ("v3multifactor", PASSWORD.decode())


def test_the_account_is_found_when_it_has_another_title(coffer):
    add_cloud(coffer)
    add_project(coffer, project_id="p-1")
    coffer.ok("mv", ACCOUNT, "elsewhere")
    assert signed_in(coffer, PROJECT)["OS_PASSWORD"] == PASSWORD.decode()


def test_an_account_that_is_gone_runs_nothing_and_says_whose_it_was(coffer):
    add_cloud(coffer)
    add_project(coffer, project_id="p-1")
    coffer.ok("rm", ACCOUNT)
    error = refuse(coffer, "--os-cloud", PROJECT)
    assert PROJECT in error and "coffer ls --trash" in error


@pytest.mark.parametrize("missing, change", [
    ("auth-url", lambda c: c.ok("set", ACCOUNT, "auth-url", "--remove")),
    ("password", lambda c: c.ok("set", ACCOUNT, "password", "--remove")),
    ("username", lambda c: c.ok("set", ACCOUNT, "username", "--remove")),
    ("one-time password", lambda c: set_plain(c, ACCOUNT, auth_type="v3totp")),
    ("one-time password", lambda c: set_plain(c, ACCOUNT, auth_type="v3multifactor")),
    ("application-credential-secret", lambda c: set_plain(c, ACCOUNT, auth_type="v3applicationcredential"))])
def test_what_is_missing_to_sign_in_is_named_and_nothing_is_run(coffer, missing, change):
    add_cloud(coffer)
    change(coffer)
    assert missing in refuse(coffer, "--os-cloud", ACCOUNT, inner=2)


@pytest.mark.parametrize("field, name", [
    (forge.PASSWORD, "password"), (forge.USERNAME, "username"), (forge.OTP, "otp")])
def test_a_conflict_of_the_account_runs_nothing_unless_the_newest_is_picked(coffer, field, name):
    add_cloud(coffer, otp=True, auth_type="v3multifactor")
    add_project(coffer, project_id="p-1")
    newest = URI.replace(KEY.encode(), b"GEZDGNBVGY3TQOJQ").decode() if name == "otp" else "of the laptop"
    with_second_value(coffer, field, newest, title=ACCOUNT)
    for title in (ACCOUNT, PROJECT):
        assert f"resolve {ACCOUNT} {name}" in refuse(coffer, "--os-cloud", title, inner=8)
    since = time.time()
    environment = signed_in(coffer, PROJECT, "--pick", "newest")
    if name == "otp":
        assert not is_fresh(environment["OS_PASSCODE"], since)
    else:
        assert newest in environment.values()


def test_a_cloud_goes_over_what_else_sets_its_variables(coffer):
    add_cloud(coffer)
    file = written(coffer, b"OS_PASSWORD=stale\nOS_CACERT=/etc/ca.pem\nTF_LOG=1\n")
    environment = variables(coffer.ok("run", "--env-file", file, "--os-cloud", ACCOUNT, *ENV, env=STALE))
    assert environment[b"OS_PASSWORD"] == PASSWORD and environment[b"TF_LOG"] == b"1"
    # What was set on purpose beside it stays.
    assert environment[b"OS_CACERT"] == b"/etc/ca.pem"


def test_without_a_cloud_the_caller_s_variables_stay(api):
    environment = got(api, "--env", f"TOKEN={TOKEN_REFERENCE}", env={"OS_CLOUD": "mine"})
    assert environment[b"OS_CLOUD"] == b"mine"


def test_verbose_names_variables_and_never_a_value(coffer):
    add_cloud(coffer, otp=True, auth_type="v3multifactor", project_id="p-1")
    result = coffer.run("run", "--verbose", "--os-cloud", ACCOUNT, *ENV, env=STALE)
    assert result.status == 0, result
    said = result.err.decode()
    environment = openstack_variables(result.out)
    [names] = re.findall(r"^coffer: set (.*)$", said, re.MULTILINE)
    assert names.split(", ") == sorted(environment)
    [names] = re.findall(r"^coffer: took away (.*)$", said, re.MULTILINE)
    assert names.split(", ") == sorted(set(STALE) - set(environment))
    for value in {*environment.values(), "stale", KEY} - {"3"}:
        assert value not in said.replace(ACCOUNT, "")
    assert b"coffer: set" not in coffer.run("run", "--os-cloud", ACCOUNT, "--", "true").err


def test_a_code_that_ends_soon_is_waited_out(coffer):
    """A slow story: it waits for the end of a period."""
    add_cloud(coffer, otp=True, auth_type="v3totp")
    while not 22 <= time.time() % 30 < 26:
        time.sleep(0.1)
    since = time.time()
    environment = signed_in(coffer, ACCOUNT)
    assert int(time.time()) // 30 == int(since) // 30 + 1
    assert is_fresh(environment["OS_PASSCODE"], since)


# --- The program takes coffer's place


def start(coffer, *command, before=None, descriptors=(), stdin=subprocess.DEVNULL, program=None, **options):
    """Starts `coffer run`; `before` is done in the new process first."""
    unlock = coffer.prepare(["run"], True)
    password = pipe_with(coffer.password + b"\n")
    given = ["--password-fd", str(password)] if unlock else []
    process = subprocess.Popen(
        [program or PROGRAM, "run", "--env", f"TOKEN={TOKEN_REFERENCE}", *given, "--", *map(str, command)],
        stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[*descriptors, *([password] * unlock)],
        env=coffer.environment, cwd=coffer.home, start_new_session=True, preexec_fn=before, **options)
    os.close(password)
    return process


def output(process):
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def test_no_shell_and_no_process_of_coffer_is_left(api):
    process = start(api, "sh", "-c", "echo $$ $PPID")
    assert output(process).split() == [b"%d" % process.pid, b"%d" % os.getpid()]


def test_arguments_reach_the_program_as_they_are(api):
    words = ["", " ", "a b", "$HOME", "`id`", "*", "'\"", "--", "-x", "--password-fd", "coffer://work/api/token",
             "a\nb", "\u202eй", "e\u0301", "--env", "X=1", "--verbose"]
    out = api.ok("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "printf", "%s\\0", *words)
    assert out.decode().split("\0")[:-1] == words


def test_input_and_output_are_the_program_s(api):
    result = api.run(
        "run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "sh", "-c", "cat; echo said >&2", stdin=b"\0piped\xff")
    assert result.out == b"\0piped\xff" and result.err.endswith(b"said\n")


def test_the_program_is_where_the_caller_is(api):
    assert api.ok("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "pwd").decode().strip() == str(api.home.resolve())
    (api.home / "tool").write_text("#!/bin/sh\necho here $TOKEN\n")
    (api.home / "tool").chmod(0o755)
    expected = b"here " + TOKEN + b"\n"
    assert api.ok("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "./tool") == expected
    assert api.ok(
        "run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "tool", env={"PATH": f"{api.home}:/usr/bin:/bin"}) == expected


@pytest.mark.parametrize("status", [0, 1, 2, 3, 5, 8, 9, 64, 125, 126, 127, 128, 130, 141, 254, 255])
def test_the_status_is_the_program_s(api, status):
    result = api.run("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "sh", "-c", f"exit {status}")
    assert result.status == status and b"coffer: error" not in result.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGSEGV, signal.SIGPIPE])
def test_a_death_by_a_signal_is_the_program_s(api, number):
    result = api.run("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "sh", "-c", f"kill -{number:d} $$")
    assert result.status == -number and b"coffer: error" not in result.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1])
def test_a_signal_reaches_the_program(api, number):
    process = start(
        api, "sh", "-c", f"trap 'echo caught; exit 7' {number:d}; echo ready; while :; do sleep 0.05; done")
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (7, b"caught\n")


def signals(out):
    """The masks of /proc/PID/status: blocked, ignored, caught."""
    return {name: int(value, 16) for name, value in re.findall(r"^(SigBlk|SigIgn|SigCgt):\s*(\w+)$", out.decode(),
                                                              re.MULTILINE)}


def mask(numbers):
    return sum(1 << (number - 1) for number in numbers)


IGNORABLE = [
    signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGTERM,
    signal.SIGABRT, signal.SIGSEGV, signal.SIGTRAP, signal.SIGUSR1, signal.SIGTSTP]


@pytest.mark.parametrize("ignored", [[], [signal.SIGQUIT, signal.SIGPIPE], [signal.SIGHUP], IGNORABLE],
                         ids=["none", "as nohup and more", "SIGHUP", "many"])
@pytest.mark.parametrize("blocked", [[], [signal.SIGUSR1, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD]],
                         ids=["none blocked", "some blocked"])
def test_signals_are_handled_as_the_caller_had_them(api, ignored, blocked):
    def before():
        for number in IGNORABLE:
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    process = start(api, "cat", "/proc/self/status", before=before, restore_signals=False)
    seen = signals(output(process))
    # Of the others, those are compared that Python lets be.
    assert seen["SigIgn"] & mask(IGNORABLE) == mask(ignored), seen
    assert seen["SigBlk"] == mask(blocked) and seen["SigCgt"] == 0, seen


@pytest.mark.parametrize("creation_mask", [0o000, 0o002, 0o022, 0o027, 0o077, 0o177])
def test_the_mask_of_new_files_is_the_caller_s(api, creation_mask):
    process = start(api, "sh", "-c", "umask", umask=creation_mask)
    assert int(output(process), 8) == creation_mask
    assert stat_mode(api.vault) == 0o600


def stat_mode(path):
    return path.stat().st_mode & 0o777


CORES = [(0, 0), (0, 1_048_576), (524_288, 1_048_576), (1_048_576, 1_048_576)]


@pytest.mark.parametrize("soft, hard", CORES)
def test_the_limits_of_core_files_are_the_caller_s(api, soft, hard):
    before = lambda: resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    out = output(start(api, "cat", "/proc/self/limits", before=before))
    assert re.search(rb"^Max core file size +(\d+) +(\d+) ", out, re.MULTILINE).groups() == (b"%d" % soft, b"%d" % hard)


def test_no_limit_of_core_files_stays_none(api):
    if resource.getrlimit(resource.RLIMIT_CORE)[1] != resource.RLIM_INFINITY and os.geteuid() != 0:
        pytest.skip("this system limits core files")
    before = lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    out = output(start(api, "cat", "/proc/self/limits", before=before))
    assert re.search(rb"^Max core file size +unlimited +unlimited ", out, re.MULTILINE)


@pytest.mark.process_road
def test_all_of_it_holds_for_a_user_without_privileges(monkeypatch):
    """Who is not root cannot raise a hard limit again."""
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        place.chmod(0o755)
        # Nobody may not be able to reach the place of the program.
        program = shutil.copy(PROGRAM, place)
        os.chmod(program, 0o755)
        monkeypatch.setattr(conftest, "PROGRAM", program)
        coffer = Coffer(place / "home").init()
        coffer.add("work/api")
        set_secret(coffer, "work/api", "token", TOKEN)
        prefix = []
        if os.geteuid() == 0:
            prefix = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
            for path in [coffer.home, *coffer.home.rglob("*")]:
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        for soft, hard in CORES:
            def before():
                resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
                for number in IGNORABLE:
                    signal.signal(number, signal.SIG_DFL)
                for number in (signal.SIGQUIT, signal.SIGPIPE):
                    signal.signal(number, signal.SIG_IGN)
                signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR1])

            # No shell: it has a mask of its own.
            out = coffer.ok(
                "run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "cat", "/proc/self/limits", "/proc/self/status",
                prefix=prefix, umask=0o027, restore_signals=False, preexec_fn=before)
            assert re.search(rb"^Uid:\s+(\d+)", out, re.MULTILINE)[1] == b"%d" % (os.geteuid() or int(NOBODY))
            assert int(re.search(rb"^Umask:\s+(\d+)", out, re.MULTILINE)[1], 8) == 0o027
            limits = re.search(rb"^Max core file size +(\d+) +(\d+) ", out, re.MULTILINE).groups()
            assert limits == (b"%d" % soft, b"%d" % hard)
            seen = signals(out)
            assert seen["SigIgn"] & mask(IGNORABLE) == mask([signal.SIGQUIT, signal.SIGPIPE])
            assert seen["SigBlk"] == mask([signal.SIGUSR1])


def test_the_program_can_dump_core_and_be_looked_at_again(api):
    """What coffer forbids for itself ends with it: a debugger works on the program."""
    out = api.ok("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "sh", "-c", "stat -c %u /proc/$$/environ")
    assert int(out) == os.getuid()


def test_descriptors_of_the_caller_reach_the_program_and_no_other_does(api):
    mine = os.open("/dev/null", os.O_RDONLY)
    try:
        # `ls` has one of its own, for the folder it lists.
        process = start(api, "sh", "-c", "exec ls -l /proc/self/fd", descriptors=[mine])
        links = dict(re.findall(rb" (\d+) -> (.*)$", output(process), re.MULTILINE))
    finally:
        os.close(mine)
    assert links.pop(b"%d" % mine) == b"/dev/null"
    assert {b"0", b"1", b"2"} <= links.keys()
    assert [link for number, link in links.items() if int(number) > 2 and not link.startswith(b"/proc/")] == []


@pytest.mark.process_road
def test_the_descriptor_of_the_password_is_not_the_program_s(api):
    """Neither what is behind the first line, nor what a writer would still give."""
    read = "for n in 3 4 5 6 7 8 9; do cat <&$n; done 2>/dev/null; ls /proc/self/fd"
    fds = {"--password-fd": MASTER_PASSWORD + b"\nbehind it\n"}
    result = api.run("run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--", "sh", "-c", read, fds=fds)
    assert result.status == 0 and b"behind it" not in result.out and MASTER_PASSWORD not in result.out
    assert len(result.out.split()) == 4, result


@pytest.mark.process_road
def test_the_password_may_come_through_standard_input(api):
    """One who names descriptor 0 has the program read what follows, or nothing."""
    result = api.run(
        "run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--password-fd", "0", "--", "printenv", "TOKEN", unlock=False,
        stdin=MASTER_PASSWORD + b"\n")
    assert result.out == TOKEN + b"\n", result


# --- Where no secret is


def test_no_secret_is_anywhere_but_in_the_program_s_environment(api):
    """A trace of every system call that could carry one out."""
    file = written(api, b"FROM_FILE=coffer://work/api/token\n")
    log = api.home.parent / "strace.log"
    result = api.run(
        "run", "--verbose", "--env", f"TOKEN={TOKEN_REFERENCE}", "--env-file", file, "--", "true", prefix=[
            "strace", "-f", "-v", "-s", "65536", "-o", log, "-e", f"trace={CALLS}", "-e", "signal=none"])
    assert (result.status, result.out) == (0, b""), result
    assert TOKEN not in result.err and MASTER_PASSWORD not in result.err
    calls = log.read_text(errors="surrogateescape").splitlines()
    executions = [call for call in calls if "execve(" in call]
    for call in calls:
        if call not in executions:
            assert TOKEN.decode() not in call and MASTER_PASSWORD.decode() not in call, call
    # The program is looked for in the folders of PATH; its arguments come first, then its environment.
    assert len(executions) >= 2 and TOKEN.decode() not in executions[0]
    for call in executions[1:]:
        arguments, environment = re.fullmatch(r'\d+ +execve\("[^"]*", \[(.*?)\], \[(.*)\]\) += .*', call).groups()
        assert arguments == '"true"'
        assert f'"TOKEN={TOKEN.decode()}"' in environment and f'"FROM_FILE={TOKEN.decode()}"' in environment
        assert MASTER_PASSWORD.decode() not in environment
    files = [path for path in api.home.parent.rglob("*") if path.is_file() and path != log]
    assert files and not [path for path in files if TOKEN in path.read_bytes()]


@pytest.mark.process_road
def test_coffer_s_own_environment_never_has_a_secret(coffer):
    """While it waits for a code, what it has read already is in its memory alone."""
    add_cloud(coffer, otp=True, auth_type="v3totp")
    set_secret(coffer, ACCOUNT, "token", TOKEN)
    while not 22 <= time.time() % 30 < 26:
        time.sleep(0.1)
    password = pipe_with(MASTER_PASSWORD + b"\n")
    process = subprocess.Popen(
        [PROGRAM, "run", "--env", f"TOKEN=coffer://{ACCOUNT}/token", "--os-cloud", ACCOUNT, "--password-fd",
         str(password), "--", "sleep", "60"], pass_fds=[password], env=coffer.environment, cwd=coffer.home,
        stderr=subprocess.DEVNULL, start_new_session=True)
    os.close(password)
    folder = pathlib.Path(f"/proc/{process.pid}")
    try:
        looked = 0
        while b"sleep" not in folder.joinpath("cmdline").read_bytes().split(b"\0")[:1]:
            for name in ("cmdline", "environ"):
                content = folder.joinpath(name).read_bytes()
                # The program may have taken its place meanwhile.
                if PROGRAM.encode() in folder.joinpath("cmdline").read_bytes():
                    looked += 1
                    assert TOKEN not in content and MASTER_PASSWORD not in content
            time.sleep(0.05)
            assert process.poll() is None
        assert looked > 10
        assert TOKEN in folder.joinpath("environ").read_bytes()
    finally:
        process.kill()
        process.wait()


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
