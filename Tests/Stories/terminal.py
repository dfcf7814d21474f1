"""Commands on a terminal of their own: answered as a person would, or only looked at."""

import fcntl
import io
import os
import pty
import struct
import subprocess
import termios

import pexpect

from conftest import PROGRAM, Result, pipe_with

TIMEOUT_SECONDS = 20


def asked(coffer, *arguments, unlock=True):
    """A command that asks; with `unlock`, the master password is typed first.

    `shown(child)` is what stood on its terminal so far.
    """
    unlock = coffer.prepare(arguments, unlock)
    child = pexpect.spawn(
        PROGRAM, [str(word) for word in arguments], env={**coffer.environment, "TERM": "dumb"}, cwd=str(coffer.home),
        timeout=TIMEOUT_SECONDS)
    # Answers come after their question, so they need not wait.
    child.delaybeforesend = None
    child.ptyproc.delayafterclose = 0
    child.logfile_read = io.BytesIO()
    if unlock:
        answer(child, "Master password for .*: ", coffer.password)
    return child


def shown(child):
    return child.logfile_read.getvalue()


def answer(child, question, text):
    """Waits for the question and types the text and Enter."""
    child.expect(question)
    child.sendline(text)


def interrupt(child, question):
    """Presses Ctrl-C at the question."""
    child.expect(question)
    child.sendintr()


def end(child):
    """Waits for the end; returns the status."""
    child.expect(pexpect.EOF)
    child.wait()
    child.close()
    assert child.signalstatus is None
    return child.exitstatus


def printed(coffer, *arguments, unlock=True, columns=None):
    """Runs a command whose output goes to a terminal; with `unlock`, the master password comes through a descriptor.

    The terminal changes nothing, so that every carriage return is the program's own. Returns a Result whose `out` is
    all that was written there.
    """
    unlock = coffer.prepare(arguments, unlock)
    words = [str(word) for word in arguments]
    end = words.index("--") if "--" in words else len(words)
    screen, terminal = pty.openpty()
    settings = termios.tcgetattr(terminal)
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(terminal, termios.TCSANOW, settings)
    if columns:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    password = pipe_with(coffer.password + b"\n")
    given = ["--password-fd", str(password)] if unlock else []
    process = subprocess.Popen(
        [PROGRAM, *words[:end], *given, *words[end:]], stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
        pass_fds=[password], start_new_session=True, env={**coffer.environment, "NO_COLOR": "1"}, cwd=coffer.home)
    os.close(terminal)
    os.close(password)
    output = b""
    while chunk := read_screen(screen):
        output += chunk
    os.close(screen)
    return Result(process.wait(TIMEOUT_SECONDS), output, b"")


def read_screen(screen):
    """What comes next; nothing when the program has closed the terminal, which Linux calls an input error."""
    try:
        return os.read(screen, 65_536)
    except OSError:
        return b""
