"""coffer login: user name, password and a fresh code go to the clipboard in turn, one Enter each."""

import io
import os
import pathlib
import random
import re
import signal
import time

import pexpect
import pytest

from conflicts import with_second_value
from conftest import PROGRAM
from desktop import Desktop, guards, only, wait_until

HOTP_URI = b"otpauth://hotp/Token:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0&digits=6"
TOTP_URI = b"otpauth://totp/Example:me?secret=JBSWY3DPEHPK3PXP"
USERNAME_FIELD, PASSWORD_FIELD = 2, 3


@pytest.fixture(scope="module")
def desktop():
    desktop = Desktop()
    yield desktop
    desktop.stop()


@pytest.fixture
def seconds():
    """A time that nobody waits for, by which this story's guards are known."""
    return random.randint(600, 3600)


@pytest.fixture
def vault(coffer, seconds):
    coffer.add("work/vk", "--username", "anna", password=b"a password of anna")
    coffer.ok("config", "set", "clipboard-seconds", seconds, unlock=False)
    yield coffer
    for guard in guards(seconds):
        os.kill(guard, signal.SIGTERM)


@pytest.fixture
def login(vault, desktop, tmp_path):
    """`coffer login` on a terminal and a desktop, with the master password typed."""
    tools = only(tmp_path / "tools", "xclip")

    def start(*words):
        child = pexpect.spawn(
            PROGRAM, ["login", *words], cwd=str(vault.home), timeout=20,
            env={**vault.environment, **desktop.environment, "PATH": tools, "TERM": "dumb"})
        child.delaybeforesend = None
        child.ptyproc.delayafterclose = 0
        child.logfile_read = io.BytesIO()
        child.expect("Master password for .*: ")
        child.sendline(vault.password)
        return child

    return start


def step(child, what, title="work/vk"):
    child.expect_exact(f"Enter copies the {what} of {title}: ")
    child.sendline("")


def copied(child, what, seconds, title="work/vk"):
    child.expect(rf"Copied the {what} of {title}( \(valid for (\d+) s\))? to the clipboard; it will be cleared in {seconds} s\.")
    return child.match[2]


def ended(child):
    child.expect(pexpect.EOF)
    child.wait()
    assert child.signalstatus is None
    return child.exitstatus


def test_everything_is_copied_in_turn_and_cleared(login, vault, desktop, seconds):
    vault.ok("otp", "add", "work/vk", "--uri-stdin", stdin=TOTP_URI)
    desktop.copy(b"before")
    child = login("work/vk")
    child.expect_exact("Enter copies the user name of work/vk: ")
    assert desktop.held() == b"before"
    child.sendline("")
    copied(child, "user name", seconds)
    assert desktop.held() == b"anna"
    step(child, "password")
    copied(child, "password", seconds)
    assert desktop.held() == b"a password of anna"
    # Somebody answers the question with text: only Enter counts.
    child.expect_exact("Enter copies the code of work/vk: ")
    child.sendline("no")
    child.timeout = 40
    left = copied(child, "code", seconds)
    assert 10 <= int(left) <= 30
    code = desktop.held()
    now = int(time.time())
    assert code in [vault.ok("otp", "work/vk", "--at", str(at)).strip() for at in (now, now - 30)]
    assert ended(child) == 0
    written = child.logfile_read.getvalue()
    assert b"a password of anna" not in written and code not in written
    for guard in guards(seconds):
        os.kill(guard, signal.SIGTERM)
    assert wait_until(lambda: guards(seconds) == [])
    assert desktop.held() == b""


def test_what_the_entry_has_not_is_passed_over_and_told(login, vault, desktop, seconds):
    child = login("work/vk")
    step(child, "user name")
    step(child, "password")
    copied(child, "password", seconds)
    child.expect_exact("work/vk has no one-time password.")
    assert ended(child) == 0 and desktop.held() == b"a password of anna"
    vault.add("nameless", password=b"another password")
    child = login("nameless")
    child.expect_exact("nameless has no user name.")
    step(child, "password", "nameless")
    assert ended(child) == 0 and desktop.held() == b"another password"


def test_an_entry_with_nothing_to_sign_in_with_is_not_found(login, vault):
    vault.ok("add", "noted", "--template", "note", "--note-stdin", stdin=b"a note")
    child = login("noted")
    child.expect_exact("There is no user name, password or one-time password in noted.")
    assert ended(child) == 2


def test_a_counter_is_drawn_when_its_turn_comes_and_not_before(login, vault, desktop, seconds):
    vault.ok("otp", "add", "work/vk", "--uri-stdin", stdin=HOTP_URI)
    child = login("work/vk")
    step(child, "user name")
    step(child, "password")
    child.expect_exact("Enter copies the code of work/vk: ")
    child.sendeof()
    assert ended(child) == 130
    child = login("work/vk")
    step(child, "user name")
    step(child, "password")
    step(child, "code")
    copied(child, "code", seconds)
    assert ended(child) == 0 and desktop.held() == b"755224"
    assert vault.ok("otp", "work/vk", "--next") == b"287082\n"


@pytest.mark.parametrize("key", ["c", "d"])
def test_an_interrupted_sign_in_ends_and_what_was_copied_is_still_cleared(login, desktop, seconds, key):
    child = login("work/vk")
    step(child, "user name")
    copied(child, "user name", seconds)
    child.expect_exact("Enter copies the password of work/vk: ")
    child.sendcontrol(key)
    assert ended(child) == 130
    [guard] = guards(seconds)
    assert desktop.held() == b"anna"
    os.kill(guard, signal.SIGTERM)
    assert wait_until(lambda: desktop.held() == b"")


def test_a_guard_that_ends_meanwhile_is_no_zombie(login, vault, desktop):
    vault.ok("config", "set", "clipboard-seconds", "1", unlock=False)
    child = login("work/vk")
    step(child, "user name")
    child.expect_exact("Enter copies the password of work/vk: ")
    assert wait_until(lambda: desktop.held() == b"")
    assert pathlib.Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text() == ""
    child.sendline("")
    copied(child, "password", 1)
    assert ended(child) == 0


def test_a_conflict_is_refused_before_anything_is_copied(login, vault, desktop, seconds):
    with_second_value(vault, PASSWORD_FIELD, "the other")
    desktop.copy(b"before")
    child = login("work/vk")
    child.expect_exact("coffer: error 8: work/vk has several values of password")
    assert ended(child) == 8 and desktop.held() == b"before"
    child = login("work/vk", "--pick", "newest")
    step(child, "user name")
    step(child, "password")
    copied(child, "password", seconds)
    assert ended(child) == 0 and desktop.held() == b"the other"


def test_the_user_name_tells_which_entry(login, vault, desktop, seconds):
    vault.add("work/vk", "--username", "boris", password=b"a password of boris")
    child = login("work/vk", "--username", "boris")
    step(child, "user name")
    step(child, "password")
    copied(child, "password", seconds)
    assert ended(child) == 0 and desktop.held() == b"a password of boris"
    child = login("work/vk")
    child.expect_exact("Several entries match work/vk")
    assert ended(child) == 2


def test_a_title_cannot_give_the_terminal_orders(login, vault):
    vault.add("placeholder", "--username", "u")
    entry = vault.run("show", "placeholder", "--json").json()["id"]
    vault.ok("mv", "placeholder", "evil\u202etitle")
    child = login("id:" + entry)
    child.expect(r"Enter copies the user name of evil.*title: ")
    child.sendcontrol("c")
    assert ended(child) == 130 and "\u202e".encode() not in child.logfile_read.getvalue()


def test_without_a_terminal_each_is_named_that_does_it(vault, desktop):
    result = vault.run("login", "work/vk", env=desktop.environment)
    assert (result.status, result.out) == (64, b""), result
    assert b"coffer get --clip work/vk," in result.err and b"coffer otp --fresh 10 --clip work/vk\n" in result.err


def test_with_no_input_it_is_refused_on_a_terminal_too(vault, desktop):
    child = pexpect.spawn(
        PROGRAM, ["login", "work/vk", "--no-input"], env={**vault.environment, **desktop.environment},
        cwd=str(vault.home), timeout=20)
    child.expect_exact("There is no terminal on which Enter could be pressed, or --no-input forbids it.")
    assert ended(child) == 64


def test_without_a_clipboard_nothing_is_asked(vault):
    child = pexpect.spawn(
        PROGRAM, ["login", "work/vk"], env={**vault.environment, "PATH": "/nowhere", "TERM": "dumb"},
        cwd=str(vault.home), timeout=20)
    child.expect_exact("There is no clipboard")
    assert ended(child) == 1 and not re.search(b"Master password", child.before)
