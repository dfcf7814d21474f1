"""`coffer edit`: a conversation about every field, saved once at its end, or not at all."""

import pytest

from conflicts import forge, with_second_value
from conftest import MASTER_PASSWORD
from terminal import answer, asked, end, interrupt, shown

SECRET = b"Zq8-not-for-eyes"
NEW_SECRET = b"Xw4-not-for-eyes-either"
PIN = b"7391-not-for-eyes"
NOTE = b"a note, not for eyes"
KEY = b"JBSWY3DPEHPK3PXP"
NEW_KEY = b"GEZDGNBVGY3TQOJQ"
SECRETS = [SECRET, NEW_SECRET, PIN, NOTE, KEY, NEW_KEY, MASTER_PASSWORD]
# Every question, by what it begins with, in its order, for an entry that has a field of each kind.
QUESTIONS = ["Title", "User name", "Password", "URLs", "region", "pin", "TOTP key", "Tags", "Notes"]


@pytest.fixture
def vk(coffer):
    """An entry with a field of every kind."""
    coffer.ok(
        "add", "work/vk", "--username", "anna", "--url", "https://a.example", "--url", "https://b.example", "--tag",
        "prod", "--tag", "two words", "--note-stdin", stdin=NOTE, fds={"--value-fd": SECRET})
    coffer.ok("set", "work/vk", "region", "ru-moscow", "--plain")
    coffer.ok("set", "work/vk", "pin", "-", stdin=PIN + b"\n")
    coffer.ok("otp", "add", "work/vk", "--key-stdin", stdin=KEY)
    return coffer


def question(label):
    """What a question looks like: its label, what is there, a colon."""
    return rf"\n{label}[^\n]*:( |\r\n)"


def start(coffer, *words):
    child = asked(coffer, "edit", *words)
    child.expect("Enter keeps what is there")
    return child


def go_on(child, answers, since=QUESTIONS[0], to=None):
    """Answers the questions from `since` on, up to `to`; Enter where `answers` has nothing.

    Two answers in a list are for a question that is asked twice.
    """
    for label in QUESTIONS[QUESTIONS.index(since):QUESTIONS.index(to) if to else None]:
        texts = answers.get(label, "")
        texts = texts if isinstance(texts, list) else [texts]
        answer(child, question(label), texts[0])
        for text in texts[1:]:
            answer(child, "again: ", text)


def edit(coffer, answers, *words, status=0):
    """A whole conversation; `answers` by label. Returns what stood on the terminal, in which no secret was."""
    child = start(coffer, *(words or ["work/vk"]))
    go_on(child, answers)
    assert end(child) == status, shown(child)
    for secret in SECRETS:
        assert secret not in shown(child)
    return shown(child)


def entry(coffer, name="work/vk"):
    return coffer.run("show", name, "--json", "--reveal").json()


def without_times(shown_entry):
    return {key: value for key, value in shown_entry.items() if key != "modified"}


def backups(coffer):
    return coffer.run("backups", "--json", unlock=False).json()


# --- What it asks


def test_enter_everywhere_keeps_everything_and_saves_nothing(vk):
    before = vk.vault.read_bytes()
    screen = edit(vk, {})
    assert b"Nothing was changed." in screen
    assert vk.vault.read_bytes() == before


def test_what_is_not_secret_is_shown_and_of_secrets_only_whether_they_are_there(vk):
    screen = edit(vk, {})
    for text in (b"work/vk", b"anna", b"https://a.example", b"ru-moscow", b"prod"):
        assert b"[" + text in screen, text
    for label in (b"Password", b"pin", b"TOTP key or otpauth URI", b"Notes"):
        assert label + b" [kept secret]" in screen
    vk.ok("set", "work/vk", "password", "--remove")
    assert b"Password [none]" in edit(vk, {})


def test_a_vk_cloud_entry_is_asked_for_what_its_template_has(coffer):
    coffer.ok("add", "vk", "--template", "vk-cloud", "--generate")
    child = start(coffer, "vk")
    for label, text in [("Title", ""), ("User name", "anna@example.com"), ("Password", ""), ("URLs", ""),
                        ("auth-url", "https://auth.example"), ("project-id", "p-1"), ("region", ""),
                        ("user-domain", "ours"), ("TOTP key", ""), ("Tags", ""), ("Notes", "")]:
        answer(child, question(label), text)
    assert end(child) == 0
    changed = entry(coffer, "vk")
    assert changed["fields"] == {"auth-url": "https://auth.example", "project-id": "p-1", "user-domain": "ours"}
    assert changed["username"] == "anna@example.com"


# --- What answers do


def test_every_field_is_changed_and_all_of_it_is_saved_at_once(vk):
    count = len(backups(vk))
    screen = edit(vk, {
        "Title": "work/cloud", "User name": "bob", "Password": [NEW_SECRET, NEW_SECRET],
        "URLs": "https://c.example  https://a.example", "region": "ru-spb", "pin": b"0000", "TOTP key": NEW_KEY,
        "Tags": "test, two words,prod", "Notes": b"new\nnote\n"})
    assert b"Saved " in screen and b"work/" in screen
    assert len(backups(vk)) == count + 1
    changed = entry(vk, "work/cloud")
    assert (changed["username"], changed["fields"]) == ("bob", {"region": "ru-spb"})
    assert changed["urls"] == ["https://a.example", "https://c.example"]
    assert changed["tags"] == ["prod", "test", "two words"]
    secrets = changed["secrets"]
    assert (secrets["password"], secrets["fields"], secrets["notes"]) == (
        NEW_SECRET.decode(), {"pin": "0000"}, "new\nnote")
    assert vk.ok("get", "work/cloud", "otp-secret") == NEW_KEY + b"\n"
    assert changed["conflicts"] == []
    assert vk.run("get", "work/vk").status == 2
    # What was there before stays in the history.
    history = vk.run("history", "work/cloud", "password", "--json", "--reveal").json()
    assert [row["value"] for row in history] == [NEW_SECRET.decode(), SECRET.decode()]


def test_a_hyphen_takes_a_field_away(vk):
    edit(vk, {label: "-" for label in QUESTIONS[1:-1]} | {"Notes": b"-\n"})
    bare = entry(vk)
    assert (bare["username"], bare["urls"], bare["tags"], bare["fields"], bare["secrets"]) == (None, [], [], {}, {})
    # All of it can be had back.
    for field, value in [("password", SECRET), ("notes", NOTE), ("pin", PIN), ("username", b"anna")]:
        vk.ok("undo", "work/vk", field)
        assert vk.ok("get", "work/vk", field) == value + b"\n"


def test_a_title_cannot_be_taken_away(vk):
    before = vk.vault.read_bytes()
    child = start(vk, "work/vk")
    answer(child, question("Title"), "-")
    child.expect("coffer rm")
    go_on(child, {})
    assert end(child) == 0 and vk.vault.read_bytes() == before


def test_one_change_leaves_all_else_as_it_was(vk):
    before = entry(vk)
    edit(vk, {"region": "ru-spb"})
    before["fields"] = {"region": "ru-spb"}
    assert without_times(entry(vk)) == without_times(before)


def test_an_answer_that_is_there_already_changes_nothing(vk):
    before = vk.vault.read_bytes()
    screen = edit(vk, {"User name": "anna", "Password": [SECRET, SECRET], "region": "ru-moscow", "pin": PIN,
                       "Tags": "two words, prod", "URLs": "https://b.example https://a.example"})
    assert b"Nothing was changed." in screen
    assert vk.vault.read_bytes() == before


# --- What is refused or interrupted


@pytest.mark.parametrize("at", QUESTIONS)
def test_ctrl_c_at_any_question_changes_nothing(vk, at):
    before = vk.vault.read_bytes()
    child = start(vk, "work/vk")
    go_on(child, {"Title": "work/cloud", "User name": "bob", "Password": [NEW_SECRET, NEW_SECRET], "pin": b"0000",
                  "region": "-", "Tags": "-"}, to=at)
    interrupt(child, question(at))
    assert end(child) == 130
    assert vk.vault.read_bytes() == before
    assert NEW_SECRET not in shown(child)


def test_ctrl_d_cancels(vk):
    before = vk.vault.read_bytes()
    child = start(vk, "work/vk")
    go_on(child, {"User name": "bob"}, to="URLs")
    child.expect(question("URLs"))
    child.sendeof()
    assert end(child) == 130
    assert b"Cancelled; nothing was changed." in shown(child) and vk.vault.read_bytes() == before


def test_a_new_password_that_differs_the_second_time_changes_nothing(vk):
    before = vk.vault.read_bytes()
    child = start(vk, "work/vk")
    go_on(child, {"User name": "bob", "Password": [NEW_SECRET, b"something else"]}, to="URLs")
    child.expect("not the same both times")
    child.close(force=True)
    assert vk.vault.read_bytes() == before and NEW_SECRET not in shown(child)


def test_a_key_that_is_none_changes_nothing_and_is_not_repeated(vk):
    before = vk.vault.read_bytes()
    child = start(vk, "work/vk")
    go_on(child, {"User name": "bob", "TOTP key": b"JBSWY3DPEHPK3PX1"}, to="Tags")
    child.expect("position 16")
    child.close(force=True)
    assert vk.vault.read_bytes() == before and b"JBSWY" not in shown(child)


def test_a_name_that_makes_a_double_is_refused_unless_duplicate(vk):
    vk.add("other", "--username", "anna")
    before = vk.vault.read_bytes()
    assert b"--duplicate" in edit(vk, {"Title": "other"}, status=9)
    assert vk.vault.read_bytes() == before
    edit(vk, {"Title": "other"}, "work/vk", "--duplicate")
    assert [listed["title"] for listed in vk.run("ls", "--json").json()] == ["other", "other"]


@pytest.mark.parametrize("words", [(), ("--no-input",)])
def test_without_a_terminal_it_is_refused_with_the_command_that_needs_none(vk, words):
    before = vk.vault.read_bytes()
    result = vk.run("edit", "work/vk", *words)
    assert (result.status, result.out) == (64, b""), result
    assert b"coffer set" in result.err and vk.vault.read_bytes() == before


def test_with_no_input_it_is_refused_on_a_terminal_too(vk):
    child = asked(vk, "edit", "work/vk", "--no-input", unlock=False)
    assert end(child) == 64
    assert b"Title" not in shown(child)


def test_an_entry_that_is_not_there_or_in_the_trash_is_not_asked_about(vk):
    child = asked(vk, "edit", "work/vkk")
    assert end(child) == 2
    assert b"Near it: work/vk." in shown(child) and b"Title" not in shown(child)
    vk.ok("rm", "work/vk")
    child = asked(vk, "edit", "work/vk")
    assert end(child) == 2
    assert b"coffer restore work/vk" in shown(child)


# --- What happens meanwhile


def test_what_another_process_saved_meanwhile_is_kept(vk):
    child = start(vk, "work/vk")
    go_on(child, {"User name": "bob"}, to="region")
    vk.ok("set", "work/vk", "region", "ru-spb")
    vk.add("another")
    go_on(child, {}, since="region")
    assert end(child) == 0
    changed = entry(vk)
    assert (changed["username"], changed["fields"], changed["conflicts"]) == ("bob", {"region": "ru-spb"}, [])
    assert vk.ok("get", "another") == b"a password\n"


def test_two_values_of_one_field_are_both_kept(vk):
    child = start(vk, "work/vk")
    go_on(child, {"Password": [NEW_SECRET, NEW_SECRET]}, to="URLs")
    vk.ok("set", "work/vk", "password", "-", stdin=b"meanwhile\n")
    go_on(child, {}, since="URLs")
    assert end(child) == 0
    assert entry(vk)["conflicts"] == ["password"] and vk.run("get", "work/vk").status == 8
    history = vk.run("history", "work/vk", "password", "--json", "--reveal").json()
    assert {row["value"] for row in history if row["current"]} == {NEW_SECRET.decode(), "meanwhile"}


def test_a_conflict_is_told_kept_by_enter_and_settled_by_an_answer(vk):
    with_second_value(vk, forge.PASSWORD, "the other one")
    before = vk.vault.read_bytes()
    screen = edit(vk, {})
    assert b"2 values in conflict" in screen and b"the other one" not in screen
    assert vk.vault.read_bytes() == before
    edit(vk, {"Password": [NEW_SECRET, NEW_SECRET]})
    assert entry(vk)["conflicts"] == [] and vk.ok("get", "work/vk") == NEW_SECRET + b"\n"
