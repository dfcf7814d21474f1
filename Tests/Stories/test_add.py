"""`coffer add`: an entry from options or from a conversation; what is refused or interrupted saves nothing."""

import os

import pytest

from conftest import MASTER_PASSWORD
from terminal import answer, asked, end, interrupt, shown

SECRET = b"Zq8-not-for-eyes"
KEY = b"JBSWY3DPEHPK3PXP"
CODES = [b"3f9a01c7", b"88d2e4b0"]


def listed(coffer):
    return coffer.run("ls", "--json").json()


def shown_entry(coffer, title="vk"):
    return coffer.run("show", title, "--json", "--reveal").json()


def refuse(coffer, status, *arguments, **options):
    """The command is refused with `status`, nothing is saved, and nothing of a secret is said."""
    before = coffer.vault.read_bytes()
    result = coffer.run("add", *arguments, **options)
    assert (result.status, result.out) == (status, b""), result
    assert f"coffer: error {status}: ".encode() in result.err
    assert coffer.vault.read_bytes() == before
    assert SECRET not in result.err and MASTER_PASSWORD not in result.err
    return result.err.decode()


# --- From options


@pytest.mark.parametrize("name", ["add", "insert"])
def test_an_entry_is_made_of_options(coffer, name):
    result = coffer.run(
        name, "work/vk", "--username", "anna", "--url", "https://two.example", "--url", "https://one.example", "--tag",
        "prod", "--tag", "cloud", "--template", "api-key", "--password-stdin", stdin=SECRET + b"\n")
    assert (result.status, result.out) == (0, b""), result
    assert b"Added work/vk." in result.err and SECRET not in result.err
    entry = shown_entry(coffer, "work/vk")
    assert (entry["title"], entry["username"], entry["template"]) == ("work/vk", "anna", "api-key")
    assert entry["urls"] == ["https://one.example", "https://two.example"] and entry["tags"] == ["cloud", "prod"]
    assert entry["secrets"] == {"password": SECRET.decode()}
    assert entry["has"] == {"password": True, "otp": False, "notes": False}
    assert entry["created"] == entry["modified"] and entry["state"] == "live"


def test_a_generated_password_is_saved_and_not_printed(coffer):
    for title, words, check in [
            ("usual", (), lambda value: len(value) == 24),
            ("long", ("--length", "40"), lambda value: len(value) == 40),
            ("plain", ("--no-symbols",), lambda value: value.isalnum() and len(value) == 24),
            ("phrase", ("--words", "5"), lambda value: value.count(b"-") >= 4)]:
        result = coffer.run("add", title, "--generate", *words)
        assert (result.status, result.out) == (0, b""), result
        value = coffer.ok("get", title).removesuffix(b"\n")
        assert check(value), (title, value)
        assert value not in result.err


@pytest.mark.parametrize("words", [("--length", "40"), ("--words", "5"), ("--no-symbols",)])
def test_what_describes_a_generated_password_does_not_go_with_a_given_one(coffer, words):
    assert "--generate" in refuse(coffer, 64, "vk", "--password-stdin", *words, stdin=SECRET + b"\n")


def test_the_password_is_the_first_line_of_standard_input_or_of_a_descriptor(coffer):
    coffer.add("one", password=SECRET + b"\nsecond line")
    assert coffer.ok("get", "one") == SECRET + b"\n"
    coffer.ok("add", "two", "--password-stdin", stdin=b"  with blanks \r\n")
    assert coffer.ok("get", "two") == b"  with blanks \n"
    coffer.ok("add", "three", fds={"--value-fd": SECRET})
    assert coffer.ok("get", "three") == SECRET + b"\n"


@pytest.mark.parametrize("text", [b"one\n  two\n\nthree\n", b"tab\there", "ключ\n".encode()])
def test_notes_are_kept_byte_for_byte_but_for_the_last_line_feed(coffer, text):
    """As by `coffer set`: what `get` prints is what came in."""
    coffer.ok("add", "noted", "--template", "note", "--note-stdin", stdin=text)
    entry = shown_entry(coffer, "noted")
    assert entry["template"] == "note"
    assert entry["secrets"] == {"notes": text.decode().removesuffix("\n")}
    assert coffer.ok("get", "noted", "notes") == text.removesuffix(b"\n") + b"\n"


def test_notes_and_a_password_come_by_two_ways(coffer):
    coffer.ok("add", "vk", "--note-stdin", stdin=b"a note", fds={"--value-fd": SECRET})
    assert shown_entry(coffer)["secrets"] == {"password": SECRET.decode(), "notes": "a note"}


def test_a_vk_cloud_entry_without_a_terminal_has_the_usual_domain(coffer):
    coffer.ok("add", "vk", "--template", "vk-cloud", "--username", "anna@example.com", "--generate")
    entry = shown_entry(coffer)
    assert entry["template"] == "vk-cloud" and entry["fields"] == {"user-domain": "users"}


# --- What is refused


@pytest.mark.parametrize("words", [(), ("--template", "api-key"), ("--username", "anna"), ("--no-input",)])
def test_without_a_terminal_a_missing_password_is_refused_with_the_options(coffer, words):
    error = refuse(coffer, 64, "vk", *words)
    assert "--generate" in error and "--password-stdin" in error and "--value-fd" in error


def test_on_a_terminal_nothing_is_asked_with_no_input(coffer):
    child = asked(coffer, "add", "vk", "--no-input", unlock=False)
    assert end(child) == 5
    assert b"--password-fd" in shown(child) and listed(coffer) == []


def test_an_existing_title_and_user_name_is_refused_unless_duplicate(coffer):
    coffer.add("vk", "--username", "anna")
    assert "--duplicate" in refuse(coffer, 9, "vk", "--username", "anna", "--generate")
    coffer.add("vk", "--username", "bob")
    coffer.add("vk")
    assert "--duplicate" in refuse(coffer, 9, "vk", "--generate")
    coffer.add("vk", "--username", "anna", "--duplicate")
    assert [entry["username"] for entry in listed(coffer)].count("anna") == 2


def test_the_same_title_in_other_letters_of_unicode_is_the_same(coffer):
    coffer.add("café")
    refuse(coffer, 9, "cafe\u0301", "--generate")
    assert coffer.ok("get", "cafe\u0301") == b"a password\n"


def test_a_title_in_the_trash_is_free(coffer):
    coffer.add("vk")
    coffer.ok("rm", "vk")
    coffer.add("vk")
    assert len(listed(coffer)) == 1


@pytest.mark.parametrize("title, status, words", [
    ("", 64, "title is empty"), ("a" * 1025, 7, "title of 1024 bytes"), ("й" * 513, 7, "title of 1024 bytes")])
def test_a_title_that_is_none_is_refused(coffer, title, status, words):
    assert words in refuse(coffer, status, title, "--generate")


def test_the_longest_title_is_kept_whole(coffer):
    coffer.add("й" * 512)
    assert [entry["title"] for entry in listed(coffer)] == ["й" * 512]


def test_a_title_with_nul_is_refused_where_one_can_come(coffer):
    coffer.add("vk")
    before = coffer.vault.read_bytes()
    result = coffer.run("set", "vk", "title", "-", stdin=b"a\0b")
    assert result.status == 64 and b"NUL" in result.err, result
    assert coffer.vault.read_bytes() == before


@pytest.mark.parametrize("words", [
    (b"\xff\xfe",), ("vk", "--username", b"\xff"), ("vk", "--url", b"\xc3("), ("vk", "--tag", b"\xed\xa0\x80")])
def test_an_argument_that_is_not_utf8_is_refused_not_repaired(coffer, words):
    refuse(coffer, 64, *[os.fsdecode(word) for word in words], "--generate")


@pytest.mark.parametrize("words, limit", [
    (("--username", "u" * 1025), "1024"), (("--url", "u" * 1025), "1024"), (("--tag", "t" * 1025), "1024")])
def test_what_is_too_long_is_refused_not_cut(coffer, words, limit):
    assert limit in refuse(coffer, 7, "vk", "--generate", *words)


@pytest.mark.parametrize("words", [("--url", ""), ("--tag", "")])
def test_an_empty_url_or_tag_is_refused(coffer, words):
    assert "is empty" in refuse(coffer, 64, "vk", "--generate", *words)


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n"])
def test_an_empty_password_is_refused_as_it_is_by_set(coffer, content):
    """What a script pipes in when its own source failed."""
    refuse(coffer, 64, "vk", "--password-stdin", stdin=content)


def test_a_second_word_could_only_be_a_secret_and_is_refused_for_safety(coffer):
    assert "never taken as an argument" in refuse(coffer, 9, "vk", SECRET.decode())


@pytest.mark.parametrize("content", [b"\xff\xfe" + SECRET, SECRET + b"\0b"])
def test_a_password_that_is_not_utf8_or_holds_nul_is_refused(coffer, content):
    refuse(coffer, 64, "vk", "--password-stdin", stdin=content)
    refuse(coffer, 64, "vk", "--template", "note", "--note-stdin", stdin=content)


@pytest.mark.parametrize("words", [
    ("--password-stdin", "--note-stdin"), ("--password-stdin", "--generate"), ("--generate", "--length", "7"),
    ("--generate", "--words", "6", "--length", "20"), ("--generate", "--template", "unheard-of")])
def test_what_does_not_go_together_is_a_usage_error(coffer, words):
    refuse(coffer, 64, "vk", *words, stdin=SECRET + b"\n")


@pytest.mark.parametrize("words", [
    ("--password", SECRET.decode()), (f"--password={SECRET.decode()}",), ("--secret", SECRET.decode()),
    ("--value", SECRET.decode()), ("--otp-secret", SECRET.decode())])
def test_a_secret_as_an_argument_is_refused_and_not_repeated(coffer, words):
    assert "never taken as an argument" in refuse(coffer, 9, "vk", *words)


def test_without_a_vault_the_way_to_one_is_named(home):
    result = home.run("add", "vk", "--generate")
    assert (result.status, result.out) == (2, b""), result
    assert b"coffer init" in result.err and list(home.home.iterdir()) == []


# --- On a terminal


CLOUD_QUESTIONS = [
    ("E-mail: ", b"anna@example.com"), ("\nPassword: ", SECRET), ("TOTP key or otpauth URI: ", KEY),
    ("Backup codes .*:\r\n", b"\n".join(CODES) + b"\n"), ("Project id: ", b"p-1"), ("Region: ", b"ru-moscow"),
    ("Auth URL: ", b"https://auth.example"), (r"User domain \[users\]: ", b"ours")]


def test_the_vk_cloud_template_asks_for_all_it_has(coffer):
    child = asked(coffer, "add", "vk", "--template", "vk-cloud")
    child.expect("Everything is optional")
    for question, text in CLOUD_QUESTIONS:
        answer(child, question, text)
    assert end(child) == 0
    entry = shown_entry(coffer)
    assert (entry["username"], entry["template"]) == ("anna@example.com", "vk-cloud")
    assert entry["fields"] == {
        "project-id": "p-1", "region": "ru-moscow", "auth-url": "https://auth.example", "user-domain": "ours"}
    assert entry["secrets"]["password"] == SECRET.decode()
    assert coffer.ok("get", "vk", "otp-secret") == KEY + b"\n"
    assert sorted(code["code"].encode() for code in entry["secrets"]["codes"]) == CODES
    screen = shown(child)
    assert b"Added vk." in screen and b"2 unused backup codes left for vk." in screen
    # What is not secret is seen while it is typed; of the secrets there is nothing.
    assert b"anna@example.com" in screen and b"ru-moscow" in screen
    for secret in (SECRET, KEY, *CODES, MASTER_PASSWORD):
        assert secret not in screen


def test_the_vk_cloud_template_takes_no_answer_at_all(coffer):
    child = asked(coffer, "add", "vk", "--template", "vk-cloud")
    for question, _ in CLOUD_QUESTIONS:
        answer(child, question, "")
    assert end(child) == 0
    entry = shown_entry(coffer)
    assert (entry["username"], entry["secrets"], entry["codes"]["sets"]) == (None, {}, 0)
    assert entry["has"] == {"password": False, "otp": False, "notes": False}
    assert entry["fields"] == {"user-domain": "users"}


def test_what_the_options_give_is_not_asked_for(coffer):
    child = asked(coffer, "add", "vk", "--template", "vk-cloud", "--username", "anna", "--generate")
    for question, _ in CLOUD_QUESTIONS[2:]:
        answer(child, question, "")
    assert end(child) == 0
    assert b"E-mail" not in shown(child) and b"\nPassword" not in shown(child)
    assert shown_entry(coffer)["username"] == "anna" and shown_entry(coffer)["has"]["password"]


@pytest.mark.parametrize("template, questions", [
    ("login", [("User name: ", b"anna"), ("\nPassword: ", SECRET)]),
    ("api-key", [("Key id or user name: ", b"anna"), ("\nKey: ", SECRET)])])
def test_a_template_asks_for_a_name_and_a_secret(coffer, template, questions):
    child = asked(coffer, "add", "vk", "--template", template)
    for question, text in questions:
        answer(child, question, text)
    assert end(child) == 0
    assert SECRET not in shown(child)
    entry = shown_entry(coffer)
    assert (entry["username"], entry["secrets"]) == ("anna", {"password": SECRET.decode()})


def test_notes_may_have_several_lines_and_are_not_shown(coffer):
    child = asked(coffer, "add", "vk", "--template", "note")
    answer(child, "Notes, .*:\r\n", SECRET + b"\nsecond\n")
    assert end(child) == 0
    assert SECRET not in shown(child) and b"second" not in shown(child)
    assert shown_entry(coffer)["secrets"]["notes"] == SECRET.decode() + "\nsecond"


@pytest.mark.parametrize("number", range(len(CLOUD_QUESTIONS)))
def test_ctrl_c_at_any_question_saves_nothing(coffer, number):
    before = coffer.vault.read_bytes()
    child = asked(coffer, "add", "vk", "--template", "vk-cloud")
    for question, text in CLOUD_QUESTIONS[:number]:
        answer(child, question, text)
    interrupt(child, CLOUD_QUESTIONS[number][0])
    assert end(child) == 130
    assert coffer.vault.read_bytes() == before
    for secret in (SECRET, KEY, *CODES):
        assert secret not in shown(child)


def test_ctrl_d_cancels_and_saves_nothing(coffer):
    before = coffer.vault.read_bytes()
    child = asked(coffer, "add", "vk")
    answer(child, "User name: ", "anna")
    child.expect("\nPassword: ")
    child.sendeof()
    assert end(child) == 130
    assert b"Cancelled; nothing was changed." in shown(child)
    assert coffer.vault.read_bytes() == before


def test_a_key_with_a_slip_is_not_saved_and_not_shown(coffer):
    before = coffer.vault.read_bytes()
    child = asked(coffer, "add", "vk", "--template", "vk-cloud")
    for question, text in CLOUD_QUESTIONS[:2]:
        answer(child, question, text)
    answer(child, "TOTP key or otpauth URI: ", b"JBSWY3DPEHPK3PX1")
    child.expect("position 16")
    child.close(force=True)
    assert b"JBSWY3DP" not in shown(child)
    assert coffer.vault.read_bytes() == before


def test_a_user_name_that_makes_a_double_is_refused_on_a_terminal_too(coffer):
    coffer.add("vk", "--username", "anna")
    before = coffer.vault.read_bytes()
    child = asked(coffer, "add", "vk")
    answer(child, "User name: ", "anna")
    child.expect(["\nPassword: ", "error 9: "])
    if b"error 9: " not in shown(child):
        child.sendline(SECRET)
    assert end(child) == 9
    assert SECRET not in shown(child) and coffer.vault.read_bytes() == before
