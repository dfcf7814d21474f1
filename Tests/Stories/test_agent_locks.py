"""What locks the agent, and that nothing stays in its memory then (docs/agent.md)."""

import fcntl
import os
import pathlib
import random
import signal
import string
import subprocess
import time

import pytest

from agent import agent, frame, memory_of, pids_of, start_with_socket, wait_until
from conftest import MASTER_PASSWORD, PROGRAM


def canary():
    return "".join(random.choices(string.ascii_letters, k=32))


# --- What locks


def test_idle_time_locks(agent):
    agent.unlocked("--timeout", "2s")
    assert agent.is_unlocked()
    assert wait_until(lambda: not agent.is_unlocked(), 6)


def test_use_puts_the_idle_time_off_and_the_lifetime_ends_it(agent):
    agent.unlocked("--timeout", "2s", "--lifetime", "4s")
    start = time.monotonic()
    while agent.run("get", "mail").status == 0:
        assert time.monotonic() - start < 10
        time.sleep(0.2)
    assert 3 < time.monotonic() - start < 8


def test_without_being_looked_at_it_locks_in_time(agent):
    agent.unlocked("--timeout", "2s")
    time.sleep(2.5)
    # Nothing woke the agent meanwhile: what is found is what it did by itself, and when.
    assert not agent.is_unlocked()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_locks_and_ends_it(agent, number):
    agent.unlocked()
    pid = agent.pid
    os.kill(pid, number)
    assert wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists())
    assert not agent.socket_path.exists()
    assert agent.run("get", "mail").status == 5
    agent.unlocked()
    assert agent.ok("get", "mail") == b"second secret\n"


def test_a_socket_that_is_gone_ends_it(agent):
    agent.unlocked()
    pid = agent.pid
    agent.socket_path.unlink()
    assert wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists())


def test_an_agent_without_a_vault_ends(agent):
    agent.unlocked("--timeout", "1s")
    pid = agent.pid
    assert wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 20)


def test_locking_everything_ends_it_and_another_can_start_at_once(agent):
    for _ in range(10):
        agent.unlocked()
        pid = agent.pid
        agent.ok("lock")
        assert not agent.socket_path.exists()
        agent.unlocked()
        assert agent.pid != pid
        assert agent.ok("get", "mail") == b"second secret\n"


def test_an_agent_that_was_killed_leaves_nothing_in_the_way(agent):
    agent.unlocked()
    os.kill(agent.pid, signal.SIGKILL)
    assert agent.socket_path.exists()
    assert agent.run("get", "mail").status == 5
    assert agent.run("status").status == 0
    agent.unlocked()
    assert agent.ok("get", "mail") == b"second secret\n"


def test_of_two_started_at_once_one_serves(agent):
    starting = [
        subprocess.Popen([PROGRAM, "unlock", "--password-fd", "0"], stdin=subprocess.PIPE,
                         env=agent.environment, stderr=subprocess.PIPE)
        for _ in range(8)
    ]
    for process in starting:
        assert process.communicate(MASTER_PASSWORD + b"\n", timeout=60)[1]
        assert process.returncode == 0
    assert len(pids_of(agent.runtime)) == 1
    assert agent.ok("get", "mail") == b"second secret\n"


# --- What stays in its memory


def secrets_of(agent):
    """Puts a canary everywhere a secret can be; returns them."""
    given = {name: canary() for name in ("password", "note", "field", "title", "username", "url")}
    key = "".join(random.choices(string.ascii_uppercase, k=32))
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    agent.ok("add", given["title"], "--username", given["username"], "--url", "https://" + given["url"],
             "--password-stdin", stdin=given["password"].encode() + b"\n", fds=fds)
    agent.ok("set", given["title"], "notes", "-", stdin=given["note"].encode() + b"\n", fds=fds)
    agent.ok("set", given["title"], "field", "-", stdin=given["field"].encode() + b"\n", fds=fds)
    agent.ok("otp", "add", given["title"], "--key-stdin", stdin=key.encode() + b"\n", fds=fds)
    given["key"] = key
    return given


def used(agent, given):
    """Commands that bring every canary into the agent's memory."""
    for words in (["get", given["title"]], ["get", given["title"], "notes"], ["get", given["title"], "field"],
                  ["otp", given["title"]], ["show", given["title"], "--reveal"], ["ls", "--json"],
                  ["find", given["username"].lower()], ["history", given["title"], "--reveal"],
                  ["get", "no such title as this"]):
        agent.run(*words)
    agent.ok("set", given["title"], "second", "-", stdin=given["password"].encode() + b"\n")


def found_in(memory, given):
    return [name for name, text in given.items() if text.encode() in memory]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the memory of a process that forbids it")
@pytest.mark.parametrize("locking", ["lock", "timeout"])
def test_nothing_stays_in_memory_after_locking(agent, locking):
    given = secrets_of(agent)
    # Another vault keeps the agent alive.
    other = agent.home / "other.coffer"
    agent.ok("init", "--unsafe-test-kdf", "--iterations", "1", "--no-recovery-key", "--vault", other,
             fds={"--new-password-fd": b"other\n"})
    agent.ok("unlock", "--vault", other, fds={"--password-fd": b"other\n"})
    agent.unlocked(*(["--timeout", "3s"] if locking == "timeout" else []))
    used(agent, given)
    pid = agent.pid
    # That the scan finds what is there: overviews lie ready while the vault is unlocked.
    assert {"title", "username", "url"} <= set(found_in(memory_of(pid), given))
    if locking == "lock":
        agent.ok("lock", "--vault", agent.vault)
    else:
        assert wait_until(lambda: not agent.is_unlocked(), 10)
    assert agent.pid == pid
    assert found_in(memory_of(pid), given) == []
    assert MASTER_PASSWORD not in memory_of(pid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the memory of a process that forbids it")
def test_an_answer_that_nobody_took_goes_with_the_lock(agent):
    note = canary()
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    agent.ok("set", "mail", "notes", "-", stdin=(note * 20_000).encode() + b"\n", fds=fds)
    other = agent.home / "other.coffer"
    agent.ok("init", "--unsafe-test-kdf", "--iterations", "1", "--no-recovery-key", "--vault", other,
             fds={"--new-password-fd": b"other\n"})
    agent.ok("unlock", "--vault", other, fds={"--password-fd": b"other\n"})
    agent.unlocked()
    path = str(agent.vault).encode()
    with agent.connect() as greedy:
        # FindEntry: name, no user name, live, not live first, everything.
        greedy.sendall(frame(
            b"\x01\x650.1.0\x01\x78" + bytes([len(path)]) + path + b"\x64mail\xf4\x81\x00\xf4\x02"))
        assert wait_until(lambda: note.encode() in memory_of(agent.pid))
        agent.ok("lock", "--vault", agent.vault)
        assert note.encode() not in memory_of(agent.pid)


def test_an_agent_that_is_stopped_is_ended_all_the_same(agent):
    agent.unlocked()
    process = agent.pid
    os.kill(process, signal.SIGSTOP)
    try:
        result = agent.run("lock", timeout=30)
        assert result.status == 0, result
        assert wait_until(lambda: not pids_of(agent.runtime))
    finally:
        if pids_of(agent.runtime):
            os.kill(process, signal.SIGKILL)
    agent.unlocked()


def test_an_agent_that_is_busy_is_locked_all_the_same(agent):
    agent.unlocked("--bulk")
    with open(f"{agent.vault}.lock", "w") as lock:
        # A writer that never ends: the agent's save waits for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        saving = subprocess.Popen(
            [PROGRAM, "add", "new", "--password-stdin"], stdin=subprocess.PIPE, env=agent.environment,
            stderr=subprocess.PIPE)
        saving.stdin.write(b"x\n")
        saving.stdin.close()
        time.sleep(0.5)
        start = time.monotonic()
        result = agent.run("lock")
        assert result.status == 0 and b"has been ended" in result.err, result
        assert time.monotonic() - start < 10
        assert agent.pid is None
        saving.stdin = None
        assert b"gave no answer" in saving.communicate(timeout=20)[1]
        assert saving.returncode == 1
    assert agent.run("get", "new", fds={"--password-fd": MASTER_PASSWORD + b"\n"}).status == 2


@pytest.mark.parametrize("number", [signal.SIGTRAP, signal.SIGSEGV, signal.SIGABRT, signal.SIGILL])
def test_a_crash_shows_nothing(agent, number):
    given = secrets_of(agent)
    with open(agent.home / "stderr", "wb") as output, start_with_socket(agent, output) as process:
        agent.unlocked()
        used(agent, given)
        process.send_signal(number)
        process.wait(10)
        assert process.returncode == -number
    assert (agent.home / "stderr").read_bytes() == b""
    assert not [p for p in agent.home.rglob("core*")] and not [p for p in pathlib.Path("/").glob("core*")]


def test_a_socket_that_systemd_made_is_served(agent):
    with open(agent.home / "stderr", "wb") as output, start_with_socket(agent, output) as process:
        agent.unlocked()
        assert agent.ok("get", "mail") == b"second secret\n"
        process.terminate()
        assert process.wait(10) == 0
    # It is systemd's, who made it.
    assert agent.socket_path.exists()
