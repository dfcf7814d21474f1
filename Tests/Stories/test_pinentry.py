"""Asking through a pinentry program: every answer, every fault, and one question at a time."""

import os
import pty
import re
import signal
import stat
import subprocess
import time

import pexpect
import pytest

from conftest import MASTER_PASSWORD, PROGRAM, Coffer, pipe_with
from fake_pinentry import FakePinentry, is_running, pin

CANCELLED = b"ERR 83886179 Operation cancelled <Pinentry>\n"


@pytest.fixture
def vault(coffer):
    coffer.add("work/vk", password=b"of work")
    return coffer


def ask(vault, program, *arguments, **options):
    """`coffer get work/vk` without a terminal, asked by `program`."""
    env = {"PINENTRY": str(program.path), **options.pop("env", {})}
    return vault.run(*(arguments or ("get", "work/vk")), unlock=False, env=env, **options)


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


# Which program


def test_the_variable_names_the_program(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    result = ask(vault, program)
    assert (result.status, result.out) == (0, b"of work\n") and b"error" not in result.err
    assert not any(is_running(number) for number in program.numbers)


def test_the_setting_goes_before_the_variable(vault, tmp_path):
    wanted = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    other = FakePinentry(tmp_path, pin(b"wrong"), name="other")
    vault.ok("config", "set", "pinentry", wanted.path, unlock=False)
    assert ask(vault, other).out == b"of work\n"
    assert not other.record.exists()


def test_the_one_in_path_is_asked_where_a_screen_is_named(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    path = f"{tmp_path}:/usr/bin:/bin"
    assert vault.run("ls", unlock=False, env={"PATH": path}).status == 5
    assert vault.run("ls", unlock=False, env={"PATH": path, "DISPLAY": ":0"}).status == 0
    assert "OPTION display=:0" in program.lines
    assert vault.run("ls", unlock=False, env={"PATH": path, "WAYLAND_DISPLAY": "wayland-0"}).status == 0
    assert len(program.numbers) == 2


def test_a_program_in_the_working_folder_is_not_the_one_in_path(vault):
    program = FakePinentry(vault.home, pin(MASTER_PASSWORD))
    for path in (":", ".", "", "home:."):
        result = vault.run("ls", unlock=False, env={"PATH": path, "DISPLAY": ":0"}, prefix=())
        assert result.status == 5
    assert not program.record.exists()


def test_a_terminal_goes_before_the_program_unless_the_setting_says_so(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    environment = {**vault.environment, "PINENTRY": str(program.path)}
    child = pexpect.spawn(PROGRAM, ["get", "work/vk"], env=environment, cwd=str(vault.home), timeout=20)
    child.expect("Master password for .*: ")
    child.sendline(MASTER_PASSWORD)
    child.expect_exact("of work")
    child.expect(pexpect.EOF)
    assert not program.record.exists()
    vault.ok("config", "set", "ask", "pinentry", unlock=False)
    child = pexpect.spawn(PROGRAM, ["get", "work/vk"], env=environment, cwd=str(vault.home), timeout=20)
    child.expect_exact("of work")
    child.expect(pexpect.EOF)
    assert b"Master password" not in child.before
    assert any(re.fullmatch(r"OPTION ttyname=/dev/pts/\d+", line) for line in program.lines)


def test_no_input_asks_nobody(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    vault.ok("config", "set", "ask", "pinentry", unlock=False)
    assert ask(vault, program, "ls", "--no-input").status == 5
    assert not program.record.exists()


def test_the_settings_are_checked(vault, tmp_path):
    assert vault.run("config", "set", "ask", "window", unlock=False).status == 64
    assert vault.run("config", "set", "pinentry", tmp_path / "nothing", unlock=False).status == 64


# What it is told


def test_it_is_told_who_asks_for_what_and_where(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    ask(vault, program, env={"DISPLAY": ":7", "GPG_TTY": "/nowhere", "LC_ALL": "de_DE.UTF-8", "TERM": "xterm"})
    assert program.lines == [
        "OPTION lc-ctype=de_DE.UTF-8", "OPTION display=:7", "SETTITLE Coffer",
        f"SETDESC Master password for {vault.vault}", "SETPROMPT Password:", "GETPIN", "BYE"]


def test_the_callers_terminal_is_passed_on(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    screen, terminal = pty.openpty()
    try:
        name = os.ttyname(terminal)
        assert ask(vault, program, env={"GPG_TTY": name, "TERM": "xterm-256color"}).status == 0
    finally:
        os.close(screen)
        os.close(terminal)
    assert program.lines[:2] == [f"OPTION ttyname={name}", "OPTION ttytype=xterm-256color"]


def test_a_hostile_path_cannot_give_commands_or_mislead(tmp_path):
    folder = tmp_path / "a%0AB\nGETPIN\n\x1b[2J\u202e<b>bold"
    folder.mkdir()
    coffer = Coffer(folder).init()
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    assert ask(coffer, program, "ls").status == 0
    (description,) = [line for line in program.lines if line.startswith("SETDESC")]
    assert r"/a%250AB\nGETPIN\n\u{1B}[2J\u{202E}\u{3C}b>bold" in description
    assert program.lines.count("GETPIN") == 1
    assert all(0x20 <= ord(letter) < 0x7F for letter in description)


def test_a_hostile_variable_cannot_give_commands(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    assert ask(vault, program, env={"DISPLAY": ":0\nGETPIN", "LC_ALL": "x y"}).status == 0
    assert program.lines.count("GETPIN") == 1 and not any(line.startswith("OPTION") for line in program.lines)


def test_a_long_path_is_cut_to_a_line(tmp_path):
    folder = tmp_path
    for number in range(12):
        folder = folder / (f"{number:03}" + "é%" * 60)
        folder.mkdir()
    coffer = Coffer(folder).init()
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    assert ask(coffer, program, "ls").status == 0
    lines = program.told.encode().split(b"\n")
    assert max(map(len, lines)) <= 1000
    (description,) = [line for line in lines if line.startswith(b"SETDESC")]
    assert description.endswith("…".encode()) and len(description) > 990


def test_a_slip_is_told_and_mended(vault, tmp_path):
    program = FakePinentry(tmp_path, asked=(
        "answer = (b'D wrong\\nOK\\n' if open(record.name, 'rb').read().count(b'GETPIN') < 3 else "
        f"{pin(MASTER_PASSWORD)!r})"))
    result = ask(vault, program)
    assert (result.status, result.out) == (0, b"of work\n")
    assert program.lines.count("SETERROR That password does not open the vault. Try again.") == 2
    assert program.lines.count("GETPIN") == 3


def test_three_slips_are_the_end(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(b"wrong"))
    result = ask(vault, program)
    assert (result.status, result.out) == (3, b"") and program.lines.count("GETPIN") == 3


def test_the_recovery_key_is_asked_for_too(home, tmp_path):
    kit = home.home / "kit"
    home.init("--kit", str(kit))
    (key,) = re.findall(rb"CR1-[0-9A-Z-]+", kit.read_bytes())
    program = FakePinentry(tmp_path, pin(key))
    result = ask(home, program, "kit", "check")
    assert result.status == 0 and "SETPROMPT Recovery key:" in program.lines, result


def test_a_new_password_is_asked_for_twice(vault, tmp_path):
    new = b"entirely new words for this"
    program = FakePinentry(tmp_path, asked=(
        "count = open(record.name, 'rb').read().count(b'GETPIN')\n"
        f"        answer = [{pin(MASTER_PASSWORD)!r}, {pin(new)!r}, {pin(b'a slip')!r}, {pin(new)!r}, {pin(new)!r}]"
        "[count - 1]"))
    result = ask(vault, program, "passwd", "--kdf", "pbkdf2-hmac-sha512", "--iterations", "600000")
    assert result.status == 0, result
    assert "SETERROR That was not the same both times. Once more." in program.lines
    vault.password = new
    assert vault.ok("get", "work/vk") == b"of work\n"


# Its answers


@pytest.mark.parametrize("answer", [
    b"D %63%6Frrect%20horse%20battery%20staple\nOK\n",
    b"D correct \nD horse\nD  battery staple\nOK\n",
    b"D correct horse battery staple\r\nOK\r\n",
    b"# a comment\nS PASSWORD_FROM_CACHE\nD correct horse battery staple\nS x\nOK closing\n",
])
def test_every_form_of_the_answer_is_read(vault, tmp_path, answer):
    assert ask(vault, FakePinentry(tmp_path, answer)).out == b"of work\n"


def test_an_answer_byte_by_byte_is_read(vault, tmp_path):
    asked = "[(say(answer[i:i + 1]), time.sleep(0.005)) for i in range(len(answer))]; continue"
    assert ask(vault, FakePinentry(tmp_path, pin(MASTER_PASSWORD), asked=asked)).out == b"of work\n"


def test_a_password_of_all_kinds_of_bytes_is_exact(home, tmp_path):
    home.password = "100% wörds\t\u20ac%25".encode() + b"x" * 900
    home.init()
    assert ask(home, FakePinentry(tmp_path, pin(home.password)), "ls").status == 0


def test_a_password_of_the_greatest_length_comes_in_several_lines(home, tmp_path):
    home.password = b"%" * 1024
    home.init()
    data = b"".join(b"D " + b"%25" * 128 + b"\n" for _ in range(8)) + b"OK\n"
    assert ask(home, FakePinentry(tmp_path, data), "ls").status == 0
    longer = FakePinentry(tmp_path, b"D %25\n" + data)
    result = ask(home, longer, "ls")
    assert result.status == 64 and b"longer than 1,024 bytes" in result.err


@pytest.mark.parametrize("answer", [
    CANCELLED, b"ERR 99 cancelled\n", b"ERR 83886278 fully cancelled\n", b"ERR 83886194 not confirmed\n"])
def test_cancelling_is_no_error_of_the_program(vault, tmp_path, answer):
    program = FakePinentry(tmp_path, answer)
    result = ask(vault, program)
    assert (result.status, result.out) == (130, b"")
    assert result.err == b"coffer: error 130: Cancelled; nothing was changed.\n"
    assert not any(is_running(number) for number in program.numbers)


def test_an_empty_password_is_told(vault, tmp_path):
    for answer in (b"OK\n", b"D \nOK\n"):
        result = ask(vault, FakePinentry(tmp_path, answer))
        assert result.status == 64 and b"is empty" in result.err


# Its faults

GARBLED = b"is not what a pinentry program says"
ENDED = b"ended without an answer"


def faulty(result, words):
    assert (result.status, result.out) == (5, b""), result
    assert result.err.startswith(b"coffer: error 5: ") and words in result.err, result
    assert b"--password-fd N" in result.err and len(result.err.splitlines()) == 1
    assert MASTER_PASSWORD not in result.err


@pytest.mark.parametrize("answer, words", [
    (b"ERR 83886142 Timeout <Pinentry>\n", b"could not ask (its error 62)"),
    (b"ERR\n", GARBLED), (b"ERR x\n", GARBLED), (b"ERR -1\n", GARBLED), (b"ERR 99999999999\n", GARBLED),
    (b"HELLO\n", GARBLED), (b"\n", GARBLED), (b"\0\xff\xfe\n", GARBLED), (b"OKAY\n", GARBLED), (b"D\n", GARBLED),
    (b"INQUIRE QUALITY x\n", GARBLED), (b"D %4\nOK\n", GARBLED), (b"D %zz\nOK\n", GARBLED), (b"D 1%\nOK\n", GARBLED),
    (b"D " + b"x" * 999 + b"\nOK\n", GARBLED), (b"x" * 100_000, GARBLED), (b"# again\n" * 5000, GARBLED),
    (b"D correct horse", b"ended without")])
def test_every_wrong_answer_is_refused(vault, tmp_path, answer, words):
    asked = "say(answer); break" if words == b"ended without" else ""
    program = FakePinentry(tmp_path, answer, asked=asked)
    faulty(ask(vault, program), words)
    wait_until(lambda: not any(is_running(number) for number in program.numbers))


@pytest.mark.parametrize("greeting", [b"ERR 1 no\n", b"OK\nOK\n", b"HTTP/1.1 200 OK\n", b"D early\nOK\n"])
def test_a_wrong_greeting_is_refused(vault, tmp_path, greeting):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD), greeting=greeting)
    faulty(ask(vault, program), GARBLED)
    assert "GETPIN" not in program.lines


def test_an_answer_before_its_question_is_refused(vault, tmp_path):
    program = FakePinentry(tmp_path, replies={"SETPROMPT": b"OK\nD correct horse battery staple\nOK\n"})
    faulty(ask(vault, program), GARBLED)
    assert "GETPIN" not in program.lines


def test_a_gibibyte_without_a_line_end_is_not_read(vault, tmp_path):
    program = FakePinentry(
        tmp_path, before="[sys.stdout.buffer.write(b'x' * 65536) for _ in range(16384)]")
    started = time.monotonic()
    faulty(ask(vault, program), GARBLED)
    assert time.monotonic() - started < 10
    wait_until(lambda: not any(is_running(number) for number in program.numbers))


def test_comments_without_end_are_not_read_for_ever(vault, tmp_path):
    program = FakePinentry(tmp_path, asked="\n        while True: say(b'# x\\n')")
    faulty(ask(vault, program), GARBLED)


def test_a_program_that_dies_is_told(vault, tmp_path):
    for fault in ("sys.exit(0)", "os.kill(os.getpid(), 9)"):
        faulty(ask(vault, FakePinentry(tmp_path, before=fault)), ENDED)
        faulty(ask(vault, FakePinentry(tmp_path, asked=fault)), ENDED)


def test_a_program_that_never_greets_is_given_up(vault, tmp_path):
    program = FakePinentry(tmp_path, before="signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)")
    started = time.monotonic()
    faulty(ask(vault, program), b"does not respond")
    assert 8 < time.monotonic() - started < 30
    assert not any(is_running(number) for number in program.numbers)


def test_a_person_may_take_longer_than_the_program(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD), asked="time.sleep(12)")
    assert ask(vault, program).out == b"of work\n"


def test_a_program_that_does_not_end_is_ended(vault, tmp_path):
    program = FakePinentry(
        tmp_path, pin(MASTER_PASSWORD), bye="signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)")
    assert ask(vault, program).out == b"of work\n"
    assert not any(is_running(number) for number in program.numbers)


def test_a_program_that_is_not_there_or_no_program_is_told(vault, tmp_path):
    env = {"PINENTRY": str(tmp_path / "nothing")}
    faulty(vault.run("ls", unlock=False, env=env), b"There is no pinentry program " + os.fsencode(tmp_path))
    faulty(vault.run("ls", unlock=False, env={"PINENTRY": "no-such-pinentry"}), b"no pinentry program no-such-pinentry")
    plain = tmp_path / "plain"
    plain.write_text("no program")
    faulty(vault.run("ls", unlock=False, env={"PINENTRY": str(plain)}), b"cannot be started: Permission denied")
    plain.chmod(0o755)
    faulty(vault.run("ls", unlock=False, env={"PINENTRY": str(plain)}), b"cannot be started: Exec format error")
    vault.ok("config", "set", "ask", "pinentry", unlock=False)
    faulty(vault.run("ls", unlock=False, env={"PATH": "/nowhere"}), b"There is no pinentry program pinentry;")


# What it gets and what it does not


LOOK_AT_OWN = """
def link(number):
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return ""
record.write(f"PIPES {[n for n in range(3, 64) if link(n).startswith('pipe')]}\\n".encode())
record.write(f"ERRORS {link(2)}\\n".encode())
"""


def test_it_inherits_no_descriptor(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD), before=LOOK_AT_OWN)
    secret = pipe_with(b"a canary in a pipe\n")
    try:
        process = subprocess.run(
            [PROGRAM, "set", "work/vk", "key", "--value-fd", str(secret)], pass_fds=[secret], stdin=subprocess.DEVNULL,
            capture_output=True, start_new_session=True, cwd=vault.home, timeout=60,
            env={**vault.environment, "PINENTRY": str(program.path)})
    finally:
        os.close(secret)
    assert process.returncode == 0, process
    assert "PIPES []" in program.lines and "ERRORS /dev/null" in program.lines, program.lines


def test_it_starts_with_ordinary_signals(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    # Python changes its own signals; a shell does not.
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f"#!/bin/sh\ngrep -E 'Sig(Ign|Blk)' /proc/self/status >{tmp_path}/signals\nexec {program.path}\n")
    wrapper.chmod(0o755)
    assert vault.run("ls", unlock=False, env={"PINENTRY": str(wrapper)}).status == 0
    masks = dict(line.split() for line in (tmp_path / "signals").read_text().splitlines())
    assert int(masks["SigBlk:"], 16) & 0x7FFFFFFF == 0
    assert int(masks["SigIgn:"], 16) & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1) == 0


def test_the_password_is_in_no_argument_environment_or_file(home, tmp_path):
    canary = b"canary-7f3a-in-no-file"
    home.password = canary
    home.init()
    program = FakePinentry(tmp_path, pin(canary))
    trace = tmp_path / "trace"
    result = ask(home, program, "ls", prefix=(
        "strace", "-f", "-s", "4096", "-e", "trace=execve,write,pwrite64,openat,sendto", "-o", str(trace)))
    assert result.status == 0, result
    lines = trace.read_bytes().splitlines()
    assert any(b"GETPIN" in line for line in lines)
    # Only the program itself wrote it, into its own pipe.
    own = lines[0].split()[0]
    assert not [line for line in lines if canary in line and line.startswith(own)]
    assert not [line for line in lines if canary in line and b"execve" in line]


# Signals


def background(vault, program, **options):
    return subprocess.Popen(
        [PROGRAM, "get", "work/vk"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, cwd=vault.home,
        env={**vault.environment, "PINENTRY": str(program.path), **options.get("env", {})})


@pytest.mark.parametrize("number, status", [
    (signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)])
def test_a_signal_ends_both(vault, tmp_path, number, status):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD), asked="time.sleep(300)")
    process = background(vault, program)
    wait_until(lambda: "GETPIN" in program.lines)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (status, b"", b"")
    assert not any(is_running(one) for one in program.numbers)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_terminal_is_as_it_was_whatever_the_program_left(vault, tmp_path, number):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD), asked=(
        "import termios\n"
        "        tty = os.open('/dev/tty', os.O_RDWR); modes = termios.tcgetattr(tty); modes[3] &= ~termios.ECHO\n"
        "        termios.tcsetattr(tty, termios.TCSANOW, modes); record.write(b'RAW\\n'); time.sleep(300)"))
    vault.ok("config", "set", "ask", "pinentry", unlock=False)
    child = pexpect.spawn(
        PROGRAM, ["ls"], env={**vault.environment, "PINENTRY": str(program.path), "TERM": "xterm"}, timeout=20)
    wait_until(lambda: "RAW" in program.lines)
    assert not child.getecho()
    os.kill(child.pid, number)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.getecho()


# One question at a time


def test_two_pinentry_questions_wait_for_each_other(vault, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    # Each says when it asks and when it has its answer.
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD), asked="time.sleep(0.5); record.write(b'ANSWERED\\n')")
    env = {"XDG_RUNTIME_DIR": str(runtime)}
    processes = [background(vault, program, env=env) for _ in range(4)]
    assert [process.communicate(timeout=60)[0] for process in processes] == [b"of work\n"] * 4
    steps = [line for line in program.lines if line in ("GETPIN", "ANSWERED", "BYE")]
    assert steps == ["GETPIN", "ANSWERED", "BYE"] * 4
    folder = runtime / "coffer"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_turn_goes_on_when_its_holder_dies(vault, tmp_path, number):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD), asked=(
        "if open(record.name, 'rb').read().count(b'GETPIN') == 1: time.sleep(300)"))
    holder = background(vault, program)
    wait_until(lambda: "GETPIN" in program.lines)
    waiter = background(vault, program)
    time.sleep(0.5)
    assert len(program.numbers) == 1
    holder.send_signal(number)
    holder.communicate(timeout=20)
    assert waiter.communicate(timeout=20)[0] == b"of work\n"
    if number == signal.SIGKILL:
        os.kill(program.numbers[0], signal.SIGKILL)


def test_waiting_for_the_turn_ends_with_ctrl_c(vault, tmp_path):
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD), asked="time.sleep(300)")
    holder = background(vault, program)
    wait_until(lambda: "GETPIN" in program.lines)
    waiter = background(vault, program)
    time.sleep(0.3)
    waiter.send_signal(signal.SIGINT)
    assert waiter.wait(timeout=20) == 130
    holder.terminate()
    holder.communicate(timeout=20)


def test_a_runtime_folder_of_others_is_not_used(vault, tmp_path):
    runtime = tmp_path / "runtime"
    (runtime / "coffer").mkdir(parents=True)
    (runtime / "coffer").chmod(0o777)
    program = FakePinentry(tmp_path, pin(MASTER_PASSWORD))
    assert ask(vault, program, env={"XDG_RUNTIME_DIR": str(runtime)}).status == 0
    assert list((runtime / "coffer").iterdir()) == []


READY = "READY> "


@pytest.fixture
def shell(vault):
    """An interactive shell with job control on a terminal of its own."""
    environment = {**vault.environment, "PS1": READY, "HISTFILE": "", "TERM": "dumb", "COFFER": PROGRAM}
    child = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "--noediting", "-i"], env=environment, cwd=str(vault.home),
        encoding="utf-8", timeout=20)
    child.delaybeforesend = 0.05
    child.expect_exact(READY)
    yield child
    child.close(force=True)


def test_two_questions_on_one_terminal_wait_for_each_other(shell):
    shell.sendline('cat <("$COFFER" get work/vk) <("$COFFER" get work/vk) | sort')
    shell.expect("Master password for .*: ")
    # The other one asks only after the answer.
    assert shell.expect([r"Master password for .*: ", pexpect.TIMEOUT], timeout=1) == 1
    shell.sendline(MASTER_PASSWORD.decode())
    shell.expect("Master password for .*: ")
    shell.sendline(MASTER_PASSWORD.decode())
    shell.expect_exact("of work\r\nof work")
    shell.expect_exact(READY)
    assert shell.getecho()


def test_ctrl_c_ends_the_one_that_asks_and_the_one_that_waits(shell):
    shell.sendline('"$COFFER" get work/vk | "$COFFER" get work/vk; echo ended ${PIPESTATUS[*]}')
    shell.expect("Master password for .*: ")
    time.sleep(0.3)
    shell.sendintr()
    shell.expect_exact(READY)
    assert "Master password" not in shell.before
    shell.sendline("stty -a | grep -o -- '-*echo '")
    shell.expect(r"[^-]echo ")


def test_one_that_is_stopped_keeps_nobody_waiting(shell):
    shell.sendline('"$COFFER" get work/vk')
    shell.expect("Master password for .*: ")
    shell.sendcontrol("z")
    shell.expect_exact("Stopped")
    shell.expect_exact(READY)
    shell.sendline('"$COFFER" get work/vk; echo after')
    shell.expect("Master password for .*: ")
    shell.sendline(MASTER_PASSWORD.decode())
    shell.expect_exact("of work")
    shell.expect_exact(READY)
    shell.sendline("fg")
    shell.expect("Master password for .*: ")
    shell.sendline(MASTER_PASSWORD.decode())
    shell.expect_exact("of work")


def test_one_in_the_background_keeps_nobody_waiting(shell):
    shell.sendline('"$COFFER" get work/vk &')
    shell.expect_exact(READY)
    time.sleep(0.5)
    shell.sendline('"$COFFER" get work/vk; echo after')
    shell.expect("Master password for .*: ")
    shell.sendline(MASTER_PASSWORD.decode())
    shell.expect_exact("of work")
    shell.expect_exact(READY)
    shell.sendline("fg")
    shell.expect("Master password for .*: ")
    shell.sendline(MASTER_PASSWORD.decode())
    shell.expect_exact("of work")


# Real programs


@pytest.mark.parametrize("name", ["/usr/bin/pinentry-tty", "/usr/bin/pinentry-curses"])
def test_a_real_program_asks_on_the_terminal(vault, name):
    assert os.path.exists(name), f"{name} is not installed; scripts/test does that"
    vault.ok("config", "set", "pinentry", name, unlock=False)
    vault.ok("config", "set", "ask", "pinentry", unlock=False)
    child = pexpect.spawn(
        PROGRAM, ["get", "work/vk"], env={**vault.environment, "TERM": "xterm"}, cwd=str(vault.home), timeout=20,
        dimensions=(24, 100))
    child.expect("Master password for")
    child.expect("Password:")
    time.sleep(0.5)
    child.send(MASTER_PASSWORD + b"\r")
    child.expect_exact("of work")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0 and MASTER_PASSWORD not in child.before
    assert child.getecho()


@pytest.mark.parametrize("name", ["/usr/bin/pinentry-tty", "/usr/bin/pinentry-curses"])
def test_the_terminal_is_whole_after_a_real_program_was_killed(vault, name):
    environment = {
        **vault.environment, "PS1": READY, "HISTFILE": "", "TERM": "xterm", "COFFER": PROGRAM, "PINENTRY": name}
    vault.ok("config", "set", "ask", "pinentry", unlock=False)
    shell = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "--noediting", "-i"], env=environment, cwd=str(vault.home), timeout=20,
        dimensions=(24, 100))
    shell.expect_exact(READY)
    shell.sendline('"$COFFER" get work/vk; echo status $?')
    shell.expect("Master password for")
    time.sleep(0.5)
    with open(f"/proc/{shell.pid}/task/{shell.pid}/children") as children:
        os.kill(int(children.read().split()[0]), signal.SIGTERM)
    shell.expect_exact("status 143")
    shell.sendline("stty -a | grep -o -- '-*echo '; stty -a | grep -o -- '-*icanon'")
    shell.expect(rb"[^-]echo ")
    shell.expect(rb"[^-]icanon")
    shell.close(force=True)
