"""Random histories of five machines that share a folder, with the real program: whatever happened, syncing ends with
the same bytes everywhere, and with every value that nobody replaced.

COFFER_SEED repeats a history, COFFER_MACHINE_HISTORIES says how many there are, COFFER_STEPS how long each is.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import pipe_with
from machines import named
from shared_folder import join, opens, recovery_key, replicas, share
from test_random_machines import ALLOWED, TITLES, command, union

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Independent"))
import vault_forge as forge  # noqa: E402

HISTORIES = int(os.environ.get("COFFER_MACHINE_HISTORIES", "2"))
STEPS = int(os.environ.get("COFFER_STEPS", "120"))
MACHINES = 5
# A password that was really set costs 600,000 iterations a command; one in so many steps changes it.
STEPS_PER_PASSWORD = 60


class History:
    """Five machines, their folder, and every version of an entry that must be there at the end."""

    def __init__(self, first, tmp_path, draw):
        self.draw, self.tmp_path, self.folder = draw, tmp_path, tmp_path / "shared"
        self.folder.mkdir()
        sheet = first.home / "kit"
        first.init("--kit", sheet, "--machine", "m0")
        # The recovery key opens without a KDF, so that a thousand steps take minutes.
        self.unlock = {"fds": {"--recovery-key-fd": recovery_key(sheet) + b"\n"}}
        self.passwords = [first.password]
        data = first.vault.read_bytes()
        self.vault_key = forge.vault_key_of(data, 1, first.password)
        self.machines = [named(first, "m0")]
        first.ok("sync", self.folder, "--accept-weak-password", **self.unlock)
        for number in range(1, MACHINES):
            self.machines.append(
                join(self.folder, tmp_path / f"m{number}", f"m{number}", first.password, **self.unlock))
        for machine in draw.sample(self.machines, 2):
            machine.ok("config", "set", "sync.auto", "off", unlock=False)
        self.own_replicas = {path.name for path in self.folder.glob("*.coffer")}
        self.old_files = {machine.home: [machine.vault.read_bytes()] for machine in self.machines}
        self.old_replicas = []
        # By entry and version; what was lost with an overwritten file may come back from another copy of it.
        self.expected, self.may_return = {}, {}
        self.done = {}

    # --- Steps

    def step(self, number):
        machine = self.draw.choice(self.machines)
        kind = self.draw.random()
        if kind < 0.20:
            name, result = "sync", self.run(machine, "sync")
            assert result.status == 0, result
        elif kind < 0.23:
            name = "go back"
            self.go_back(machine)
        elif kind < 0.28:
            name = "replay"
            self.replay(number)
        elif kind < 0.28 + 1 / STEPS_PER_PASSWORD:
            name = "passwd"
            self.change_password(machine, number)
        else:
            words, stdin = command(self.draw)
            name, result = words[0], self.run(machine, *words, stdin=stdin)
            assert result.status in ALLOWED | ({64} if words[0] == "join" else set()), (words, result)
        self.done[name] = self.done.get(name, 0) + 1
        self.take_note(machine)
        if self.draw.random() < 0.1:
            self.old_files[machine.home].append(machine.vault.read_bytes())
            path = self.folder / self.draw.choice(sorted(self.own_replicas))
            self.old_replicas.append((path.name, path.read_bytes()))

    def run(self, machine, *words, **options):
        return machine.run(*words, **self.unlock, **options)

    def go_back(self, machine):
        """A backup of the whole machine comes back, and its person says so."""
        machine.vault.write_bytes(self.draw.choice(self.old_files[machine.home]))
        backups = machine.vault.with_name("vault.coffer.backups").glob("*.coffer")
        self.forget_what_only_was_there([*self.vaults(), *self.folder.glob("*.coffer"), *backups])
        refused = self.run(machine, "ls")
        assert refused.status in (0, 9), refused
        result = self.run(machine, "sync", "--accept-older")
        assert result.status == 0, result

    def replay(self, number):
        """Something brings an old file back into the folder, in its place or beside it."""
        if not self.old_replicas:
            return
        name, data = self.draw.choice(self.old_replicas)
        if self.draw.random() < 0.3:
            name = f"{name.removesuffix('.coffer')}.sync-conflict-{number}.coffer"
        (self.folder / name).write_bytes(data)
        self.forget_what_only_was_there([*self.vaults(), *self.folder.glob("*.coffer")])

    def change_password(self, machine, number):
        password = f"password of step {number}".encode()
        result = machine.run(
            "passwd", "--iterations", "600000", fds={**self.unlock["fds"], "--new-password-fd": password + b"\n"})
        assert result.status == 0, result
        self.passwords.append(password)

    # --- What must be there

    def vaults(self):
        return [machine.vault for machine in self.machines]

    def versions(self, path):
        """The versions of each entry of a file, by entry, as the forge takes it apart."""
        return {item.id: item.content for item in forge.take_apart(path.read_bytes(), self.vault_key).entries}

    def take_note(self, machine):
        for id, versions in self.versions(machine.vault).items():
            self.expected[id] = union([self.expected.get(id, []), versions])

    def forget_what_only_was_there(self, paths):
        """A file was overwritten: what is in none of those that are left cannot be asked for."""
        left = {}
        for path in paths:
            for id, versions in self.versions(path).items():
                left.setdefault(id, set()).update(version[0] for version in versions)
        for id, versions in self.expected.items():
            gone = [version for version in versions if version[0] not in left.get(id, ())]
            self.may_return.setdefault(id, []).extend(gone)
            self.expected[id] = [version for version in versions if version[0] in left.get(id, ())]

    # --- The end

    def sync_until_quiet(self):
        """Returns how many rounds it took."""
        for round in range(1, 6):
            before = [path.read_bytes() for path in self.vaults()]
            self.draw.shuffle(self.machines)
            for machine in self.machines:
                result = self.run(machine, "sync")
                assert result.status == 0, result
            if before == [path.read_bytes() for path in self.vaults()]:
                return round
        raise AssertionError("five rounds, and it is not quiet")

    def check(self):
        states = {path.read_bytes() for path in self.vaults()}
        assert len(states) == 1
        first = self.machines[0]
        after = self.versions(first.vault)
        for id, versions in self.expected.items():
            found = {version[0] for version in after.get(id, [])}
            returned = [version for version in self.may_return.get(id, []) if version[0] in found]
            wanted = union([versions, returned])
            assert after.get(id, []) == forge.trim(wanted), id.hex()
        assert set(after) <= set(self.expected)
        assert self.run(first, "verify", "--deep").status == 0
        self.check_passwords(first)
        self.check_replicas(states)

    def check_replicas(self, states):
        assert {(self.folder / name).read_bytes() for name in self.own_replicas} == states

    def check_passwords(self, first):
        """Just the passwords that nobody has replaced open the vault, and the independent reader agrees."""
        live = [slot for slot in self.run(first, "keys", "--json").json() if slot["role"] == "password"]
        opening = [password for password in self.passwords if opens(first, password)]
        assert len(opening) == len(live) >= 1
        descriptor = pipe_with(opening[0] + b"\n")
        shown = subprocess.run(
            ["/usr/bin/python3", forge.READER, first.vault, "--password-fd", str(descriptor)], pass_fds=[descriptor],
            capture_output=True, timeout=120)
        assert shown.returncode == 0, shown


class RotatingHistory(History):
    """Now and then a machine makes a new vault key, and the others take it over when they get to it."""

    STEPS_PER_ROTATION = 40

    def __init__(self, first, tmp_path, draw):
        super().__init__(first, tmp_path, draw)
        recovery = self.unlock["fds"]["--recovery-key-fd"]
        # By epoch: how it is opened, and its vault key. The passwords are those of the newest one.
        self.by_epoch = {1: (recovery, self.vault_key)}
        self.epochs = {machine.home: 1 for machine in self.machines}

    def step(self, number):
        if self.draw.random() < 1 / self.STEPS_PER_ROTATION:
            self.rotate(self.draw.choice(self.machines), number)
        else:
            super().step(number)

    def run(self, machine, *words, **options):
        """A machine that is behind is told so when it syncs, and half the time its person accepts."""
        epoch = self.epochs[machine.home]
        result = machine.run(*words, fds={"--recovery-key-fd": self.by_epoch[epoch][0]}, **options)
        if words[0] == "sync" and epoch < max(self.epochs.values()):
            assert result.status == 9 and b"--accept-rotation" in result.err, result
            if self.draw.random() < 0.5:
                return self.accept(machine)
            result.status = 0
        return result

    def accept(self, machine):
        epoch, newest = self.epochs[machine.home], max(self.epochs.values())
        # The files that were written last may be old ones that came back, which an earlier password opens.
        for password in reversed(self.passwords):
            result = machine.run("sync", "--accept-rotation", fds={
                "--recovery-key-fd": self.by_epoch[epoch][0], "--other-password-fd": password + b"\n"})
            if result.status != 3:
                break
        assert result.status == 0, result
        self.epochs[machine.home] = newest
        self.old_files[machine.home] = [machine.vault.read_bytes()]
        return result

    def rotate(self, machine, number):
        epoch, newest = self.epochs[machine.home], max(self.epochs.values())
        sheet, password = self.tmp_path / f"kit-{number}", f"rotated in step {number}".encode()
        result = machine.run(
            "rotate", "--yes", "--iterations", "600000", "--kit", sheet,
            fds={"--recovery-key-fd": self.by_epoch[epoch][0], "--new-password-fd": password + b"\n"})
        if epoch < newest:
            assert result.status == 9 and not sheet.exists(), result
            return
        assert result.status == 0, result
        self.done["rotate"] = self.done.get("rotate", 0) + 1
        self.epochs[machine.home] = newest + 1
        recovery = recovery_key(sheet)
        key = forge.vault_key_of(machine.vault.read_bytes(), 1, password)
        self.by_epoch[newest + 1] = (recovery + b"\n", key)
        # What is replayed or comes back as a backup is of the present key: a machine's file of before is only named.
        self.old_files[machine.home] = [machine.vault.read_bytes()]
        self.old_replicas, self.passwords = [], [password]
        self.take_note(machine)

    def replay(self, number):
        """The first file of a new key is not taken away again: two machines that rotate apart are another story."""
        self.old_replicas = [
            (name, data) for name, data in self.old_replicas if self.epoch_of(data) == max(self.epochs.values())]
        super().replay(number)

    def change_password(self, machine, number):
        if self.epochs[machine.home] < max(self.epochs.values()):
            return  # it would not come along
        password = f"password of step {number}".encode()
        epoch = self.epochs[machine.home]
        result = machine.run(
            "passwd", "--iterations", "600000",
            fds={"--recovery-key-fd": self.by_epoch[epoch][0], "--new-password-fd": password + b"\n"})
        assert result.status == 0 and self.run(machine, "sync").status == 0, result
        live = self.run(machine, "keys", "--json").json()
        self.passwords.append(password)
        self.done["slots"] = max(self.done.get("slots", 0), len(live))

    def check_replicas(self, states):
        """A file of an earlier key that something put at a machine's own name cannot be read, and so is not overwritten: then
        that machine has another name."""
        for name in self.own_replicas:
            own = self.folder.glob(name.replace(".coffer", "*.coffer"))
            assert states & {path.read_bytes() for path in own if "sync-conflict" not in path.name}, name

    @staticmethod
    def epoch_of(data):
        return forge.reader.read_header(data).epoch

    def versions(self, path):
        data = path.read_bytes()
        key = self.by_epoch[self.epoch_of(data)][1]
        return {item.id: item.content for item in forge.take_apart(data, key).entries}

    def sync_until_quiet(self):
        for machine in self.machines:
            if self.epochs[machine.home] < max(self.epochs.values()):
                self.accept(machine)
        return super().sync_until_quiet()


def live(life, seed):
    """All steps of a history, and what must hold at the end."""
    print(f"seed {seed}")
    start = time.monotonic()
    life.run(life.machines[0], "add", TITLES[0], "--username", "a", "--password-stdin", stdin=b"first\n")
    life.take_note(life.machines[0])
    for number in range(STEPS):
        try:
            life.step(number)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, step {number}: {error}") from error
    rounds = life.sync_until_quiet()
    print(f"{STEPS} steps, {time.monotonic() - start:.0f} s, {rounds} rounds until quiet, {life.done}")
    try:
        life.check()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error


def seed():
    return int(os.environ.get("COFFER_SEED", random.randrange(2**32)))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("history", range(HISTORIES))
def test_machines_that_sync_end_with_the_same_bytes_and_everything(home, tmp_path, history):
    number = seed()
    live(History(home, tmp_path, random.Random(number)), number)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("history", range(HISTORIES))
def test_machines_that_rotate_now_and_then_end_with_the_same_bytes_and_everything(home, tmp_path, history):
    number = seed()
    live(RotatingHistory(home, tmp_path, random.Random(number)), number)


def test_a_machines_own_replica_that_went_back_is_published_again(coffer, tmp_path):
    share(coffer, tmp_path / "shared")
    [replica] = replicas(tmp_path / "shared")
    old = replica.read_bytes()
    coffer.add("bank")
    assert replica.read_bytes() == coffer.vault.read_bytes()
    replica.write_bytes(old)
    result = coffer.run("sync")
    assert result.status == 0 and b"own file in the shared folder had gone back in time" in result.err, result
    assert replica.read_bytes() == coffer.vault.read_bytes()
