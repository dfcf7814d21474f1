"""The agent: unlocking once, for how long, and where its socket may be (docs/agent.md)."""

import os
import subprocess

import pytest

from agent import agent, wait_until
from conftest import MASTER_PASSWORD, PROGRAM
from terminal import answer, asked, end, shown


# --- Unlocking once


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


# --- What others do to the file


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


# --- The folder


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
