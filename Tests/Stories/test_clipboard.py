"""--clip: a value goes to the clipboard instead of the output, and is cleared from there if it is still ours."""

import base64
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import threading
import time

import pexpect
import pytest

from conflicts import with_second_value
from conftest import PROGRAM, pipe_with
from desktop import Desktop, fake, guards, only, said, wait_until

HOTP_URI = b"otpauth://hotp/Token:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0&digits=6"
TOTP_URI = b"otpauth://totp/Example:me?secret=JBSWY3DPEHPK3PXP"
PASSWORD_FIELD = 3


@pytest.fixture(scope="module")
def desktop():
    desktop = Desktop()
    yield desktop
    desktop.stop()


@pytest.fixture
def secret():
    """A password of its own for each story: a clipboard is shared."""
    return f"canary-{random.randbytes(12).hex()}".encode()


@pytest.fixture
def seconds():
    """A time that nobody waits for, by which this story's guard is known."""
    return random.randint(600, 3600)


@pytest.fixture(params=["xclip", "xsel"])
def tool(request, tmp_path):
    """A PATH with only this program."""
    return only(tmp_path / "tools", request.param)


@pytest.fixture
def vault(coffer, secret, seconds):
    coffer.add("work/vk", "--username", "anna", password=secret)
    coffer.ok("config", "set", "clipboard-seconds", seconds, unlock=False)
    yield coffer
    for guard in guards(seconds):
        os.kill(guard, signal.SIGTERM)


@pytest.fixture
def clip(vault, desktop, tool):
    """Runs a command on a desktop with one clipboard program."""
    return lambda *words, **options: vault.run(*words, env={**desktop.environment, "PATH": tool}, **options)


def copied(result, what, seconds):
    assert (result.status, result.out) == (0, b""), result
    assert said(result) == [f"Copied {what} to the clipboard; it will be cleared in {seconds} s.".encode()], result


def test_a_value_goes_to_the_clipboard_and_nothing_to_the_output(clip, desktop, secret, seconds):
    copied(clip("get", "work/vk", "--clip"), "the password of work/vk", seconds)
    assert desktop.held() == secret
    copied(clip("get", "work/vk", "username", "-c"), "the user name of work/vk", seconds)
    assert desktop.held() == b"anna"
    copied(clip("show", "work/vk", "-c"), "the password of work/vk", seconds)
    assert desktop.held() == secret
    copied(clip("show", "work/vk", "--field", "username", "--clip"), "the user name of work/vk", seconds)
    assert desktop.held() == b"anna"


def test_a_code_goes_to_the_clipboard(clip, vault, desktop, seconds):
    vault.ok("otp", "add", "work/vk", "--uri-stdin", stdin=TOTP_URI)
    for words in (["otp", "work/vk", "--clip"], ["otp", "show", "work/vk", "-c", "--fresh", "5"]):
        # Around the end of a period there are two.
        before = vault.ok("otp", "work/vk").strip()
        result = clip(*words)
        assert (result.status, result.out) == (0, b"")
        line = rf"Copied the code of work/vk \(valid for \d+ s\) to the clipboard; it will be cleared in {seconds} s\."
        assert len(said(result)) == 1 and re.fullmatch(line, said(result)[0].decode()), result
        assert desktop.held() in (before, vault.ok("otp", "work/vk").strip())
    held = clip("otp", "work/vk", "--at", "1000000000", "--clip")
    copied(held, "the code of work/vk", seconds)
    assert desktop.held() == vault.ok("otp", "work/vk", "--at", "1000000000").strip()


def test_a_counter_is_drawn_once_for_a_copy(clip, vault, desktop, seconds):
    vault.ok("otp", "add", "work/vk", "--uri-stdin", stdin=HOTP_URI)
    copied(clip("otp", "work/vk", "--next", "--clip"), "the code of work/vk", seconds)
    assert desktop.held() == b"755224"
    assert vault.ok("otp", "work/vk", "--next") == b"287082\n"


def test_a_backup_code_goes_to_the_clipboard_and_is_used(clip, vault, desktop, seconds):
    vault.ok("codes", "add", "work/vk", "-", stdin=b"3f9a01c7\n88d2e4b0\n1b6c90ff\n704ae2d5\nc2190b6e\n")
    result = clip("codes", "next", "work/vk", "--clip")
    assert (result.status, result.out) == (0, b"")
    assert said(result) == [
        f"Copied a backup code of work/vk to the clipboard; it will be cleared in {seconds} s.".encode(),
        b"4 unused backup codes left for work/vk."]
    [one] = [code for code in vault.run("codes", "list", "work/vk", "--json", "--reveal").json()[0]["codes"]
             if code["used"]]
    assert desktop.held() == one["code"].encode()


@pytest.mark.parametrize("text", [
    "Grüße, \U0001f511 日本".encode(), b"first line\nsecond\tline\n", b"x" * 60_000, b" spaces  "],
    ids=["unicode", "lines", "large", "spaces"])
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_value_is_copied_byte_for_byte_but_for_line_ends_at_its_end(vault, desktop, tool, seconds, text, locale):
    environment = {**desktop.environment, "PATH": tool, "LANG": locale}
    vault.ok("set", "work/vk", "notes", "-", stdin=text)
    copied(vault.run("get", "work/vk", "notes", "--clip", env=environment), "the notes of work/vk", seconds)
    # Where xsel holds a long text, nothing has looked before: it may still be on the way, and be given once only.
    assert wait_until(lambda: desktop.held() == text.rstrip(b"\n"))
    # What is read back is the same, too.
    os.kill(*guards(seconds), signal.SIGTERM)
    assert wait_until(lambda: guards(seconds) == [])
    assert desktop.held() == b""


def test_the_clipboard_is_cleared_when_the_time_is_over_and_the_command_long_gone(clip, vault, desktop, secret):
    vault.ok("config", "set", "clipboard-seconds", "1", unlock=False)
    started = time.monotonic()
    copied(clip("get", "work/vk", "--clip"), "the password of work/vk", 1)
    held = desktop.held()
    if time.monotonic() - started < 1:
        assert held == secret
    assert wait_until(lambda: desktop.held() == b"")
    assert time.monotonic() - started >= 1


def test_what_somebody_else_copied_meanwhile_stays(clip, vault, desktop, secret):
    vault.ok("config", "set", "clipboard-seconds", "1", unlock=False)
    assert clip("get", "work/vk", "--clip").status == 0
    desktop.copy(b"their own " + secret)
    assert wait_until(lambda: guards(1) == [])
    assert desktop.held() == b"their own " + secret


def test_a_later_copy_is_not_cleared_with_the_former(clip, vault, desktop, seconds):
    vault.ok("config", "set", "clipboard-seconds", "1", unlock=False)
    assert clip("get", "work/vk", "--clip").status == 0
    vault.ok("config", "set", "clipboard-seconds", seconds, unlock=False)
    copied(clip("get", "work/vk", "username", "--clip"), "the user name of work/vk", seconds)
    assert wait_until(lambda: guards(1) == [])
    assert desktop.held() == b"anna"


def test_the_same_value_copied_again_has_its_whole_time(clip, vault, desktop, secret, seconds):
    vault.ok("config", "set", "clipboard-seconds", "2", unlock=False)
    started = time.monotonic()
    assert clip("get", "work/vk", "--clip").status == 0
    vault.ok("config", "set", "clipboard-seconds", seconds, unlock=False)
    copied(clip("get", "work/vk", "--clip"), "the password of work/vk", seconds)
    time.sleep(max(0, started + 2.5 - time.monotonic()))
    assert desktop.held() == secret and len(guards(seconds)) == 1


def test_a_copy_leaves_the_guard_of_another_display_alone(store, vault, seconds):
    for display in (":one", ":two", ":two"):
        assert store(STORE, "get", "work/vk", "--clip", display=display).status == 0
    assert len(guards(seconds)) == 2


def test_a_guard_ignores_a_hangup_and_clears_at_once_when_it_is_ended(clip, desktop, secret, seconds):
    assert clip("get", "work/vk", "--clip").status == 0
    [guard] = guards(seconds)
    os.kill(guard, signal.SIGHUP)
    time.sleep(0.1)
    assert guards(seconds) == [guard] and desktop.held() == secret
    os.kill(guard, signal.SIGTERM)
    assert wait_until(lambda: guards(seconds) == [])
    assert desktop.held() == b""


def test_a_guard_that_is_ended_leaves_what_is_not_ours(clip, desktop, seconds):
    assert clip("get", "work/vk", "--clip").status == 0
    [guard] = guards(seconds)
    desktop.copy(b"theirs")
    os.kill(guard, signal.SIGTERM)
    assert wait_until(lambda: guards(seconds) == [])
    assert desktop.held() == b"theirs"


def test_what_stays_behind_holds_nothing_of_the_callers(vault, desktop, tool, seconds):
    """Neither the guard nor the clipboard program keeps a descriptor, and the guard has a session of its own."""
    reading, writing = os.pipe()
    password = pipe_with(vault.password + b"\n")
    done = subprocess.run(
        [PROGRAM, "get", "work/vk", "--clip", "--password-fd", str(password)], pass_fds=[password, writing],
        env={**vault.environment, **desktop.environment, "PATH": tool}, capture_output=True, timeout=60)
    os.close(writing)
    os.close(password)
    assert done.returncode == 0
    [guard] = guards(seconds)
    # The end comes although the guard is there: it has not the other end.
    assert os.read(reading, 1) == b""
    os.close(reading)
    stat = pathlib.Path(f"/proc/{guard}/stat").read_text().rpartition(")")[2].split()
    parent, session = int(stat[1]), int(stat[3])
    assert session not in (os.getsid(0), 0) and parent != os.getpid()


def test_no_secret_is_an_argument_or_in_the_environment_or_in_a_file(vault, desktop, tool, secret, tmp_path):
    vault.ok("config", "set", "clipboard-seconds", "1", unlock=False)
    log = tmp_path / "strace.log"
    password = pipe_with(vault.password + b"\n")
    process = subprocess.Popen(
        [shutil.which("strace"), "-f", "-v", "-s", "65536", "-o", str(log), "-e",
         "trace=execve,execveat,open,openat,creat,rename,link,symlink,mkdir,memfd_create,write,pwrite64", "-e",
         "signal=none", PROGRAM, "get", "work/vk", "--clip", "--password-fd", str(password)],
        pass_fds=[password], cwd=vault.home, env={**vault.environment, **desktop.environment, "PATH": tool},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(password)
    while (line := process.stderr.readline()) and b"Copied" not in line:
        pass
    assert line
    assert wait_until(lambda: desktop.held() == b"")
    # An xclip that offers nothing ends when somebody else copies.
    desktop.copy(b"theirs")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and secret not in out + err
    calls = log.read_text(errors="surrogateescape").splitlines()
    started = [call for call in calls if "execve" in call and "resumed" not in call]
    # Itself, the guard, and the program to copy, to read back and to clear with.
    assert len(started) >= 5, started
    programs = {re.search(r'execve\("([^"]*)"', call)[1] for call in started}
    assert programs == {PROGRAM, "/proc/self/exe", *map(str, pathlib.Path(tool).iterdir())}
    holders = [call for call in calls if secret.decode() in call]
    # The value is written to the pipe of the program that offers it, and by the ones that read it back.
    assert holders and all(re.match(r"\d+ +write\(\d+, ", call) for call in holders), holders
    files = [path for path in vault.home.rglob("*") if path.is_file()]
    assert files and not [path for path in files if secret in path.read_bytes()]
    assert not list(vault.home.glob(".xsel*"))


@pytest.mark.parametrize("words", [
    "get work/vk", "show work/vk", "otp work/vk", "codes next work/vk", "otp work/vk --next"])
@pytest.mark.parametrize("variables, why, remedy", [
    ({"DISPLAY": ":0"}, b"neither xclip nor xsel", b"xclip or xsel"),
    ({"WAYLAND_DISPLAY": "wayland-0"}, b"wl-copy", b"Install the package wl-clipboard."),
    ({}, b"no desktop", b"wl-clipboard"),
    ({"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "xterm-kitty"}, b"tmux", b"outside of it"),
])
def test_without_anything_to_copy_with_nothing_is_drawn_or_asked(vault, tmp_path, words, variables, why, remedy):
    before = vault.vault.read_bytes()
    result = vault.run(*words.split(), "--clip", unlock=False, env={"PATH": only(tmp_path / "none"), **variables})
    assert (result.status, result.out) == (1, b""), result
    assert result.err.startswith(b"coffer: error 1: There is no ") and why in result.err and remedy in result.err
    assert vault.vault.read_bytes() == before


@pytest.mark.parametrize("words", [
    "show work/vk --clip --json", "show work/vk --clip --reveal", "otp work/vk --clip --json", "otp --clip"])
def test_what_would_print_beside_a_copy_is_a_usage_error(vault, words):
    result = vault.run(*words.split())
    assert (result.status, result.out) == (64, b"") and b"--clip" in result.err, result


def test_a_conflict_is_not_copied(vault, desktop, tool, seconds):
    with_second_value(vault, PASSWORD_FIELD, "the other")
    environment = {**desktop.environment, "PATH": tool}
    desktop.copy(b"before")
    assert vault.run("get", "work/vk", "--clip", env=environment).status == 8
    assert vault.run("show", "work/vk", "--clip", env=environment).status == 8
    assert desktop.held() == b"before" and guards(seconds) == []
    copied(vault.run("get", "work/vk", "--clip", "--pick", "newest", env=environment), "the password of work/vk", seconds)
    assert desktop.held() == b"the other"


def test_a_caller_that_ignores_the_end_of_children_is_served(clip, seconds):
    result = clip("get", "work/vk", "--clip", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    copied(result, "the password of work/vk", seconds)


def test_a_caller_without_standard_descriptors_is_served(vault, desktop, tool, secret):
    environment = {**vault.environment, **desktop.environment, "PATH": tool, "COFFER": PROGRAM}
    (vault.home / "master").write_bytes(vault.password + b"\n")
    done = subprocess.run(
        ["/bin/bash", "-c", '"$COFFER" get work/vk --clip --password-fd 7 7<master <&- >&- 2>&-'], cwd=vault.home,
        env=environment, timeout=60)
    assert done.returncode == 0
    assert desktop.held() == secret


# --- Programs that do not do what they should


STORE = 'case "$*" in *-out*) cat "$STORE" ;; *) cat >"$STORE" ;; esac\n'


@pytest.fixture
def store(vault, tmp_path):
    """Runs a command with a script in xclip's place, which keeps the clipboard in a file."""
    file = tmp_path / "store"
    file.write_bytes(b"before")

    def run(script, *words, display=":played", **options):
        path = fake(tmp_path / "tools", "xclip", script)
        environment = {"DISPLAY": display, "PATH": path, "STORE": str(file)}
        return vault.run(*words, env=environment, **options)

    run.file = file
    return run


def test_a_program_that_hangs_is_ended_in_bounded_time(store, seconds, tmp_path):
    pid = tmp_path / "pid"
    started = time.monotonic()
    result = store(f"echo $$ >{pid}; exec sleep 1000", "get", "work/vk", "--clip")
    assert (result.status, result.out) == (1, b"") and time.monotonic() - started < 15
    assert b"error 1: xclip did not end within 5 seconds and was ended" in result.err
    # Nor is the guard left: it looked at the clipboard, in bounded time too.
    assert wait_until(lambda: guards(seconds) == [])
    assert not pathlib.Path(f"/proc/{pid.read_text().strip()}").exists()


def test_a_program_that_fails_is_told_and_leaves_no_guard(store, secret, seconds):
    result = store('echo "cannot open $(cat)" >&2; exit 1', "get", "work/vk", "--clip")
    assert (result.status, result.out) == (1, b"") and b"xclip failed" in result.err and secret not in result.err
    assert wait_until(lambda: guards(seconds) == [])


def test_a_code_that_could_not_be_copied_is_told_with_the_way_back(store, vault):
    vault.ok("codes", "add", "work/vk", "-", stdin=b"3f9a01c7\n88d2e4b0\n")
    result = store("exit 1", "codes", "next", "work/vk", "--clip")
    assert result.status == 1 and b"marked used, but could not be copied. To take that back: coffer codes undo work/vk" \
        in result.err, result
    vault.ok("otp", "add", "work/vk", "--uri-stdin", stdin=HOTP_URI)
    result = store("exit 1", "otp", "work/vk", "--next", "--clip")
    assert result.status == 1 and b"the code was drawn and will not come again" in result.err, result


def test_a_command_that_is_killed_while_it_copies_leaves_nothing_in_the_clipboard(store, secret, tmp_path, seconds):
    ready, pid = tmp_path / "ready", tmp_path / "pid"
    script = (f'case "$*" in *-out*) cat "$STORE" ;; *) cat >"$STORE"; [ -e {ready} ] && exit;'
              f' echo $PPID >{pid}; touch {ready}; sleep 4 ;; esac')
    results = []
    thread = threading.Thread(target=lambda: results.append(store(script, "get", "work/vk", "--clip")))
    thread.start()
    assert wait_until(ready.exists)
    assert store.file.read_bytes() == secret
    os.kill(int(pid.read_text()), signal.SIGKILL)
    thread.join()
    assert results[0].status == -signal.SIGKILL
    assert wait_until(lambda: store.file.read_bytes() == b"" and guards(seconds) == [])


def test_a_clipboard_that_cannot_be_read_back_is_left_alone(store, secret, tmp_path, seconds):
    broken = tmp_path / "broken"
    script = f'case "$*" in *-out*) cat "$STORE"; [ ! -e {broken} ] ;; *) cat >"$STORE" ;; esac'
    assert store(script, "get", "work/vk", "--clip").status == 0
    broken.touch()
    os.kill(*guards(seconds), signal.SIGTERM)
    assert wait_until(lambda: guards(seconds) == [])
    assert store.file.read_bytes() == secret


def test_a_copy_that_never_arrives_is_an_error(store):
    result = store('case "$*" in *-out*) cat "$STORE" ;; *) cat >/dev/null ;; esac', "get", "work/vk", "--clip")
    assert result.status == 1 and b"xclip failed, so nothing was copied" in result.err, result
    assert store.file.read_bytes() == b"before"


def test_a_tool_that_takes_a_value_and_shows_nothing_is_told_to_clear_it(store, seconds):
    result = store('case "$*" in *-out*) exit 1 ;; *) cat >"$STORE" ;; esac', "get", "work/vk", "--clip")
    assert result.status == 1 and b"was told to clear it" in result.err, result
    assert store.file.read_bytes() == b"" and wait_until(lambda: guards(seconds) == [])


def test_a_copy_that_arrives_late_is_waited_for(store, secret, seconds):
    script = 'case "$*" in *-out*) cat "$STORE" ;; *) read text; (sleep 0.5; printf %s "$text" >"$STORE") & ;; esac'
    copied(store(script, "get", "work/vk", "--clip"), "the password of work/vk", seconds)
    assert store.file.read_bytes() == secret


def test_a_folder_in_path_that_is_not_named_from_the_root_is_passed_over(vault, tmp_path):
    fake(vault.home / "tools", "xclip", f"touch {tmp_path}/ran")
    result = vault.run("get", "work/vk", "--clip", env={"DISPLAY": ":0", "PATH": "tools:.:"})
    assert result.status == 1 and b"neither xclip nor xsel" in result.err and not (tmp_path / "ran").exists()


# --- Wayland, of which only the programs are played


@pytest.fixture
def wayland(vault, tmp_path):
    """Runs a command with wl-copy and wl-paste that note how they were called."""
    log, store = tmp_path / "calls", tmp_path / "store"

    def run(*words, help_text="--clear", variables=()):
        tools = tmp_path / "tools"
        fake(tools, "wl-copy", f'''
            echo "wl-copy $* TMPDIR=$TMPDIR" >>{log}
            case "$*" in
                *--help*) echo "{help_text}"; exit ;;
                *--clear*) rm -f {store} ;;
                *) cat >{store} ;;
            esac''')
        path = fake(tools, "wl-paste", f'echo "wl-paste $*" >>{log}; cat {store}')
        return vault.run(*words, env={"WAYLAND_DISPLAY": "played-0", "DISPLAY": ":played", "PATH": path, **dict(variables)})

    run.calls = lambda: [line.partition(" TMPDIR")[0] for line in log.read_text().splitlines()]
    run.log, run.store = log, store
    return run


@pytest.mark.parametrize("help_text, extra", [("-c, --clear", ""), ("    --sensitive  a hint", " --sensitive")])
def test_wl_copy_gets_the_value_on_its_input_and_the_hint_if_it_has_it(wayland, secret, seconds, help_text, extra):
    copied(wayland("get", "work/vk", "--clip", help_text=help_text), "the password of work/vk", seconds)
    assert wayland.store.read_bytes() == secret
    assert wayland.calls() == ["wl-copy --help", "wl-copy --type text/plain" + extra]
    [guard] = guards(seconds)
    os.kill(guard, signal.SIGTERM)
    assert wait_until(lambda: guards(seconds) == [])
    assert wayland.calls()[2:] == ["wl-paste --no-newline", "wl-copy --clear"] and not wayland.store.exists()


def test_wl_copy_keeps_its_file_in_the_run_time_folder(wayland):
    assert wayland("get", "work/vk", "--clip", variables={"XDG_RUNTIME_DIR": "/run/user/7"}.items()).status == 0
    assert "wl-copy --type text/plain TMPDIR=/run/user/7" in wayland.log.read_text()


def test_on_wayland_what_somebody_else_copied_stays(wayland, seconds):
    assert wayland("get", "work/vk", "--clip").status == 0
    wayland.store.write_bytes(b"theirs")
    [guard] = guards(seconds)
    os.kill(guard, signal.SIGTERM)
    assert wait_until(lambda: guards(seconds) == [])
    assert wayland.store.read_bytes() == b"theirs"


# --- The terminal


def on_terminal(vault, *words, **variables):
    """A command on a terminal of its own, without a desktop."""
    child = pexpect.spawn(
        PROGRAM, list(words), env={**vault.environment, "PATH": "/nowhere", **variables}, cwd=str(vault.home), timeout=20)
    child.delaybeforesend = None
    child.ptyproc.delayafterclose = 0
    return child


@pytest.mark.parametrize("variables, before", [
    ({"TERM": "foot"}, b""), ({"TERM": "xterm-kitty"}, b"\x1b]52;c;!\x1b\\"),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, b""),
])
def test_a_terminal_is_sent_the_value_and_the_message_says_that_it_stays(vault, secret, seconds, variables, before):
    child = on_terminal(vault, "get", "work/vk", "--clip", **variables)
    child.expect("Master password for .*: ")
    child.sendline(vault.password)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
    assert before + b"\x1b]52;c;" + base64.b64encode(secret) + b"\x1b\\" in child.before
    assert (b"Sent the password of work/vk to the terminal for its clipboard, which Coffer cannot read:"
            b" it will not be cleared.") in child.before
    assert secret not in child.before and guards(seconds) == []


@pytest.mark.parametrize("variables", [{"TERM": "xterm"}, {"TERM": "xterm-kitty", "TMUX": "x"}, {"TERM": "screen.foot"}])
def test_a_terminal_that_is_not_known_for_a_clipboard_is_sent_nothing(vault, variables):
    child = on_terminal(vault, "get", "work/vk", "--clip", **variables)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 1 and b"There is no clipboard" in child.before and b"\x1b" not in child.before


def test_without_a_terminal_there_is_none_to_send_to(vault):
    result = vault.run("get", "work/vk", "--clip", env={"PATH": "/nowhere", "TERM": "foot"})
    assert (result.status, result.out) == (1, b""), result


# --- The setting


def test_the_time_is_a_setting(home):
    def config(*words):
        return home.run("config", *words, unlock=False)

    assert config("get", "clipboard-seconds").out == b"45\n"
    for value in ("1", "10", "3600"):
        assert config("set", "clipboard-seconds", value).status == 0
        assert config("get", "clipboard-seconds").out == value.encode() + b"\n"
    for value in ("0", "3601", "+5", "05", "1.5", "never", "99999999999999999999"):
        result = config("set", "clipboard-seconds", value)
        assert result.status == 64 and b"It is a whole number from 1 to 3600." in result.err, result
    assert config("get", "clipboard-seconds").out == b"3600\n"


def test_a_bad_time_in_the_settings_stops_a_copy_before_it_begins(vault, desktop, tool):
    file = vault.home / ".config/coffer/config"
    file.write_text("clipboard-seconds = 0\n")
    desktop.copy(b"before")
    result = vault.run("get", "work/vk", "--clip", env={**desktop.environment, "PATH": tool}, unlock=False)
    assert result.status == 64 and b"clipboard-seconds" in result.err, result
    assert desktop.held() == b"before"


@pytest.mark.parametrize("words", [[], ["x", ":0"], ["1"], ["1", ":0", "x"], ["1", ":0"]])
def test_the_guard_is_no_command_for_people(home, words):
    result = home.run(
        "clipboard-guard", *words, unlock=False, env={"DISPLAY": ":0", "PATH": "/usr/bin"}, stdin=None)
    assert (result.status, result.out, result.err) == (64, b"", b""), result
    assert b"clipboard-guard" not in home.ok("--help", unlock=False)
