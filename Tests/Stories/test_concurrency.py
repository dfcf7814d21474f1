"""Many programs writing one vault: nothing is lost, and nobody waits for the dead."""

import os
import shutil
import subprocess
import sys
import threading
import time

import pytest

from conftest import Coffer

PROCESSES = 20
ADDS_EACH = 50
WAIT_SECONDS = 60

HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def lock_path(coffer):
    return coffer.vault.with_name(coffer.vault.name + ".lock")


class Holder:
    """Another program that has the vault's lock."""

    def __init__(self, coffer, seconds):
        command = [sys.executable, "-c", HOLD, str(lock_path(coffer)), str(seconds)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"held\n"

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def long_wait(tmp_path_factory):
    """A save that meets a lock which is not given back; it waits while the other tests of this file run."""
    coffer = Coffer(tmp_path_factory.mktemp("wait") / "home").init()
    before = coffer.vault.read_bytes()
    holder = Holder(coffer, WAIT_SECONDS * 3)
    outcome = {}

    def add():
        start = time.monotonic()
        outcome["result"] = coffer.run("add", "a", "--generate", timeout=WAIT_SECONDS * 2)
        outcome["seconds"] = time.monotonic() - start

    thread = threading.Thread(target=add, daemon=True)
    thread.start()

    def finish():
        thread.join()
        outcome["unchanged"] = coffer.vault.read_bytes() == before
        return outcome

    yield finish
    holder.kill()


@pytest.mark.timeout(600)
def test_twenty_processes_adding_fifty_entries_each_end_with_a_thousand(long_wait, tmp_path):
    coffer = Coffer(tmp_path / "home").init()
    faults = []

    def add(process):
        for number in range(ADDS_EACH):
            result = coffer.run(
                "add", f"{process}/{number}", "--password-stdin", stdin=f"{process}-{number}\n".encode(), timeout=120)
            if result.status != 0:
                faults.append(result)

    start = time.monotonic()
    threads = [threading.Thread(target=add, args=[process]) for process in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{PROCESSES * ADDS_EACH} adds in {time.monotonic() - start:.1f} s")
    assert not faults, faults[0]
    expected = {f"{process}/{number}" for process in range(PROCESSES) for number in range(ADDS_EACH)}
    listed = [line.split(b"\t")[0].decode() for line in coffer.ok("ls").splitlines()]
    assert len(listed) == PROCESSES * ADDS_EACH and set(listed) == expected
    for title in ["0/0", "19/49", "7/31"]:
        assert coffer.ok("get", title).decode().strip() == title.replace("/", "-")
    assert sorted(p.name for p in coffer.home.iterdir() if "tmp" in p.name) == []
    assert len(list((coffer.home / "vault.coffer.backups").iterdir())) >= 10


def test_a_save_waits_for_the_lock_and_then_takes_in_what_was_written(coffer):
    """The waiting program opened the vault before the other one changed it."""
    coffer.add("one")
    older = coffer.vault.read_bytes()
    coffer.add("two")
    newer = coffer.vault.read_bytes()
    coffer.vault.write_bytes(older)
    shutil.rmtree(coffer.home / ".local")  # what the machine remembers of the newer one
    holder = Holder(coffer, 60)
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(coffer.run("add", "three", "--generate")))
    thread.start()
    time.sleep(0.7)
    assert not outcome, "did not wait for the lock"
    temporary = coffer.home / "newer"
    temporary.write_bytes(newer)
    os.rename(temporary, coffer.vault)
    holder.kill()
    thread.join()
    assert outcome[0].status == 0, outcome[0]
    assert [line.split(b"\t")[0] for line in coffer.ok("ls").splitlines()] == [b"one", b"three", b"two"]


def test_a_lock_whose_holder_is_killed_is_free_for_the_next(coffer):
    holder = Holder(coffer, 60)
    holder.kill()
    start = time.monotonic()
    coffer.add("one")
    assert time.monotonic() - start < 5


def test_reading_needs_no_lock(coffer):
    coffer.add("one")
    holder = Holder(coffer, 60)
    try:
        assert coffer.run("ls", timeout=5).status == 0
    finally:
        holder.kill()


def test_a_lock_file_that_is_removed_while_it_is_waited_for_lets_no_two_in(coffer):
    """The one who waits must lock the file that has the name now, which another one holds already."""
    first = Holder(coffer, 60)
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(coffer.run("add", "one", "--generate")))
    thread.start()
    time.sleep(0.5)
    lock_path(coffer).unlink()
    second = Holder(coffer, 60)
    first.kill()
    time.sleep(0.5)
    assert not outcome, "went on although another program holds the lock"
    second.kill()
    thread.join()
    assert outcome[0].status == 0, outcome[0]


@pytest.mark.process_road
def test_a_vault_that_was_replaced_by_another_meanwhile_is_not_written(tmp_path, coffer):
    other = Coffer(tmp_path / "other").init()
    holder = Holder(coffer, 60)
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(coffer.run("add", "one", "--generate")))
    thread.start()
    time.sleep(0.7)
    os.rename(other.vault, coffer.vault)
    foreign = coffer.vault.read_bytes()
    holder.kill()
    thread.join()
    assert outcome[0].status == 6 and b"replaced by another vault" in outcome[0].err, outcome[0]
    assert coffer.vault.read_bytes() == foreign


@pytest.mark.timeout(200)
@pytest.mark.process_road
def test_a_lock_that_is_not_given_back_is_an_error_after_a_minute(long_wait):
    outcome = long_wait()
    result = outcome["result"]
    assert result.status == 6 and b"in use" in result.err and b"Try again" in result.err, result
    assert WAIT_SECONDS - 1 < outcome["seconds"] < WAIT_SECONDS + 15
    assert outcome["unchanged"]
