"""Whoever holds the shared folder may put anything there: nothing is lost, nothing is believed, nothing hangs.

Each story says which outcome is right: who is named, what is in the vault afterwards, and that no file of somebody else's
was deleted or overwritten.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Independent"))

import vault_forge as forge  # noqa: E402

from conftest import MASTER_PASSWORD, Coffer
from machines import named
from synced_machines import (
    WEAK, change, differences, in_step, machines, own_replica, replicas, settle, snapshot, sync, value)
from test_full_disk import NOBODY


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "folder"


@pytest.fixture
def two(folder, tmp_path):
    return machines(folder, tmp_path, "work-pc", "laptop")


@pytest.fixture
def three(folder, tmp_path):
    return machines(folder, tmp_path, "work-pc", "laptop", "phone")


def receipt_of(machine):
    return pathlib.Path(own_replica(machine).replace(".coffer", ".receipt"))


def is_published(machine, folder):
    """Whether a whole copy of the vault lies in the folder as a file that a mover carries."""
    data = machine.vault.read_bytes()
    return any(path.read_bytes() == data for path in replicas(folder) if path.is_file() and not path.is_symlink())


# --- Old files put back


def test_last_week_s_replica_replayed_is_named_and_changes_nothing(two, folder):
    pc, laptop = two
    theirs = pathlib.Path(own_replica(laptop))
    old, old_receipt = theirs.read_bytes(), receipt_of(laptop).read_bytes()
    change(laptop, b"second")
    settle(pc, laptop)
    theirs.write_bytes(old)
    receipt_of(laptop).write_bytes(old_receipt)
    before = pc.vault.read_bytes(), snapshot(folder)
    result = sync(pc)
    assert b"warning: laptop (" in result.err and b"went back in time" in result.err, result
    assert b"0 changes in, 0 out" in result.err
    assert (pc.vault.read_bytes(), snapshot(folder)) == before and value(pc) == b"second"
    # Status says so until the machine has written a newer one.
    sync(pc)
    shown = {found["machine"]: found for found in pc.run("sync", "status", "--json").json()["machines"]}
    assert shown["laptop"]["went_back"] and not shown["work-pc"]["went_back"]
    assert b"(went back in time)" in pc.ok("sync", "status")
    change(laptop, b"third")
    sync(laptop)
    assert b"went back" not in sync(pc).err and value(pc) == b"third"
    assert not any(found["went_back"] for found in pc.run("sync", "status", "--json").json()["machines"])


def test_all_replicas_replayed_at_once_change_nothing_anywhere(three, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "old")
    change(three[0], b"second")
    three[1].add("new")
    settle(*three)
    now = three[0].vault.read_bytes()
    for path in (tmp_path / "old").iterdir():
        shutil.copy(path, folder / path.name)
    for machine in three:
        assert re.search(b"(went|had gone) back in time", sync(machine).err)
    assert {machine.vault.read_bytes() for machine in three} == {now}
    settle(*three)
    assert {path.read_bytes() for path in replicas(folder)} == {now}


def test_our_own_old_replica_put_back_is_named_and_published_again(two, folder):
    pc, laptop = two
    own = pathlib.Path(own_replica(pc))
    old = own.read_bytes()
    change(pc, b"second")
    sync(pc)
    own.write_bytes(old)
    before = pc.vault.read_bytes()
    result = sync(pc)
    assert b"own file in the shared folder had gone back in time; it was published again" in result.err, result
    assert pc.vault.read_bytes() == before
    assert own.read_bytes() == before, "what was said to be published again is still the old file"
    sync(laptop)
    assert value(laptop) == b"second"


def test_our_own_older_replica_put_back_again_and_again_stays_harmless(two):
    pc, _ = two
    own = pathlib.Path(own_replica(pc))
    kept = []
    for password in (b"second", b"third", b"fourth"):
        kept.append(own.read_bytes())
        change(pc, password)
        sync(pc)
    now = pc.vault.read_bytes()
    for old in (kept[2], kept[0], kept[1]):
        own.write_bytes(old)
        sync(pc)
        assert pc.vault.read_bytes() == now == own.read_bytes()


def test_an_emptied_folder_leaves_the_vault_and_is_filled_again(two, folder):
    pc, laptop = two
    before = pc.vault.read_bytes()
    for path in folder.iterdir():
        path.unlink()
    sync(pc)
    assert pc.vault.read_bytes() == before
    assert [path.read_bytes() for path in replicas(folder)] == [before] and len(os.listdir(folder)) == 2
    sync(laptop)
    assert len(replicas(folder)) == 2 and in_step(pc, laptop)


# --- Damaged and foreign files


def regions(data, other):
    """A place in each part of a vault file; the last one in an entry that `other` does not hold."""
    header, index, frames = forge.split(data)
    known = set(forge.split(other)[2])
    start = len(header) + len(index)
    for frame in frames:
        if frame not in known:
            break
        start += len(frame)
    return {
        "magic": 3, "fixed part": 9, "vault id": 30, "header": len(header) - 60, "tag": len(header) - 5,
        "index": len(header) + len(index) // 2, "entry's length": start + 18, "entry": start + 100}


@pytest.mark.parametrize("region", [
    "magic", "fixed part", "vault id", "header", "tag", "index", "entry's length", "entry"])
def test_a_flipped_bit_in_a_replica_is_named_and_the_others_are_merged(three, folder, region):
    pc, laptop, phone = three
    phone.add("of the phone")
    sync(phone)
    change(laptop, b"second")  # without what the phone had
    theirs = pathlib.Path(own_replica(laptop))
    data = bytearray(laptop.vault.read_bytes())
    data[regions(bytes(data), pc.vault.read_bytes())[region]] ^= 0x10
    theirs.write_bytes(data)
    result = sync(pc)
    assert theirs.name.encode() in result.err, result
    assert value(pc) == b"mail-1" and value(pc, "of the phone") == b"a password"
    assert theirs.read_bytes() == data
    pc.ok("verify", "--deep")
    # The whole file comes after all.
    theirs.write_bytes(laptop.vault.read_bytes())
    assert theirs.name.encode() not in sync(pc).err and value(pc) == b"second"


@pytest.mark.parametrize("spoil", ["half", "one byte short", "empty", "header only", "appended", "zeros", "doubled"])
def test_a_replica_that_is_not_whole_is_named_and_left_until_it_is(two, spoil):
    pc, laptop = two
    change(laptop, b"second")
    theirs = pathlib.Path(own_replica(laptop))
    data = laptop.vault.read_bytes()
    theirs.write_bytes({
        "half": data[:len(data) // 2], "one byte short": data[:-1], "empty": b"", "appended": data + b"\0",
        "header only": forge.split(data)[0], "zeros": bytes(len(data)), "doubled": data * 2}[spoil])
    before = pc.vault.read_bytes(), theirs.read_bytes()
    result = sync(pc)
    assert b"Skipped" in result.err and theirs.name.encode() in result.err, result
    assert (pc.vault.read_bytes(), theirs.read_bytes()) == before
    theirs.write_bytes(data)
    assert b"Skipped" not in sync(pc).err and value(pc) == b"second"


@pytest.mark.parametrize("region", [
    "magic", "fixed part", "vault id", "header", "tag", "index", "entry's length", "entry", "half", "appended"])
def test_our_own_replica_damaged_is_not_all_that_others_can_get(two, folder, tmp_path, region):
    """A machine that joins now finds this machine's state all the same."""
    pc, laptop = two
    change(pc, b"second")
    sync(pc)
    own = pathlib.Path(own_replica(pc))
    data = bytearray(own.read_bytes())
    if region == "half":
        data = data[:len(data) // 2]
    elif region == "appended":
        data += b"\0"
    else:
        data[regions(bytes(data), laptop.vault.read_bytes())[region]] ^= 0x10
    own.write_bytes(data)
    before = pc.vault.read_bytes()
    sync(pc)
    assert pc.vault.read_bytes() == before
    assert is_published(pc, folder), "no whole copy of the vault is in the folder"
    sync(laptop)
    assert value(laptop) == b"second"


def test_another_vault_with_the_same_password_is_named_and_never_merged(two, folder, tmp_path):
    pc, _ = two
    stranger = Coffer(tmp_path / "stranger").init()
    stranger.add("stranger's")
    shutil.copy(stranger.vault, folder / "stranger.coffer")
    before = pc.vault.read_bytes(), snapshot(folder)
    assert b"Skipped: stranger.coffer, another vault." in sync(pc).err
    assert (pc.vault.read_bytes(), snapshot(folder)) == before
    assert b"stranger" not in pc.ok("ls")


def test_a_replica_that_contradicts_a_known_edit_is_named_and_the_others_are_merged(three, folder):
    """Somebody has the key (a lost machine) and writes another value under the id of an edit that is known."""
    pc, laptop, _ = three
    data = pc.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, MASTER_PASSWORD))
    changed = 0
    for item in vault.entries:
        for version in item.content:
            if version[1] == forge.PASSWORD and version[5] == "mail-1":
                version[5] = "forged"
                changed += 1
    assert changed == 1
    evil = forge.write(vault)
    (folder / "0000.coffer").write_bytes(evil)
    laptop.add("new")
    sync(laptop)
    assert value(laptop) == b"mail-1"
    result = sync(pc)
    assert b"Skipped: 0000.coffer" in result.err and b"a version that differs from the vault's own" in result.err, result
    assert value(pc) == b"mail-1" and value(pc, "new") == b"a password"
    assert (folder / "0000.coffer").read_bytes() == evil
    pc.ok("verify", "--deep")


@pytest.mark.parametrize("evil", ["circle", "garbage index", "garbage entry", "false overview", "nine slots in two files"])
def test_what_was_made_with_the_right_key_and_is_wrong_is_named_and_the_others_are_merged(three, folder, evil):
    pc, laptop, _ = three
    data = pc.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, MASTER_PASSWORD))
    change_index = None
    if evil == "circle":
        one, two = forge.version(forge.NOTES, "one"), forge.version(forge.NOTES, "two")
        one[2], two[2] = [two[0]], [one[0]]
        vault.entries[0].content = forge.by_id(vault.entries[0].content + [one, two])
        vault.entries[0].overview = {0: "x", 6: 1, 7: 1_700_000_000}
    elif evil == "garbage index":
        change_index = lambda index: b"\x9f\xff" * 100
    elif evil == "garbage entry":
        vault.entries[0].content, vault.entries[0].overview = b"\x80\x80", {0: "x"}
    elif evil == "false overview":
        vault.entries[0].overview = {0: "somebody else's", 6: 1, 7: 1_700_000_000}
    else:
        vault.slots = [forge.password_slot(vault, f"evil {number}", seed=number) for number in range(7)]
        vault.slots.sort(key=lambda slot: slot[0])
        vault.registry = None
        (folder / "0001.coffer").write_bytes(forge.write(vault))
        vault.slots = [forge.password_slot(vault, f"evil {number}", seed=number) for number in range(7, 14)]
        vault.slots.sort(key=lambda slot: slot[0])
    (folder / "0000.coffer").write_bytes(forge.write(vault, change_index=change_index))
    laptop.add("new")
    sync(laptop)
    result = sync(pc)
    # An overview is never looked at where the entry is known; and it is never copied.
    assert b"Skipped: 000" in result.err or evil == "false overview", result
    assert b"somebody else" not in pc.ok("ls")
    assert value(pc, "new") == b"a password" and value(pc) == b"mail-1"
    pc.ok("verify", "--deep")


# --- Key epochs


def with_epoch(data, epoch):
    """The file with another epoch in its header, which nobody without the key can authenticate."""
    header = forge.split(data)[0]
    body = forge.decode(header[20:-32])
    body[1] = epoch
    encoded = forge.encode(body)
    return header[:16] + len(encoded).to_bytes(4, "big") + encoded + header[-32:] + data[len(header):]


@pytest.mark.parametrize("epoch", [2, 2**32])
def test_a_newer_key_epoch_stops_the_sync_and_publishes_nothing(two, folder, epoch):
    pc, laptop = two
    change(laptop, b"second")
    sync(laptop)
    (folder / "forged.coffer").write_bytes(with_epoch(pc.vault.read_bytes(), epoch))
    pc.add("mine")
    before = pc.vault.read_bytes(), snapshot(folder)
    result = sync(pc, status=9)
    assert b"has key epoch %d" % epoch in result.err and b"nothing was changed or published" in result.err
    assert b"--accept-rotation" in result.err
    assert (pc.vault.read_bytes(), snapshot(folder)) == before
    # It is a change of somebody's own that goes on being possible.
    pc.ok("config", "set", "sync.auto", "on", unlock=False)
    result = pc.run("set", "mail", "password", "-", stdin=b"third\n")
    assert result.status == 0 and b"warning: the change is saved here, and not synced" in result.err
    assert value(pc) == b"third" and snapshot(folder) == before[1]
    # Accepting what was forged gives nothing away and changes nothing.
    now = pc.vault.read_bytes()
    result = pc.run("sync", "--accept-rotation", fds={"--password-fd": MASTER_PASSWORD + b"\n",
                                                      "--other-password-fd": MASTER_PASSWORD + b"\n"})
    assert result.status != 0 and pc.vault.read_bytes() == now and snapshot(folder) == before[1], result
    (folder / "forged.coffer").unlink()
    settle(pc, laptop)


def test_a_replica_of_an_older_key_epoch_is_named_and_not_merged(two, folder, tmp_path):
    pc, laptop = two
    theirs = pathlib.Path(own_replica(laptop))
    change(laptop, b"second")
    old = laptop.vault.read_bytes()
    new = b"a much longer new master password"
    pc.ok("rotate", "--no-recovery-key", "--yes", fds={
        "--password-fd": MASTER_PASSWORD + b"\n", "--new-password-fd": new + b"\n"})
    pc.password = new
    # What was there already, and what comes later.
    result = sync(pc)
    assert f"Skipped: {theirs.name}, of the earlier key epoch 1".encode() in result.err, result
    theirs.write_bytes(old)
    before = snapshot(folder), pc.vault.read_bytes()
    result = sync(pc)
    assert f"Skipped: {theirs.name}, of the earlier key epoch 1".encode() in result.err, result
    assert (snapshot(folder), pc.vault.read_bytes()) == before and value(pc) == b"mail-1"


# --- Things that are no vault files


def junk(folder, tmp_path, vault):
    """One of each thing that is no file, or no vault. Returns the names that must be said."""
    os.mkfifo(folder / "pipe.coffer")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(folder)
        listener.bind("socket.coffer")
        os.chdir(here)
    (folder / "folder.coffer").mkdir()
    (folder / "folder.coffer/inside.coffer").write_bytes(b"x")
    (folder / "dangling.coffer").symlink_to("/nowhere/at/all")
    (folder / "passwd.coffer").symlink_to("/etc/passwd")
    (folder / "vault.coffer").symlink_to(vault)
    (folder / "replica.coffer").symlink_to(replicas(folder)[0])
    (folder / "loop.coffer").symlink_to("loop.coffer")
    (folder / "zero.coffer").symlink_to("/dev/zero")
    (folder / "text.coffer").write_text("hello")
    (folder / "note.txt").write_text("hello")
    return ["pipe", "socket", "folder", "dangling", "passwd", "vault", "replica", "loop", "zero", "text", "note"]


def test_pipes_sockets_folders_and_links_are_named_in_bounded_time_and_left_alone(two, folder, tmp_path):
    pc, laptop = two
    names = junk(folder, tmp_path, pc.vault)
    before = snapshot(folder), pc.vault.read_bytes()
    start = time.monotonic()
    result = sync(pc, "--json")
    assert time.monotonic() - start < 5
    skipped = {found["file"].split(".")[0]: found["why"] for found in result.json()["skipped"]}
    assert sorted(skipped) == sorted(names)
    assert skipped["pipe"] == "a pipe" and skipped["socket"] == "a socket" and skipped["folder"] == "a folder"
    assert {skipped[name] for name in ("dangling", "passwd", "vault", "replica", "loop", "zero")} == {"a symbolic link"}
    assert {skipped["text"], skipped["note"]} == {"no vault"}
    assert b"Skipped: " in result.err and b"Skipped, no vaults: " in result.err
    assert (snapshot(folder), pc.vault.read_bytes()) == before
    change(laptop, b"second")
    sync(laptop)
    sync(pc)
    assert value(pc) == b"second"
    assert pc.run("sync", "status", "--json").status == 0


def test_a_device_is_named_and_not_read(two, folder):
    """Only root can make one; anybody else finds none in a folder of his own."""
    if os.geteuid() != 0:
        return
    try:
        os.mknod(folder / "tty.coffer", 0o666 | 0o020000, os.makedev(5, 0))
    except PermissionError:
        return
    assert b"Skipped: tty.coffer, a device." in sync(two[0]).err


MEASURED = """
import json, resource, subprocess, sys
status = subprocess.run(sys.argv[2:], close_fds=False).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
json.dump([usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024], open(sys.argv[1], "w"))
sys.exit(status)
"""


def measured(machine, *arguments):
    """A command's result, its CPU seconds and the most memory it had, in MiB."""
    log = machine.home / "usage"
    result = machine.run(*arguments, prefix=[sys.executable, "-c", MEASURED, log])
    seconds, mebibytes = json.loads(log.read_text())
    log.unlink()
    return result, seconds, mebibytes


def test_huge_sparse_files_cost_neither_time_nor_memory(two, folder):
    pc, laptop = two
    data = pc.vault.read_bytes()
    header = forge.split(data)[0]
    files = {"plain.coffer": b"", "magic.coffer": forge.MAGIC, "header.coffer": header, "whole.coffer": data}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        os.truncate(folder / name, 1 << 40)
    change(laptop, b"second")
    sync(laptop)
    before = snapshot(folder, content=False)
    own = {own_replica(pc), own_replica(pc).replace(".coffer", ".receipt")}
    result, seconds, mebibytes = measured(pc, "sync", WEAK)
    assert result.status == 0 and all(name.encode() in result.err for name in files), result
    assert value(pc) == b"second" and seconds < 1 and mebibytes < 64, (seconds, mebibytes)
    assert set(differences(before, snapshot(folder, content=False))) == own


def test_an_index_that_its_header_only_claims_is_not_read(two, folder):
    """A gigabyte, sparse, under a header of this vault with a tag that nobody has made: what is not authentic must cost
    nothing, or a few such files stop every machine."""
    pc, _ = two
    data = pc.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, MASTER_PASSWORD))
    count = 1 << 30
    header = forge.write_header(vault, count, 0, header_tag=bytes(32))
    (folder / "claim.coffer").write_bytes(header)
    os.truncate(folder / "claim.coffer", len(header) + count)
    result, seconds, mebibytes = measured(pc, "sync", WEAK)
    assert result.status == 0 and b"Skipped: claim.coffer" in result.err, result
    assert seconds < 1 and mebibytes < 64, (seconds, mebibytes)


def test_ten_thousand_files_of_junk_cost_little_and_hide_nothing(two, folder):
    pc, laptop = two
    for number in range(9_000):
        (folder / f"junk {number}").write_bytes(b"x" * (number % 300))
    data = laptop.vault.read_bytes()
    for number in range(1_000):
        (folder / f"damaged {number}.coffer").write_bytes(data[:100 + number % 400])
    change(laptop, b"second")
    sync(laptop)
    result, seconds, mebibytes = measured(pc, "sync", WEAK)
    print(f"10,000 files: {seconds:.2f} s, {mebibytes:.0f} MiB")
    assert result.status == 0 and value(pc) == b"second"
    assert seconds < 5 and mebibytes < 128, (seconds, mebibytes)
    assert len(result.err) < 4096 and b"more" in result.err, "the terminal is flooded"
    result, seconds, mebibytes = measured(pc, "sync", "status")
    assert result.status == 0 and seconds < 5 and mebibytes < 128, (seconds, mebibytes)
    assert len(os.listdir(folder)) == 10_004


def test_six_hundred_copies_of_a_replica_are_one_merge_and_hide_no_other_for_long(three, folder):
    pc, laptop, phone = three
    change(laptop, b"second")
    data = laptop.vault.read_bytes()
    for number in range(600):
        (folder / f"00 {number:03}.coffer").write_bytes(data)
    phone.add("of the phone")
    shutil.copy(phone.vault, own_replica(phone))
    result, seconds, mebibytes = measured(pc, "sync", WEAK)
    print(f"600 copies: {seconds:.2f} s, {mebibytes:.0f} MiB")
    assert result.status == 0 and value(pc) == b"second", result
    assert seconds < 5 and mebibytes < 128, (seconds, mebibytes)
    assert len(result.err) < 4096
    sync(pc)
    assert value(pc, "of the phone") == b"a password"
    result, seconds, mebibytes = measured(pc, "sync", WEAK)
    assert result.status == 0 and seconds < 1
    before = snapshot(folder)
    sync(pc)
    assert differences(before, snapshot(folder)) == []


EVIL_NAMES = ["a\nSynced: 9 changes in.coffer", "b\x1b[2J\x1b]0;owned\x07.coffer", "c\u202edcba.coffer", "d\x9b31m.coffer",
              "e\tf.coffer"]


def shown_safely(result):
    """Whether no output has a control or bidirectional character, or a line that a name began."""
    text = (result.out + result.err).decode()
    return not any(bad in text for bad in "\x1b\x07\u202e\x9b") and not any(
        line.startswith("Synced: 9 changes") for line in text.splitlines())


@pytest.mark.parametrize("kind", ["junk", "pipe", "replica", "went back", "half", "newer epoch"])
def test_names_with_control_characters_are_escaped_in_every_message(two, folder, kind):
    pc, laptop = two
    if kind == "went back":
        change(laptop, b"second")
    data = laptop.vault.read_bytes()
    for name in EVIL_NAMES:
        path = folder / name
        if kind == "pipe":
            os.mkfifo(path)
        else:
            path.write_bytes({"junk": b"junk", "half": data[:200], "newer epoch": with_epoch(data, 7)}.get(kind, data))
    status = 9 if kind == "newer epoch" else 0
    result = sync(pc, status=status)
    assert shown_safely(result), result
    if kind == "went back":
        for name in EVIL_NAMES:
            (folder / name).write_bytes(oldest_backup(pc))
        result = sync(pc)
        assert b"went back" in result.err and shown_safely(result), result
    result = sync(pc, "--json", status=status)
    assert shown_safely(result), result
    if status == 0:
        json.loads(result.out)
    for arguments in (["sync", "status"], ["sync", "status", "--json"], ["sync", "forget", "a\nSynced: 9 changes in", "--yes"],
                      ["sync", "forget", "b\x1b[2J", "--yes"]):
        result = pc.run(*arguments)
        assert result.status in (0, 2, 6, 9) and shown_safely_rows(result), (arguments, result)


def oldest_backup(machine):
    """The vault with one entry."""
    return sorted(machine.vault.with_name("vault.coffer.backups").iterdir())[1].read_bytes()


def shown_safely_rows(result):
    """Tables in a pipe keep the bytes of a name, but a row stays a row."""
    return not any(line.startswith(b"Synced: 9 changes") for line in (result.out + result.err).splitlines()) and not any(
        bad in result.err for bad in (b"\x1b", b"\x07"))


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_merged():
    """Root reads everything, so root lends it all to nobody."""
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        os.chmod(place, 0o755)
        pc, laptop, phone = machines(place / "folder", place, "work-pc", "laptop", "phone")
        change(laptop, b"second")
        phone.add("of the phone")
        sync(phone)
        sync(laptop)
        os.chmod(own_replica(phone), 0)
        prefix = []
        if os.geteuid() == 0:
            prefix = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
            for path in [place, *place.rglob("*")]:
                os.chown(path, NOBODY, NOBODY)
        theirs = own_replica(phone)
        os.unlink(own_replica(laptop))
        shutil.copy(laptop.vault, place / "folder/laptop.coffer")
        os.chmod(place / "folder/laptop.coffer", 0o644)
        result = sync(pc, prefix=prefix)
        assert f"Skipped: {os.path.basename(theirs)}, which cannot be read: Permission denied".encode() in result.err, result
        assert pc.ok("get", "mail", prefix=prefix) == b"second\n"
        # A folder that only lists, and one that does not even do that.
        for mode, status in ((0o600, None), (0o300, 1), (0, 1)):
            os.chmod(place / "folder", mode)
            try:
                before = pc.vault.read_bytes()
                result = pc.run("sync", WEAK, prefix=prefix)
                assert result.status == (status if status is not None else result.status) and result.status in (0, 1), result
                if result.status == 1:
                    assert b"Permission denied" in result.err, result
                assert pc.vault.read_bytes() == before
            finally:
                os.chmod(place / "folder", 0o700)


# --- This machine's own name, taken by something else


OBSTACLES = ["junk", "empty", "folder", "full folder", "dangling link", "link to passwd", "link to the vault",
             "link to a replica", "pipe", "another vault", "half"]


def put_obstacle(kind, own, machine, folder, tmp_path):
    own.unlink()
    if kind in ("folder", "full folder"):
        own.mkdir()
        if kind == "full folder":
            (own / "x").write_bytes(b"x")
    elif kind == "pipe":
        os.mkfifo(own)
    elif kind.startswith(("link", "dangling")):
        own.symlink_to({"dangling link": "/nowhere", "link to passwd": "/etc/passwd", "link to the vault": machine.vault,
                        "link to a replica": replicas(folder)[-1]}[kind])
    elif kind == "another vault":
        shutil.copy(Coffer(tmp_path / "stranger").init().vault, own)
    else:
        own.write_bytes({"junk": b"junk", "empty": b"", "half": machine.vault.read_bytes()[:300]}[kind])


@pytest.mark.parametrize("kind", OBSTACLES)
def test_what_has_this_machine_s_own_name_is_never_overwritten_and_another_name_is_used(two, folder, tmp_path, kind):
    pc, laptop = two
    own = pathlib.Path(own_replica(pc))
    put_obstacle(kind, own, pc, folder, tmp_path)
    before = snapshot(folder)
    change(pc, b"second")
    passwd = pathlib.Path("/etc/passwd").read_bytes()
    result = sync(pc)
    assert own.name.encode() in result.err, result
    after = snapshot(folder)
    changed = {path for path in before if before[path] != after.get(path)}
    assert changed <= {folder, own.with_suffix(".receipt")}
    assert is_published(pc, folder) and pathlib.Path("/etc/passwd").read_bytes() == passwd
    sync(laptop)
    assert value(laptop) == b"second"


def test_another_name_once_used_is_used_again(two, folder, tmp_path):
    """Nothing new writes nothing; a change replaces the one file, however often."""
    pc, laptop = two
    own = pathlib.Path(own_replica(pc))
    put_obstacle("junk", own, pc, folder, tmp_path)
    sync(pc)
    before = snapshot(folder)
    sync(pc)
    sync(pc)
    assert differences(before, snapshot(folder)) == []
    for password in (b"second", b"third", b"fourth"):
        change(pc, password)
        sync(pc)
    assert len(replicas(folder)) == 3, os.listdir(folder)
    assert own.read_bytes() == b"junk" and is_published(pc, folder)


def test_a_hundred_syncs_past_an_obstacle_still_publish(two, folder, tmp_path):
    pc, laptop = two
    put_obstacle("junk", pathlib.Path(own_replica(pc)), pc, folder, tmp_path)
    for number in range(105):
        if number % 10 == 0:
            change(pc, b"%d" % number)
        sync(pc)
    assert is_published(pc, folder)
    sync(laptop)
    assert value(laptop) == b"100"


# --- Receipts


def labels(machine):
    return {found["file"]: found["machine"] for found in machine.run("sync", "status", "--json").json()["machines"]}


@pytest.mark.parametrize("kind", ["junk", "empty", "huge", "swapped", "another machine's", "half", "flipped", "pipe", "folder",
                                  "link", "missing", "a vault"])
def test_a_wrong_receipt_names_nobody_and_stops_nothing(three, folder, tmp_path, kind):
    pc, laptop, phone = three
    receipt, other = receipt_of(laptop), receipt_of(phone)
    data, file = receipt.read_bytes(), own_replica(laptop)
    if kind == "swapped":
        receipt.write_bytes(other.read_bytes())
        other.write_bytes(data)
    elif kind in ("pipe", "folder", "link", "missing"):
        receipt.unlink()
        {"pipe": os.mkfifo, "folder": os.mkdir, "link": lambda path: os.symlink(other, path), "missing": str}[kind](receipt)
    elif kind == "huge":
        os.truncate(receipt, 1 << 40)
    else:
        receipt.write_bytes({
            "junk": os.urandom(300), "empty": b"", "another machine's": other.read_bytes(), "half": data[:len(data) // 2],
            "flipped": data[:60] + bytes([data[60] ^ 1]) + data[61:], "a vault": pc.vault.read_bytes()}[kind])
    tablet = named(Coffer(tmp_path / "tablet"), "tablet")
    sync(tablet, folder, "--join")
    # Who comes new believes nothing; who knew goes by what it remembers.
    assert labels(tablet)[os.path.basename(file)] == ""
    assert labels(pc)[os.path.basename(file)] == "laptop"
    change(laptop, b"second")
    shutil.copy(laptop.vault, file)
    result, seconds, mebibytes = measured(pc, "sync", WEAK)
    assert result.status == 0 and value(pc) == b"second" and seconds < 1 and mebibytes < 64
    if kind != "folder":
        sync(laptop)
        change(laptop, b"third")
        sync(laptop)
        sync(pc)
        assert labels(pc)[os.path.basename(file)] == "laptop" and value(pc) == b"third"
    else:
        sync(laptop)


def sealed_receipt(data, name, content):
    """A receipt for the file `name`, sealed with the right key (docs/sync.md, "Sealed notes")."""
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, MASTER_PASSWORD))
    plaintext = forge.pad(forge.plain(content))
    ad = forge.associated_data(vault, b"receipt", name.encode(), forge.u64(len(plaintext)))
    nonce = forge.box_nonce(vault.vault_key, ad, plaintext)
    key = forge.subkey(vault.vault_key, RECEIPT_LABEL)
    return b"\x89COFNOT\n" + forge.u64(vault.epoch) + nonce + forge.aead_seal(key, nonce, ad, plaintext)


RECEIPT_LABEL = b"coffer/1 receipt"


@pytest.mark.parametrize("content", [
    [bytes(16), "evil\x1b[2J\nSynced: 9 changes", 2**64 - 1, bytes(24)], [bytes(16), "x" * 900, 0, bytes(24)],
    [bytes(15), "short", 0, bytes(24)], [bytes(16), "text", 1, bytes(24), 5], b"", b"\x80", b"\x9b" + b"\xff" * 8,
    b"\x84\x5b\xff\xff\xff\xff\xff\xff\xff\xff", b"\xff" * 200, [bytes(16), "work-pc", 1, bytes(24)]])
def test_a_receipt_sealed_with_the_right_key_whatever_it_says_stops_nothing(two, folder, content):
    """A lost machine has the key. What it can do is to call itself by any name."""
    pc, laptop = two
    name = os.path.basename(own_replica(laptop))
    receipt_of(laptop).write_bytes(sealed_receipt(pc.vault.read_bytes(), name, content))
    change(laptop, b"second")
    shutil.copy(laptop.vault, own_replica(laptop))
    result = sync(pc)
    assert value(pc) == b"second" and shown_safely(result)
    shown = pc.run("sync", "status")
    assert shown.status == 0 and shown_safely_rows(shown)
    pc.run("sync", "status", "--json").json()
    assert shown_safely(sync(pc))


# --- A folder that cannot be written


def space(folder, options):
    """Two machines in step through a small file system, mounted here; what happens when it takes no more."""
    folder = pathlib.Path(folder)
    shared = folder / "shared"
    shared.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", shared], check=True)
    pc, laptop = machines(shared, folder, "work-pc", "laptop")
    change(laptop, b"second")
    sync(laptop)
    if options == "full":
        with open(shared / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(512)):
                    pass
            except OSError:
                pass
    else:
        subprocess.run(["mount", "-o", "remount,ro", shared], check=True)
    pc.add("mine")
    before = {path.name: path.read_bytes() for path in shared.iterdir()}
    result = pc.run("sync", WEAK)
    seen = {
        "status": result.status, "err": result.err.decode(), "value": value(pc).decode(),
        "unchanged": {path.name: path.read_bytes() for path in shared.iterdir()} == before}
    pc.ok("config", "set", "sync.auto", "on", unlock=False)
    result = pc.run("add", "by itself", "--generate")
    seen |= {"auto status": result.status, "auto err": result.err.decode(), "listed": len(pc.ok("ls").splitlines())}
    if options == "full":
        (shared / "filler").unlink()
    else:
        subprocess.run(["mount", "-o", "remount,rw", shared], check=True)
    settle(pc, laptop)
    seen["after"] = len(laptop.ok("ls").splitlines())
    return seen


def in_namespace(scenario, *arguments):
    """Runs a function of this file where it may mount; what it returned, through JSON."""
    code = f"import json, test_sync_hostile as t; print(json.dumps(t.{scenario}(*{arguments!r})))"
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", code], cwd=pathlib.Path(__file__).parent, capture_output=True,
        text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("options, reason", [("full", "No space left on device"), ("read-only", "Read-only file system")])
def test_a_folder_that_takes_nothing_is_a_clear_error_and_all_is_saved_here(tmp_path, options, reason):
    seen = in_namespace("space", str(tmp_path), options)
    assert seen["status"] == 1 and "All is saved here" in seen["err"] and reason in seen["err"], seen
    assert seen["value"] == "second" and seen["unchanged"]
    assert seen["auto status"] == 0 and "warning: the change is saved here, and not synced" in seen["auto err"]
    assert reason in seen["auto err"] and seen["listed"] == 4 and seen["after"] == 4


def test_a_folder_without_permission_to_write_is_a_clear_error_and_all_is_saved_here():
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        os.chmod(place, 0o755)
        pc, laptop = machines(place / "folder", place, "work-pc", "laptop")
        change(laptop, b"second")
        sync(laptop)
        prefix = []
        if os.geteuid() == 0:
            prefix = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
            for path in [place, *place.rglob("*")]:
                os.chown(path, NOBODY, NOBODY)
        os.chmod(place / "folder", 0o500)
        before = snapshot(place / "folder")
        try:
            result = sync(pc, status=1, prefix=prefix)
            assert b"All is saved here" in result.err and b"Permission denied" in result.err, result
            assert pc.ok("get", "mail", prefix=prefix) == b"second\n"
            assert differences(before, snapshot(place / "folder")) == []
        finally:
            os.chmod(place / "folder", 0o700)


def test_a_folder_that_became_a_file_or_a_link_elsewhere_is_not_written_through(two, folder, tmp_path):
    pc, laptop = two
    away = folder.rename(tmp_path / "away")
    folder.write_bytes(b"a file")
    change(pc, b"second")
    result = sync(pc, status=2)
    assert folder.read_bytes() == b"a file" and value(pc) == b"second", result
    folder.unlink()
    away.rename(folder)
    sync(pc)


# --- What interrupted syncs leave


HOURS = 3600


def test_leftovers_of_an_interrupted_sync_are_cleaned_later_and_never_somebody_else_s(two, folder):
    pc, laptop = two
    own, theirs = os.path.basename(own_replica(pc)), os.path.basename(own_replica(laptop))
    old, young = time.time() - 2 * HOURS, time.time()
    files = {
        f".{own}.tmp-0123456789abcdef": (old, False), f".{own}.tmp-0123456789abcde0": (young, True),
        f".{theirs}.tmp-0123456789abcdef": (old, True), ".syncthing.x.coffer.tmp": (old, True),
        f"{own}.tmp-0123456789abcdef": (old, True), ".coffer.tmp-0123456789abcdef": (old, True)}
    for name, (when, _) in files.items():
        (folder / name).write_bytes(b"half of a vault")
        os.utime(folder / name, (when, when))
    (folder / f".{own}.tmp-folder").mkdir()
    (folder / f".{own}.tmp-link").symlink_to("/etc/passwd")
    change(pc, b"second")
    sync(pc)
    for name, (_, stays) in files.items():
        assert (folder / name).exists() == stays, name
    assert (folder / f".{own}.tmp-folder").is_dir() and (folder / f".{own}.tmp-link").is_symlink()


# --- Between reading and replacing


def test_what_is_written_between_reading_and_replacing_is_not_lost(two, folder):
    """The exchange waits a second; in it, a twin of this machine writes the file."""
    pc, laptop = two
    own = pathlib.Path(own_replica(pc))
    change(laptop, b"second")  # as the twin would
    twin = laptop.vault.read_bytes()
    pc.add("mine")
    prefix = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
              "inject=renameat2:delay_enter=1500000:when=1"]
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(sync(pc, prefix=prefix)))
    thread.start()
    deadline = time.monotonic() + 10
    while not list(folder.glob(f".{own.name}.tmp-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    own.with_suffix(".new").write_bytes(twin)
    own.with_suffix(".new").rename(own)
    thread.join()
    assert outcome and outcome[0].status == 0, outcome
    assert value(pc) == b"second" and value(pc, "mine") == b"a password"
    assert own.read_bytes() == pc.vault.read_bytes()
    assert not list(folder.glob(".*.tmp-*"))


@pytest.mark.parametrize("fault", ["renameat2:error=EINVAL", "renameat2:error=ENOSYS", "link,linkat:error=EPERM",
                                   "link,linkat:error=EOPNOTSUPP"])
def test_file_systems_that_can_neither_exchange_nor_link_will_do(two, folder, fault):
    pc, laptop = two
    change(pc, b"second")
    if fault.startswith("link"):
        os.unlink(own_replica(pc))
    prefix = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + fault.split(":")[0], "-e", "inject=" + fault]
    sync(pc, prefix=prefix)
    assert is_published(pc, folder) and not list(folder.glob(".*.tmp-*"))
    sync(laptop)
    assert value(laptop) == b"second"
