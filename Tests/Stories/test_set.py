"""`coffer set`: one field changes, secrets never stand in an argument, and what was there stays in the history."""

import pytest

from conftest import MASTER_PASSWORD

SECRET = b"Zq8-not-for-eyes"
KEY = b"JBSWY3DPEHPK3PXP"


@pytest.fixture
def vk(coffer):
    coffer.add("vk", "--username", "me", "--url", "https://one.example", "--tag", "prod", password=b"first")
    return coffer


def shown(coffer, *arguments):
    return coffer.run("show", "vk", "--json", *arguments).json()


def refuse(coffer, status, *arguments, **options):
    """The command is refused with `status`, nothing is saved, and nothing of a secret is said."""
    before = coffer.vault.read_bytes()
    result = coffer.run(*arguments, **options)
    assert result.status == status, result
    assert result.out == b""
    assert coffer.vault.read_bytes() == before
    assert SECRET not in result.err and MASTER_PASSWORD not in result.err
    return result.err.decode()


@pytest.mark.parametrize("field", ["password", "notes", "otp", "new-field"])
def test_a_secret_as_an_argument_is_refused_and_not_repeated(vk, field):
    error = refuse(vk, 9, "set", "vk", field, SECRET.decode())
    assert "never taken as an argument" in error


def test_a_known_secret_field_refuses_an_argument_before_the_vault_is_opened(vk):
    assert vk.run("set", "vk", "password", SECRET.decode(), unlock=False).status == 9


def test_a_secret_field_of_ones_own_refuses_an_argument_even_with_plain(vk):
    vk.ok("set", "vk", "pin", "-", stdin=b"1234\n")
    refuse(vk, 9, "set", "vk", "pin", SECRET.decode())
    refuse(vk, 9, "set", "vk", "pin", SECRET.decode(), "--plain")


def test_a_password_comes_through_a_descriptor_or_standard_input(vk):
    vk.ok("set", "vk", "password", fds={"--value-fd": SECRET + b"\n"})
    assert vk.ok("get", "vk") == SECRET + b"\n"
    vk.ok("set", "vk", "password", "-", stdin=b"third\r\n")
    assert vk.ok("get", "vk") == b"third\n"


def test_the_value_may_follow_the_master_password_in_one_descriptor(vk):
    import os
    import subprocess

    from conftest import PROGRAM, pipe_with

    pipe = pipe_with(MASTER_PASSWORD + b"\n" + SECRET + b"\n")
    done = subprocess.run(
        [PROGRAM, "set", "vk", "password", "--password-fd", str(pipe), "--value-fd", str(pipe)],
        pass_fds=[pipe], env=vk.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    os.close(pipe)
    assert done.returncode == 0, done
    assert vk.ok("get", "vk") == SECRET + b"\n"


@pytest.mark.parametrize("text", [b"one\n  two\n\nthree\n", b"one\r\ntwo\r\n", b"no end", b"\n", "ключ\n".encode()])
def test_notes_are_kept_byte_for_byte_but_for_the_last_line_feed(vk, text):
    result = vk.run("set", "vk", "notes", "-", stdin=text)
    if text == b"\n":
        assert result.status == 64
        return
    assert result.status == 0, result
    assert vk.ok("get", "vk", "notes") == text.removesuffix(b"\n") + b"\n"


def test_text_that_is_not_utf8_or_holds_nul_is_refused(vk):
    refuse(vk, 64, "set", "vk", "notes", "-", stdin=b"\xff\xfe" + SECRET)
    refuse(vk, 64, "set", "vk", "notes", "-", stdin=b"a\0b" + SECRET)


def test_a_value_beyond_the_limit_is_refused_not_cut(vk):
    refuse(vk, 7, "set", "vk", "notes", "-", stdin=b"x" * (1024 * 1024 + 1))
    refuse(vk, 64, "set", "vk", "notes", "-", stdin=b"x" * (1024 * 1024 + 100))
    vk.ok("set", "vk", "notes", "-", stdin=b"x" * (1024 * 1024))


def test_a_generated_password_is_saved_and_not_printed(vk):
    assert vk.ok("set", "vk", "password", "--generate", "--length", "40") == b""
    password = vk.ok("get", "vk").strip()
    assert len(password) == 40 and password != b"first"
    vk.ok("set", "vk", "password", "--generate", "--words", "5")
    assert vk.ok("get", "vk").count(b"-") >= 4


def test_plain_fields_take_an_argument(vk):
    vk.ok("set", "vk", "username", "you")
    vk.ok("set", "vk", "region", "ru-moscow", "--plain")
    vk.ok("set", "vk", "region", "ru-spb")
    vk.ok("set", "vk", "template", "vk-cloud")
    entry = shown(vk)
    assert (entry["username"], entry["fields"], entry["template"]) == ("you", {"region": "ru-spb"}, "vk-cloud")


def test_a_new_field_is_secret_unless_plain(vk):
    vk.ok("set", "vk", "pin", "-", stdin=SECRET + b"\n")
    assert shown(vk)["fields"] == {}
    assert SECRET not in vk.ok("show", "vk")
    assert shown(vk, "--reveal")["secrets"]["fields"] == {"pin": SECRET.decode()}
    assert SECRET not in vk.ok("ls", "--json")


def test_set_makes_a_url_or_tag_the_only_one_and_add_one_more(vk):
    vk.ok("set", "vk", "url", "https://two.example", "--add")
    assert shown(vk)["urls"] == ["https://one.example", "https://two.example"]
    vk.ok("set", "vk", "url", "https://three.example")
    assert shown(vk)["urls"] == ["https://three.example"]
    vk.ok("set", "vk", "tag", "test", "--add")
    assert shown(vk)["tags"] == ["prod", "test"]
    vk.ok("set", "vk", "tag", "prod", "--remove")
    assert shown(vk)["tags"] == ["test"]
    vk.ok("set", "vk", "tag", "--remove")
    assert shown(vk)["tags"] == []


def test_remove_takes_a_field_away_and_what_is_not_there_is_not_found(vk):
    vk.ok("set", "vk", "password", "--remove")
    assert not shown(vk)["has"]["password"]
    assert vk.run("get", "vk").status == 2
    refuse(vk, 2, "set", "vk", "password", "--remove")
    refuse(vk, 2, "set", "vk", "nothing", "--remove")
    refuse(vk, 2, "set", "vk", "tag", "none", "--remove")
    refuse(vk, 64, "set", "vk", "title", "--remove")


def test_a_one_time_password_is_a_key_or_a_uri(vk):
    vk.ok("set", "vk", "otp", "-", stdin=KEY.lower() + b"\n")
    assert vk.ok("get", "vk", "otp-secret") == KEY + b"\n"
    uri = b"otpauth://hotp/me?secret=" + KEY + b"&counter=5"
    vk.ok("set", "vk", "otp", fds={"--value-fd": uri})
    assert b"counter=5" in vk.ok("get", "vk", "otp-uri")


@pytest.mark.parametrize("text", [
    b"JBSWY3DPEHPK3PX1", b"otpauth://totp/x?digits=6", b"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=0",
    b"otpauth://nonsense/x?secret=JBSWY3DPEHPK3PXP"])
def test_a_malformed_one_time_password_is_refused_without_its_text(vk, text):
    error = refuse(vk, 64, "set", "vk", "otp", "-", stdin=text)
    assert "JBSWY" not in error


def test_the_same_value_changes_nothing(vk):
    before = vk.vault.read_bytes()
    result = vk.run("set", "vk", "username", "me")
    assert result.status == 0 and b"Nothing to change" in result.err
    vk.ok("set", "vk", "password", "-", stdin=b"first\n")
    assert vk.vault.read_bytes() == before


def test_a_user_name_that_makes_a_double_is_refused_unless_duplicate(vk):
    vk.add("vk", "--username", "you")
    refuse(vk, 9, "set", "vk@me", "username", "you")
    vk.ok("set", "vk@me", "username", "you", "--duplicate")


def test_without_a_terminal_a_missing_value_is_refused_with_the_option(vk):
    assert "--value-fd" in refuse(vk, 64, "set", "vk", "password")
    assert "--value-fd" in refuse(vk, 64, "set", "vk", "username", "--no-input")


@pytest.mark.parametrize("arguments", [
    ("username", "x", "--add"), ("tag", "x", "--add", "--remove"), ("password", "--plain", "-"),
    ("username", "--generate"), ("pin", "--generate", "--plain"), ("password", "--length", "20", "-"),
    ("password", "-", "--generate"), ("id", "x"), ("codes", "-"), ("template", "unheard-of"), ("username", ""),
    ("a/b", "--plain", "x"), ("trash", "x")])
def test_what_does_not_go_together_is_a_usage_error(vk, arguments):
    refuse(vk, 64, "set", "vk", *arguments, stdin=SECRET)


def test_an_entry_that_is_not_there_or_in_the_trash_is_not_found(vk):
    refuse(vk, 2, "set", "nothing", "username", "x")
    vk.ok("rm", "vk")
    assert "coffer restore vk" in refuse(vk, 2, "set", "vk", "username", "x")
