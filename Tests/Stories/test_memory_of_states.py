"""What a machine remembers of a vault, outside every shared folder: a file that went back in time is refused, and nothing that
happens to the memory ever makes a command fail."""

import os
import pathlib
import re
import shutil
import tempfile

import pytest

from conftest import MASTER_PASSWORD
from synced_machines import (
    WEAK, change, differences, machines, replicas, settle, snapshot, sync, value)
from test_full_disk import NOBODY


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "folder"


@pytest.fixture
def two(folder, tmp_path):
    return machines(folder, tmp_path, "work-pc", "laptop")


def put_older_back(machine, edits=3):
    """Replaces the vault by what it was some edits ago, without telling anybody. Returns the newer bytes."""
    old = machine.vault.read_bytes()
    for number in range(edits):
        change(machine, b"edit %d" % number)
    newer = machine.vault.read_bytes()
    machine.vault.write_bytes(old)
    return newer


def memory(machine):
    """The files of the memory, the short one first."""
    place = machine.home / ".local/state/coffer/vaults"
    return sorted(place.glob("*.memory")) + sorted(place.glob("*.states"))


# --- The vault file went back


COMMANDS = {
    "show": ["show", "mail"], "get": ["get", "mail"], "ls": ["ls"], "find": ["find", "mail"], "add": ["add", "x", "--generate"],
    "set": ["set", "mail", "region", "ru-1", "--plain"], "rm": ["rm", "mail"], "history": ["history", "mail"],
    "conflicts": ["conflicts"], "otp": ["otp", "mail"], "sync": ["sync"], "sync status": ["sync", "status"],
    "sync forget": ["sync", "forget", "laptop", "--yes"], "keys": ["keys"], "mv": ["mv", "mail", "post"],
    "merge": ["merge", "vault.coffer"], "undo": ["undo", "mail", "password"], "dry run": ["sync", "--dry-run"],
    "exit code": ["sync", "--exit-code"], "passwd": ["passwd", "--iterations", "600000"],
    "codes": ["codes", "list", "mail"], "resolve": ["resolve", "mail", "password", "--pick", "newest"],
    "rotate": ["rotate", "--no-recovery-key", "--yes"], "kit": ["kit", "new", "--output", "sheet"]}


@pytest.mark.parametrize("words", COMMANDS)
def test_a_vault_file_that_went_back_is_refused_by_every_command(two, folder, words):
    pc, _ = two
    put_older_back(pc)
    before = snapshot(pc.home, folder)
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    if words in ("passwd", "rotate"):
        fds["--new-password-fd"] = b"new\n"
    result = pc.run(*COMMANDS[words], fds=fds)
    assert result.status == 9 and result.out == b"", result
    assert re.search(
        rb"vault\.coffer is older than what this machine saw on \d{4}-\d\d-\d\dT[\d:]+Z; 3 edits are missing\. If you restored"
        rb" a backup: coffer sync --accept-older merges them back\. If not, something replaced the file: compare with another"
        rb" machine first\.", result.err), result
    assert differences(before, snapshot(pc.home, folder)) == []


def test_one_missing_edit_is_one_and_the_last_state_itself_is_not_older(two):
    pc, _ = two
    newer = put_older_back(pc, edits=1)
    assert b"1 edit is missing" in pc.run("ls").err
    pc.vault.write_bytes(newer)
    pc.ok("ls")


def test_backups_are_listed_whatever_the_vault_file_is(two):
    pc, _ = two
    put_older_back(pc)
    assert pc.run("backups", unlock=False).status == 0


def test_an_old_master_password_comes_back_with_the_old_file_only_for_a_refusal(two):
    """An old key slot put back: the old password opens it, and this machine has seen that it was changed."""
    pc, _ = two
    old = pc.vault.read_bytes()
    pc.ok("passwd", "--iterations", "600000", fds={"--new-password-fd": b"the new one\n"})
    pc.vault.write_bytes(old)
    result = pc.run("get", "mail")
    assert result.status == 9 and result.out == b"" and b"1 edit is missing" in result.err, result
    pc.password = b"the new one"
    assert pc.run("get", "mail").status == 3


def test_accepting_the_older_file_brings_the_edits_back_from_backups(two):
    pc, laptop = two
    newer = put_older_back(pc)
    pc.ok("ls", "--trash", env={"XDG_STATE_HOME": "/proc/nowhere"})  # it is the file that is refused, not its content
    result = sync(pc, "--accept-older")
    # The last state had no backup yet: nothing has been saved since.
    assert b"The older file is the vault now: 2 of 3 missing edits came back." in result.err, result
    assert b"Other machines may hold the rest" in result.err and value(pc) == b"edit 1"
    assert pc.ok("ls")
    (pc.home / "kept.coffer").write_bytes(newer)
    pc.ok("merge", "kept.coffer")
    assert value(pc) == b"edit 2"
    settle(pc, laptop)


def test_accepting_the_older_file_brings_the_edits_back_from_the_folder(two):
    pc, laptop = two
    old = pc.vault.read_bytes()
    change(pc, b"second")
    laptop.add("of laptop")
    sync(laptop)
    sync(pc)
    newest = pc.vault.read_bytes()
    shutil.rmtree(pc.home / "vault.coffer.backups")
    pc.vault.write_bytes(old)
    assert sync(pc, status=9)
    result = sync(pc, "--accept-older")
    assert re.search(rb"(\d+) of \1 missing edits came back\.", result.err) and b"Other machines" not in result.err, result
    assert pc.vault.read_bytes() == newest
    sync(pc)
    settle(pc, laptop)


def test_accepting_what_is_not_older_is_an_ordinary_sync(two):
    pc, laptop = two
    change(laptop, b"second")
    sync(laptop)
    assert b"older" not in sync(pc, "--accept-older").err and value(pc) == b"second"


def test_a_dry_run_of_accepting_changes_nothing(two, folder):
    pc, _ = two
    put_older_back(pc)
    before = snapshot(pc.home, folder)
    sync(pc, "--accept-older", "--dry-run")
    assert differences(before, snapshot(pc.home, folder)) == []
    assert pc.run("ls").status == 9


def test_without_a_shared_folder_the_older_file_is_accepted_all_the_same(coffer):
    coffer.add("mail")
    old = coffer.vault.read_bytes()
    change(coffer, b"second")
    change(coffer, b"third")
    coffer.vault.write_bytes(old)
    assert coffer.run("ls").status == 9
    result = sync(coffer, "--accept-older")
    assert b"1 of 2 missing edits came back" in result.err and value(coffer) == b"second"
    coffer.ok("ls")


def test_putting_a_backup_back_is_a_person_s_own_choice_and_not_refused_afterwards(two):
    pc, laptop = two
    for password in (b"second", b"third", b"fourth"):
        change(pc, password)
    number = pc.run("backups", "--json", unlock=False).json()[0]["number"]
    pc.ok("backups", "restore", str(number), "--replace", "--yes")
    assert value(pc) == b"third"
    change(pc, b"fifth")
    sync(pc)
    settle(pc, laptop)
    # A backup from before the first sync, too, and again.
    number = pc.run("backups", "--json", unlock=False).json()[-1]["number"]
    pc.ok("backups", "restore", str(number), "--replace", "--yes")
    pc.ok("ls")
    settle(pc, laptop)
    assert value(laptop) == value(pc)


def test_putting_a_backup_back_over_a_file_that_went_back_is_not_refused(two):
    """The remedy must not need what is refused."""
    pc, _ = two
    put_older_back(pc)
    numbers = [found["number"] for found in pc.run("backups", "--json", unlock=False).json()]
    pc.ok("backups", "restore", str(numbers[0]), "--replace", "--yes")
    pc.ok("ls")


def test_restoring_from_a_backup_as_new_edits_is_never_older(two):
    pc, _ = two
    change(pc, b"second")
    change(pc, b"third")
    number = pc.run("backups", "--json", unlock=False).json()[0]["number"]
    pc.ok("backups", "restore", str(number), "--yes")
    assert value(pc) == b"second"


def test_a_newer_file_that_something_else_wrote_is_taken_as_it_is(two):
    """Another machine's vault copied over: it holds all that was here and more."""
    pc, laptop = two
    change(laptop, b"second")
    shutil.copy(laptop.vault, pc.vault)
    assert value(pc) == b"second"
    sync(pc)
    settle(pc, laptop)


def test_many_states_are_remembered_each_with_what_is_missing(coffer):
    coffer.add("mail")
    kept = []
    for number in range(40):
        kept.append(coffer.vault.read_bytes())
        change(coffer, b"%d" % number)
    newest = coffer.vault.read_bytes()
    for number in (0, 17, 39):
        coffer.vault.write_bytes(kept[number])
        assert b"%d edit" % (40 - number) in coffer.run("ls").err
    coffer.vault.write_bytes(newest)
    coffer.ok("ls")


def test_joining_again_after_the_vault_was_lost_loses_nothing(two, folder):
    """The folder is not newer than what the machine had, but it is all there is."""
    pc, laptop = two
    change(pc, b"only here")
    shutil.rmtree(pc.vault.with_name("vault.coffer.backups"))
    pc.vault.unlink()
    result = pc.run("sync", folder, "--join", WEAK)
    assert result.status in (0, 9), result
    if result.status == 9:
        assert b"--accept-older" in result.err
        sync(pc, folder, "--accept-older")
    assert value(pc) == b"mail-1"
    settle(pc, laptop)


# --- The memory itself


def spoil(kind, files, machine, tmp_path):
    place = machine.home / ".local/state/coffer"
    if kind == "state folder read-only":
        return os.chmod(place / "vaults", 0o500), os.chmod(place, 0o500)
    if kind == "state folder gone":
        return shutil.rmtree(place)
    if kind == "state folder is a file":
        shutil.rmtree(place)
        return place.write_bytes(b"x")
    if kind == "state folder is a link":
        shutil.move(place, tmp_path / "elsewhere")
        return place.symlink_to(tmp_path / "elsewhere")
    if kind == "state folder is a link to nowhere":
        shutil.rmtree(place)
        return place.symlink_to("/nowhere/at/all")
    others = dict(zip(memory(machine), [path.read_bytes() for path in reversed(memory(machine))]))
    for file in files:
        data = file.read_bytes()
        file.unlink()
        if kind == "link":
            file.symlink_to("/etc/passwd")
        elif kind == "folder":
            file.mkdir()
        elif kind == "pipe":
            os.mkfifo(file)
        elif kind == "huge":
            file.write_bytes(data)
            os.truncate(file, 1 << 40)
        elif kind == "unreadable":
            file.write_bytes(data)
            file.chmod(0)
        elif kind != "gone":
            file.write_bytes({
                "junk": os.urandom(500), "empty": b"", "half": data[:len(data) // 2], "appended": data + b"\0",
                "only the head": data[:16], "flipped": data[:80] + bytes([data[80] ^ 1]) + data[81:],
                "zeros": bytes(len(data)), "of the other kind": others[file]}[kind])


@pytest.mark.parametrize("which", ["both", "memory", "states"])
@pytest.mark.parametrize("kind", ["junk", "empty", "half", "appended", "only the head", "flipped", "zeros", "gone", "link",
                                  "folder", "pipe", "huge", "of the other kind"])
def test_a_damaged_memory_never_makes_a_command_fail(two, folder, tmp_path, kind, which):
    pc, laptop = two
    files = {"both": memory(pc), "memory": memory(pc)[:1], "states": memory(pc)[1:]}[which]
    spoil(kind, files, pc, tmp_path)
    passwd = pathlib.Path("/etc/passwd").read_bytes()
    result = pc.run("get", "mail")
    assert result.status == 0 and result.out == b"mail-1\n", result
    change(pc, b"second")
    laptop.add("of laptop")
    sync(laptop)
    sync(pc, folder)
    assert value(pc) == b"second" and value(pc, "of laptop") == b"a password"
    assert pc.run("sync", "status").status == 0 or kind in ("folder",)
    sync(laptop)
    assert value(laptop) == b"second"
    assert pathlib.Path("/etc/passwd").read_bytes() == passwd


def test_each_byte_of_the_memory_may_be_wrong(two, folder):
    """Its first bytes are in clear, and no more to be believed than the rest."""
    pc, _ = two
    file = memory(pc)[0]
    data = file.read_bytes()
    failed = []
    for at in [*range(60), *range(60, len(data), 37)]:
        for bit in (0, 7):
            file.write_bytes(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:])
            if pc.run("get", "mail").status != 0:
                failed.append((at, bit))
    assert not failed


def test_a_damaged_memory_is_said_once_and_starts_anew(two, folder):
    pc, _ = two
    memory(pc)[0].write_bytes(os.urandom(500))
    assert b"cannot be read; it starts to remember anew" in pc.run("ls").err
    assert b"starts to remember anew" not in pc.run("ls").err


# the last state is not known.
@pytest.mark.parametrize("which", ["both", "memory", "states"])
@pytest.mark.parametrize("kind", ["junk", "gone"])
def test_after_the_memory_was_lost_a_file_that_went_back_is_refused_as_ever(two, tmp_path, kind, which):
    pc, _ = two
    spoil(kind, {"both": memory(pc), "memory": memory(pc)[:1], "states": memory(pc)[1:]}[which], pc, tmp_path)
    pc.ok("ls")
    put_older_back(pc)
    assert pc.run("ls").status == 9


def test_a_file_from_before_a_change_of_the_vault_key_is_refused_with_its_own_password(two, folder):
    pc, _ = two
    old = pc.vault.read_bytes()
    pc.ok("rotate", "--no-recovery-key", "--yes", fds={
        "--password-fd": MASTER_PASSWORD + b"\n", "--new-password-fd": b"a new master password\n"})
    pc.vault.write_bytes(old)
    before = snapshot(pc.home, folder)
    for words in (["get", "mail"], ["add", "x", "--generate"], ["sync"], ["sync", "status"]):
        result = pc.run(*words)
        assert result.status == 9 and result.out == b"" and b"before a change of the vault key" in result.err, result
    assert differences(before, snapshot(pc.home, folder)) == []


@pytest.mark.parametrize("kind", [
    "state folder read-only", "state folder gone", "state folder is a file", "state folder is a link",
    "state folder is a link to nowhere", "unreadable"])
def test_a_state_folder_that_is_of_no_use_never_makes_a_command_fail(kind):
    """Root reads and writes everything, so root lends it all to nobody."""
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        os.chmod(place, 0o755)
        pc, laptop = machines(place / "folder", place, "work-pc", "laptop")
        change(laptop, b"second")
        sync(laptop)
        spoil(kind, memory(pc), pc, place)
        prefix = []
        if os.geteuid() == 0:
            prefix = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
            for path in [place, *place.rglob("*")]:
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        try:
            assert pc.ok("get", "mail", prefix=prefix) == b"mail-1\n"
            result = sync(pc, place / "folder", prefix=prefix)
            assert pc.ok("get", "mail", prefix=prefix) == b"second\n"
            pc.ok("add", "new", "--generate", prefix=prefix)
            sync(pc, place / "folder", prefix=prefix)
            if kind in ("state folder is a file", "state folder is a link to nowhere"):
                assert b"cannot remember the shared folder; name it again next time" in result.err, result
                assert pc.run("sync", prefix=prefix).status == 64
        finally:
            for path in [pc.home / ".local/state/coffer", pc.home / ".local/state/coffer/vaults"]:
                if path.is_dir():
                    os.chmod(path, 0o700)


def test_a_machine_that_cannot_remember_itself_does_not_fill_the_folder(two, folder):
    """Its number would be another one each time, and with it the name of its file."""
    pc, _ = two
    for number in range(4):
        change(pc, b"%d" % number)
        pc.run("sync", folder, WEAK, env={"XDG_STATE_HOME": "/proc/nowhere"})
    assert len(replicas(folder)) <= 3, sorted(path.name for path in replicas(folder))


def test_without_a_home_all_works_and_nothing_is_remembered(two, folder):
    pc, _ = two
    put_older_back(pc)
    env = {"HOME": "/proc/nowhere"}
    assert pc.ok("get", "mail", env=env) == b"mail-1\n"
    pc.ok("add", "x", "--generate", env=env)


def test_another_machine_s_memory_copied_over_is_not_believed(two, folder):
    """It is sealed for the path of the file."""
    pc, laptop = two
    change(laptop, b"second")
    sync(laptop)
    for mine, theirs in zip(memory(pc), memory(laptop)):
        shutil.copy(theirs, mine)
    assert value(pc) == b"mail-1"
    sync(pc, folder)
    assert value(pc) == b"second"


def test_an_older_memory_put_back_loses_nothing(two, folder, tmp_path):
    pc, laptop = two
    shutil.copytree(pc.home / ".local", tmp_path / "old")
    change(pc, b"second")
    sync(pc)
    laptop.add("new")
    sync(laptop)
    shutil.rmtree(pc.home / ".local")
    shutil.copytree(tmp_path / "old", pc.home / ".local")
    assert value(pc) == b"second"
    sync(pc)
    assert value(pc, "new") == b"a password"
    settle(pc, laptop)


def test_a_copy_on_a_stick_that_is_only_looked_at_is_not_remembered(two, tmp_path):
    pc, _ = two
    stick = tmp_path / "stick.coffer"
    shutil.copy(pc.vault, stick)
    before = snapshot(pc.home)
    pc.ok("ls", "--vault", stick)
    assert differences(before, snapshot(pc.home)) == []


def test_what_is_remembered_says_nothing_in_clear(two, folder):
    pc, _ = two
    for file in memory(pc):
        data = file.read_bytes()
        for text in (b"laptop", b"work-pc", str(folder).encode(), b"mail", b"folder"):
            assert text not in data
        assert file.stat().st_mode & 0o777 == 0o600
    assert (pc.home / ".local/state/coffer/vaults").stat().st_mode & 0o777 == 0o700


def test_a_damaged_backup_does_not_keep_the_others_from_bringing_edits_back(two):
    pc, _ = two
    pc.ok("config", "set", "sync.auto", "off", unlock=False)
    put_older_back(pc, edits=4)
    backups = sorted((pc.home / "vault.coffer.backups").iterdir())
    damaged = bytearray(backups[-2].read_bytes())
    damaged[-30] ^= 1
    backups[-2].write_bytes(damaged)
    result = sync(pc, "--accept-older")
    assert b"of 4 missing edits came back" in result.err and b"0 of 4" not in result.err, result
    assert value(pc) == b"edit 2"
