"""`coffer run`: the program takes coffer's place, as if the caller had run it, and its environment is where the secrets are."""

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

from clouds import ACCOUNT, add_cloud, set_secret
from conftest import MASTER_PASSWORD, PROGRAM, Coffer, pipe_with
from running import TOKEN, TOKEN_REFERENCE, api, written
from test_full_disk import NOBODY
from test_secrets_outside import CALLS


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
@pytest.mark.process_road
def test_a_file_with_the_password_cannot_be_read_again(api):
    file = api.home / "password"
    file.write_bytes(MASTER_PASSWORD + b"\n")
    read_again = "import os, stat; print(stat.S_ISREG(os.fstat(0).st_mode), os.read(0, 100))"
    with file.open("rb") as password:
        done = subprocess.run(
            [PROGRAM, "run", "--env", f"TOKEN={TOKEN_REFERENCE}", "--password-fd", "0", "--", "/usr/bin/python3", "-c",
             read_again], stdin=password, capture_output=True, env=api.environment, cwd=api.home)
    assert done.stdout == b"False b''\n", done


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
