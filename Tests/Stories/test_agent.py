"""The agent: unlocking once, how long it lasts, what locks it, and what stays in its memory (docs/agent.md)."""

import fcntl
import os
import pathlib
import random
import signal
import string
import subprocess
import time

import pytest

from agent import AGENT, Agent, frame, memory_of, pids_of, start_with_socket, wait_until
from conftest import MASTER_PASSWORD, PROGRAM
from terminal import answer, asked, end, interrupt, shown


def canary():
    return "".join(random.choices(string.ascii_letters, k=32))


@pytest.fixture
def agent(tmp_path):
    """A home with a vault of two entries, locked."""
    home = Agent(tmp_path / "home").init()
    password = {"--password-fd": MASTER_PASSWORD + b"\n"}
    home.add("work/vk", "--username", "me", password=b"first secret", fds=password)
    home.add("mail", password=b"second secret", fds=password)
    return home


# MARK: Unlocking once


def test_after_unlock_commands_ask_nothing(agent):
    agent.unlocked()
    assert agent.ok("get", "work/vk") == b"first secret\n"
    assert agent.ok("ls") == b"mail\t\nwork/vk\tme\n"
    agent.add("third", password=b"third secret")
    assert agent.ok("get", "third") == b"third secret\n"
    # What the agent saved is in the file.
    agent.ok("lock")
    assert agent.ok("get", "third", fds={"--password-fd": MASTER_PASSWORD + b"\n"}) == b"third secret\n"


def test_after_lock_commands_ask_again(agent):
    agent.unlocked()
    assert b"Locked." in agent.run("lock").err
    result = agent.run("get", "work/vk")
    assert (result.status, result.out) == (5, b"")
    assert b"Nothing was unlocked." in agent.run("lock").err


def test_status_says_what_is_unlocked_and_for_how_long(agent):
    assert agent.ok("status") == b"No vault is unlocked.\n"
    assert agent.run("status", "--json").json() == {
        "running": False, "version": None, "pid": None, "vaults": []}
    assert agent.run("status", "--check").status == 5
    agent.unlocked("--timeout", "20m", "--lifetime", "2h")
    assert b"2 entries" in agent.ok("status") and b"at the latest in 2 h" in agent.ok("status")
    status = agent.run("status", "--json").json()
    held, = status["vaults"]
    assert status["running"] and status["version"] and status["pid"] == agent.pid
    assert held["vault"] == str(agent.vault) and held["entries"] == 2 and held["machine"]
    assert 1190 <= held["locks_in"] <= 1200 and 7190 <= held["lifetime_left"] <= 7200 and held["bulk"] is False
    assert agent.run("status", "--check").status == 0


def test_its_times_can_be_set_once_for_all(agent):
    agent.ok("config", "set", "unlock-seconds", "120")
    agent.ok("config", "set", "unlock-lifetime-seconds", "3600")
    agent.unlocked()
    held, = agent.run("status", "--json").json()["vaults"]
    assert 115 <= held["locks_in"] <= 120 and 3590 <= held["lifetime_left"] <= 3600
    assert agent.run("config", "set", "unlock-seconds", "0").status == 64


def test_who_had_to_type_the_password_is_told_of_it(agent):
    child = asked(agent, "get", "mail", unlock=False)
    answer(child, "Master password for .*: ", agent.password)
    assert end(child) == 0 and b"To type it only once: coffer unlock" in shown(child)
    agent.unlocked()
    assert b"coffer unlock" not in agent.run("get", "mail").err


@pytest.mark.parametrize("word", ["0m", "1y", "-1s", "31d", "99999999s", "m", "", "1.5h", "１m"])
def test_a_time_that_is_none_is_refused(agent, word):
    result = agent.unlock(f"--timeout={word}")
    assert result.status == 64
    assert not agent.is_unlocked()


def test_a_wrong_password_unlocks_nothing(agent):
    result = agent.unlock(password=b"wrong")
    assert result.status == 3
    assert not agent.is_unlocked()


def test_several_vaults_at_once(agent):
    agent.unlocked()
    other = agent.home / "other.coffer"
    agent.ok("init", "--unsafe-test-kdf", "--iterations", "1", "--no-recovery-key", "--vault", other,
             fds={"--new-password-fd": b"other\n"})
    agent.ok("unlock", "--vault", other, fds={"--password-fd": b"other\n"})
    agent.ok("add", "there", "--password-stdin", "--vault", other, stdin=b"other secret\n")
    assert agent.ok("get", "there", "--vault", other) == b"other secret\n"
    assert agent.ok("get", "mail") == b"second secret\n"
    assert agent.run("get", "there").status == 2
    agent.ok("lock", "--vault", other)
    assert agent.run("get", "there", "--vault", other).status == 5
    assert agent.ok("get", "mail") == b"second secret\n"
    assert b"none.coffer was not unlocked." in agent.run("lock", "--vault", agent.home / "none.coffer").err
    assert agent.is_unlocked()


def test_a_relative_or_linked_path_is_the_same_vault(agent):
    link = agent.home / "link.coffer"
    link.symlink_to(agent.vault)
    agent.unlocked()
    for name in ("vault.coffer", "./vault.coffer", link):
        assert agent.ok("get", "mail", "--vault", name) == b"second secret\n"


# MARK: What others do to the file


def test_a_file_that_changed_is_read_again(agent):
    agent.unlocked()
    assert agent.ok("get", "mail") == b"second secret\n"
    agent.ok("set", "mail", "password", "-", stdin=b"newer\n", fds={"--password-fd": MASTER_PASSWORD + b"\n"})
    assert agent.ok("get", "mail") == b"newer\n"


def test_twenty_writers_through_the_agent_and_past_it_lose_nothing(agent):
    agent.unlocked()
    words = ["add", "--password-stdin", "--duplicate"]
    running = []
    for number in range(20):
        given = [] if number % 2 else ["--password-fd", "0"]
        stdin = MASTER_PASSWORD + b"\nx\n" if given else b"x\n"
        process = subprocess.Popen(
            [PROGRAM, *words, f"e{number}", *given], stdin=subprocess.PIPE, env=agent.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        process.stdin.write(stdin)
        process.stdin.close()
        running.append(process)
    for process in running:
        process.stdin = None
        error = process.communicate(timeout=60)[1]
        assert process.returncode == 0, error
    assert len(agent.ok("ls").splitlines()) == 22


def test_a_new_vault_key_locks(agent):
    agent.unlocked()
    agent.ok("rotate", "--no-recovery-key", "--yes", fds={"--password-fd": MASTER_PASSWORD + b"\n"})
    result = agent.run("get", "mail")
    assert (result.status, result.out) == (5, b"")
    assert not agent.is_unlocked()
    agent.unlocked()
    assert agent.ok("get", "mail") == b"second secret\n"


def test_a_lock_in_the_middle_loses_nothing_that_was_typed(agent):
    agent.unlocked()
    child = asked(agent, "otp", "add", "mail", unlock=False)
    child.expect("Key or otpauth link: ")
    agent.ok("lock")
    child.sendline("JBSWY3DPEHPK3PXP")
    answer(child, "Master password for .*: ", agent.password)
    assert end(child) == 0
    assert agent.ok("otp", "mail", fds={"--password-fd": MASTER_PASSWORD + b"\n"})


def test_many_edits_that_read_no_secret_are_not_limited(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    for number in range(31):
        agent.add(f"e{number}", password=b"x", fds=fds)
    agent.unlocked()
    for number in range(31):
        agent.ok("set", f"e{number}", "tag", "t")
        agent.ok("otp", "add", f"e{number}", "--key-stdin", stdin=b"JBSWY3DPEHPK3PXP\n")
    assert agent.ok("get", "mail") == b"second secret\n"


def test_a_vault_that_is_gone_locks(agent):
    agent.unlocked()
    agent.vault.rename(agent.home / "elsewhere.coffer")
    assert agent.run("get", "mail").status != 0
    assert not agent.is_unlocked()


def test_an_older_file_is_refused_and_named(agent):
    older = agent.vault.read_bytes()
    agent.unlocked()
    agent.ok("set", "mail", "password", "-", stdin=b"newer\n")
    agent.vault.write_bytes(older)
    for _ in range(3):
        result = agent.run("get", "mail")
        assert result.status == 9 and b"is older than what this machine saw" in result.err
    # Nothing is saved over it either, and a backup code is not drawn twice.
    assert agent.run("set", "mail", "password", "-", stdin=b"x\n").status == 9
    assert agent.vault.read_bytes() == older


def test_a_file_that_was_put_back_on_purpose_is_no_alarm(agent):
    agent.unlocked()
    agent.ok("set", "mail", "password", "-", stdin=b"newer\n")
    agent.ok("backups", "restore", "1", "--replace", "--yes", fds={"--password-fd": MASTER_PASSWORD + b"\n"})
    result = agent.run("ls")
    assert result.status == 0, result


def test_a_damaged_file_is_refused_and_nothing_saved(agent):
    agent.unlocked()
    damaged = bytearray(agent.vault.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    agent.vault.write_bytes(damaged)
    result = agent.run("add", "new", "--password-stdin", stdin=b"x\n")
    assert result.status == 4
    assert agent.vault.read_bytes() == damaged


# MARK: What locks


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


# MARK: What stays in its memory


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


def test_joining_does_not_get_around_the_limit(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    for number in range(31):
        agent.add(f"e{number}", password=b"x", fds=fds)
    for number in range(1, 31):
        agent.ok("join", "e0", f"e{number}", fds=fds)
    agent.unlocked()
    assert agent.run("get", "e0", "--pick", "newest").status == 9
    assert agent.run("find", "--secrets", "x").status == 9


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


# MARK: Asking again


def test_many_secrets_within_a_minute_are_asked_for_again(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    for number in range(29):
        agent.add(f"e{number}", password=b"x", fds=fds)
    agent.unlocked()
    for number in range(29):
        assert agent.run("get", f"e{number}").status == 0
    assert agent.run("get", "mail").status == 0
    refused = agent.run("get", "work/vk")
    assert (refused.status, refused.out) == (9, b"")
    assert b"coffer unlock --bulk" in refused.err
    # What was read already may be read again; what tells no secret, and codes, do not count.
    assert agent.ok("get", "e3") == b"x\n"
    assert agent.ok("get", "work/vk", "username") == b"me\n"
    assert b"first secret" not in agent.ok("show", "work/vk")
    assert agent.run("show", "work/vk", "--reveal").status == 9
    assert agent.run("history", "work/vk", "--reveal").status == 9
    agent.ok("ls", "--json")
    # Looking for a word in all secrets would tell them all, letter by letter.
    assert agent.run("find", "--secrets", "first").status == 9
    # A plain field is no secret.
    agent.ok("set", "work/vk", "project", "p1", "--plain", fds=fds)
    assert agent.ok("get", "work/vk", "project") == b"p1\n"
    agent.unlocked("--bulk")
    assert agent.ok("get", "work/vk") == b"first secret\n"
    assert agent.ok("find", "--secrets", "first") == b"work/vk\tme\n"


@pytest.fixture
def exhausted(agent):
    """An unlocked vault of which thirty entries' secrets were read just now."""
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    for number in range(30):
        agent.add(f"e{number}", password=b"x", fds=fds)
    agent.ok("codes", "add", "mail", "-", stdin=b"3f9a01c7\n88d2e4b0\n1b6c90ff\n", fds=fds)
    agent.unlocked()
    for number in range(30):
        agent.ok("get", f"e{number}")
    return agent


def test_the_master_password_is_asked_for_and_lets_go_on(exhausted):
    child = asked(exhausted, "get", "mail", unlock=False)
    answer(child, "Master password for .*: ", exhausted.password)
    assert end(child) == 0 and shown(child).endswith(b"second secret\r\n")
    # It counts anew from now on.
    assert exhausted.ok("get", "work/vk") == b"first secret\n"


def test_it_is_asked_for_before_all_secrets_are_searched(exhausted):
    child = asked(exhausted, "find", "--secrets", "first", unlock=False)
    answer(child, "Master password for .*: ", exhausted.password)
    assert end(child) == 0 and b"work/vk" in shown(child)


def test_a_wrong_password_there_gives_nothing(exhausted):
    child = asked(exhausted, "get", "mail", unlock=False)
    for _ in range(3):
        answer(child, "Master password for .*: ", b"wrong")
    assert end(child) == 3 and b"second secret" not in shown(child)
    assert exhausted.run("get", "mail").status == 9


def test_ctrl_c_there_is_an_interruption(exhausted):
    child = asked(exhausted, "get", "mail", unlock=False)
    interrupt(child, "Master password for .*: ")
    assert end(child) == 130 and b"second secret" not in shown(child)


def test_a_code_that_is_refused_is_not_spent(exhausted):
    before = exhausted.vault.read_bytes()
    result = exhausted.run("codes", "next", "mail")
    assert (result.status, result.out) == (9, b"")
    assert exhausted.vault.read_bytes() == before


def test_codes_do_not_count(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    for number in range(31):
        agent.add(f"e{number}", password=b"x", fds=fds)
        agent.ok("otp", "add", f"e{number}", "--key-stdin", stdin=b"JBSWY3DPEHPK3PXP\n", fds=fds)
    agent.unlocked()
    for number in range(31):
        assert agent.run("otp", f"e{number}").status == 0
    assert len(agent.ok("otp").splitlines()) == 31
    assert agent.ok("get", "mail") == b"second secret\n"


def test_power_asks_again(agent):
    agent.unlocked("--bulk")
    for words in (["passwd"], ["rotate", "--no-recovery-key", "--yes"], ["kit", "new", "--output", "kit.txt"], ["keys"]):
        before = agent.vault.read_bytes()
        result = agent.run(*words, "--no-input")
        assert result.status == 5 and b"although the vault is unlocked" in result.err, (words, result)
        assert agent.vault.read_bytes() == before
        assert agent.ok("get", "mail") == b"second secret\n"


def test_the_plainest_forms_are_the_same_as_the_parsers(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    agent.ok("otp", "add", "work/vk", "--key-stdin", stdin=b"JBSWY3DPEHPK3PXP\n", fds=fds)
    agent.unlocked()
    for words in (["get", "mail"], ["get", "work/vk", "username"], ["get", "none"], ["get", "mail", "none"], ["show", "mail"],
                  ["ls"], ["ls", "work/"], ["otp", "none"], ["otp", "add"], ["get"], ["show"], ["get", "a", "b", "c"]):
        plain, parsed = agent.run(*words), agent.run(*words, "--no-input")
        assert (plain.status, plain.out, plain.err) == (parsed.status, parsed.out, parsed.err), words


# MARK: The folder


@pytest.mark.parametrize("folder", ["/nonexistent/folder", "relative", "."])
def test_without_a_runtime_folder_it_says_what_to_do(agent, folder):
    env = {"XDG_RUNTIME_DIR": folder}
    result = agent.run("unlock", fds={"--password-fd": MASTER_PASSWORD + b"\n"}, env=env)
    assert result.status == 1 and b"XDG_RUNTIME_DIR" in result.err
    # Everything else goes on without.
    for words, status in ((["lock"], 0), (["status"], 0), (["status", "--check"], 5), (["get", "mail"], 5)):
        assert agent.run(*words, env=env).status == status, words


def test_who_takes_long_to_type_unlocks_all_the_same(agent):
    child = asked(agent, "unlock", unlock=False)
    child.expect("Master password for .*: ")
    # No agent waits meanwhile, which would not wait for ever.
    assert agent.pid is None
    child.sendline(agent.password)
    assert end(child) == 0 and agent.is_unlocked()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o1777])
def test_a_runtime_folder_that_others_can_enter_is_refused(agent, mode):
    agent.runtime.chmod(mode)
    result = agent.unlock()
    assert result.status == 9 and b"no safe place" in result.err
    assert not agent.socket_path.exists()


def test_a_socket_folder_of_another_mode_is_refused_by_both_sides(agent):
    agent.unlocked()
    agent.socket_path.parent.chmod(0o750)
    result = agent.run("get", "mail")
    assert result.status == 5 and b"no safe place" in result.err
    # The agent notices too, and locks.
    assert wait_until(lambda: agent.pid is None)
    assert agent.run("status", "--check").status == 5
    assert agent.unlock().status == 9


def test_a_link_in_the_place_of_the_folder_is_refused(agent):
    (agent.home / "elsewhere").mkdir(mode=0o700)
    (agent.runtime / "coffer").symlink_to(agent.home / "elsewhere")
    assert agent.unlock().status == 9
    assert list((agent.home / "elsewhere").iterdir()) == []


def test_umask_000_makes_private_files(agent):
    old = os.umask(0)
    try:
        agent.unlocked()
    finally:
        os.umask(old)
    assert agent.socket_path.parent.stat().st_mode & 0o777 == 0o700
    assert agent.socket_path.stat().st_mode & 0o077 == 0


def test_a_runtime_folder_with_a_long_name_is_refused(agent, tmp_path):
    long = tmp_path / ("x" * 120)
    long.mkdir(mode=0o700)
    result = agent.run("unlock", fds={"--password-fd": MASTER_PASSWORD + b"\n"}, env={"XDG_RUNTIME_DIR": str(long)})
    assert result.status == 9 and b"too long" in result.err
