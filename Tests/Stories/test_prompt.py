"""Questions on a real terminal: what signals leave behind, and what a person sees."""

import os
import re
import signal
import subprocess
import termios
import time

import pexpect
import pytest

from conftest import MASTER_PASSWORD, PROGRAM, pipe_with

PASSWORD = MASTER_PASSWORD.decode()
QUESTION = "Master password for .*: "
READY = "READY> "


@pytest.fixture
def asked(coffer):
    """`coffer ls` at its question, on a terminal of its own."""
    coffer.add("work/vk")
    child = pexpect.spawn(
        PROGRAM, ["ls"], env=coffer.environment, cwd=str(coffer.home), encoding="utf-8", timeout=20)
    child.expect(QUESTION)
    yield child
    child.close(force=True)


@pytest.fixture
def shell(coffer):
    """An interactive shell with job control, which runs `coffer`."""
    coffer.add("work/vk")
    environment = {**coffer.environment, "PS1": READY, "HISTFILE": "", "TERM": "dumb", "COFFER": PROGRAM}
    child = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "--noediting", "-i"], env=environment, cwd=str(coffer.home),
        encoding="utf-8", timeout=20)
    child.expect_exact(READY)
    yield child
    child.close(force=True)


def wait_for_echo(child, wanted):
    for _ in range(200):
        if child.getecho() == wanted:
            return
        time.sleep(0.02)
    pytest.fail(f"echo is not {'on' if wanted else 'off'}")


def test_a_password_is_typed_unseen_and_echo_is_back(asked):
    assert not asked.getecho()
    asked.sendline(PASSWORD)
    asked.expect_exact("work/vk")
    asked.expect(pexpect.EOF)
    asked.wait()
    assert asked.exitstatus == 0
    assert PASSWORD not in asked.before
    wait_for_echo(asked, True)


def test_ctrl_c_ends_with_130_and_echo_is_back(asked):
    asked.sendcontrol("c")
    asked.expect(pexpect.EOF)
    assert "error" not in asked.before
    asked.wait()
    assert (asked.exitstatus, asked.signalstatus) == (130, None)
    wait_for_echo(asked, True)


def test_ctrl_d_cancels(asked):
    asked.sendeof()
    asked.expect_exact("coffer: error 130: Cancelled; nothing was changed.")
    asked.expect(pexpect.EOF)
    asked.wait()
    assert asked.exitstatus == 130
    wait_for_echo(asked, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_deadly_signal_kills_as_ever_and_echo_is_back(asked, number):
    os.kill(asked.pid, number)
    asked.wait()
    assert asked.signalstatus == number
    wait_for_echo(asked, True)


@pytest.fixture
def slow(home):
    """`coffer ls` at the question of a vault that takes a second to open."""
    home.ok("init", "--iterations", 3_000_000, "--no-recovery-key", fds={"--new-password-fd": home.password + b"\n"},
            unlock=False)
    child = pexpect.spawn(PROGRAM, ["ls"], env=home.environment, cwd=str(home.home), encoding="utf-8", timeout=40)
    child.delaybeforesend = None
    child.expect(QUESTION)
    yield child
    child.close(force=True)


def test_what_is_typed_while_the_vault_is_opened_is_not_seen(slow):
    """Whoever has noticed a slip types the right password at once."""
    slow.sendline("a slip")
    time.sleep(0.1)
    assert not slow.getecho()
    slow.sendline(PASSWORD)
    slow.expect_exact("Try again.")
    seen = slow.before
    slow.expect(QUESTION)
    assert PASSWORD not in seen + slow.before
    # It was thrown away: nobody knows what it was meant for.
    slow.sendline(PASSWORD)
    slow.expect(pexpect.EOF)
    slow.wait()
    assert slow.exitstatus == 0 and PASSWORD not in slow.before
    wait_for_echo(slow, True)


def test_who_was_stopped_and_goes_on_while_the_vault_is_opened_hides_again(slow):
    slow.sendline(PASSWORD)
    time.sleep(0.1)
    os.kill(slow.pid, signal.SIGSTOP)
    # As a shell does with the terminal of a job that has stopped.
    settings = termios.tcgetattr(slow.child_fd)
    settings[3] |= termios.ECHO
    termios.tcsetattr(slow.child_fd, termios.TCSANOW, settings)
    os.kill(slow.pid, signal.SIGCONT)
    wait_for_echo(slow, False)
    slow.expect(pexpect.EOF)
    slow.wait()
    assert slow.exitstatus == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_while_the_vault_is_opened_ends_it_and_echo_is_back(slow, number):
    slow.sendline(PASSWORD)
    time.sleep(0.1)
    assert not slow.getecho()
    os.kill(slow.pid, number)
    slow.wait()
    assert slow.signalstatus == number
    wait_for_echo(slow, True)


def test_ctrl_z_gives_the_terminal_back_and_fg_asks_again(shell):
    shell.sendline('"$COFFER" ls')
    shell.expect(QUESTION)
    wait_for_echo(shell, False)
    shell.send("half a pass")
    shell.sendcontrol("z")
    shell.expect_exact("Stopped")
    shell.expect_exact(READY)
    shell.sendline("stty -a | grep -o -- '-*echo '")
    shell.expect(r"[^-]echo ")
    shell.expect_exact(READY)
    shell.sendline("fg")
    shell.expect(QUESTION)
    wait_for_echo(shell, False)
    # What was typed before Ctrl-Z is forgotten.
    shell.sendline(PASSWORD)
    shell.expect_exact("work/vk")
    shell.expect_exact(READY)
    shell.sendline("echo status $?")
    shell.expect_exact("status 0")


def test_a_program_that_was_stopped_from_elsewhere_asks_again(shell):
    shell.sendline('"$COFFER" ls')
    shell.expect(QUESTION)
    shell.sendcontrol("z")
    shell.expect_exact(READY)
    shell.sendline("fg")
    shell.expect(QUESTION)
    # SIGSTOP cannot be caught: the shell takes the terminal without our help.
    shell_pid = shell.pid
    with open(f"/proc/{shell_pid}/task/{shell_pid}/children") as children:
        child = int(children.read().split()[0])
    os.kill(child, signal.SIGSTOP)
    shell.expect_exact(READY)
    shell.sendline("stty echo; fg")
    shell.expect(QUESTION)
    wait_for_echo(shell, False)
    shell.sendline(PASSWORD)
    shell.expect_exact("work/vk")


def test_what_is_pasted_after_the_password_does_not_reach_the_shell(shell):
    shell.sendline('"$COFFER" ls')
    shell.expect(QUESTION)
    shell.send(f"{PASSWORD}\necho PWN''ED\n")
    shell.expect_exact("work/vk")
    shell.expect_exact(READY)
    shell.sendline("echo do''ne")
    shell.expect_exact("done")
    assert "PWNED" not in shell.before


def test_nothing_is_asked_when_input_is_forbidden(coffer):
    child = pexpect.spawn(
        PROGRAM, ["ls", "--no-input"], env=coffer.environment, cwd=str(coffer.home), encoding="utf-8", timeout=20)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 5
    assert not re.search(QUESTION, child.before)


def test_nothing_is_asked_without_a_terminal(coffer):
    result = coffer.run("ls", unlock=False)
    assert (result.status, result.out) == (5, b"")
    assert result.err == (
        b"coffer: error 5: The vault is locked, no agent answers and there is no terminal to ask on."
        b" Run coffer unlock first, or pass --password-fd N.\n")


def test_output_that_nobody_reads_ends_without_a_word(coffer):
    coffer.add("work/vk")
    reading, writing = os.pipe()
    os.close(reading)
    result = coffer_status_with_output(coffer, writing)
    assert result == (141, b"")


def test_a_full_disk_behind_standard_output_is_told(coffer):
    coffer.add("work/vk")
    full = os.open("/dev/full", os.O_WRONLY)
    status, err = coffer_status_with_output(coffer, full)
    assert status == 1
    assert b"Standard output cannot be written: No space left on device." in err


def coffer_status_with_output(coffer, descriptor):
    password = pipe_with(MASTER_PASSWORD + b"\n")
    try:
        done = subprocess.run(
            [PROGRAM, "ls", "--password-fd", str(password)], stdout=descriptor, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, pass_fds=[password], env=coffer.environment, timeout=60,
            start_new_session=True, restore_signals=True)
    finally:
        os.close(password)
        os.close(descriptor)
    warnings = b"".join(line for line in done.stderr.splitlines(True) if b"error" in line)
    return done.returncode, warnings
