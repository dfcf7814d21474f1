"""What somebody found who tried: damaged twins of replicas, costly slots, far epochs, huge indexes, entries that are too
large, and what an automatic sync must not keep to itself."""

import os
import pathlib
import sys
import time

import pytest

from conftest import MASTER_PASSWORD
from shared_folder import opens
from synced_machines import WEAK, change, machines, own_replica, replicas, settle, snapshot, sync, value
from test_found import with_large_fields

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Independent"))
import vault_forge as forge  # noqa: E402

NEW = b"a password of after"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "folder"


@pytest.fixture
def two(folder, tmp_path):
    return machines(folder, tmp_path, "work-pc", "laptop")


def rotate(machine, *arguments, **options):
    fds = {"--password-fd": machine.password + b"\n", "--new-password-fd": NEW + b"\n"}
    result = machine.run("rotate", "--yes", "--iterations", "600000", "--no-recovery-key", *arguments, fds=fds, **options)
    assert result.status == 0, result
    machine.password = NEW
    return result


def damaged_twin(path, name):
    """The same header and index with entries that are damaged, under a name that comes earlier."""
    header, index, frames = forge.split(path.read_bytes())
    damaged = [frame[:-1] + bytes([frame[-1] ^ 1]) for frame in frames]
    path.with_name(name).write_bytes(header + index + b"".join(damaged))


@pytest.mark.parametrize("name", ["0000.coffer", "zzzz.coffer"])
def test_a_damaged_twin_does_not_pass_for_the_replica(two, folder, name):
    pc, laptop = two
    change(laptop, b"second")
    laptop.add("a", password=b"a")
    sync(laptop)
    damaged_twin(pathlib.Path(own_replica(laptop)), name)
    sync(pc)
    assert value(pc) == b"second" and pc.ok("get", "a") == b"a\n"


def test_a_damaged_twin_of_a_conflict_copy_is_not_called_merged(two, tmp_path):
    pc, laptop = two
    shared = tmp_path / "one" / "vault.coffer"
    shared.parent.mkdir()
    sync(pc, shared)
    change(laptop, b"second")
    copy = shared.with_name("vault.sync-conflict-20261125.coffer")
    copy.write_bytes(laptop.vault.read_bytes())
    damaged_twin(copy, "a.coffer")
    result = sync(pc)
    assert b"no longer needed: vault.sync-conflict-20261125.coffer" in result.err and value(pc) == b"second", result


def test_a_rotation_that_prunes_backups_leaves_nothing_for_the_old_password(two, folder):
    pc, laptop = two
    old, own = pc.password, pathlib.Path(own_replica(pc))
    sync(laptop, "--json")
    result = rotate(pc, "--prune-backups", "--lost", "laptop")
    assert b"Published as" not in result.err and b"Skipped" not in result.err, result
    assert replicas(folder) == [own] and own.read_bytes() == pc.vault.read_bytes()
    assert opens(pc, NEW, "--vault", own) and not opens(pc, old, "--vault", own)
    assert not list((pc.home / "vault.coffer.backups").iterdir())


def test_an_automatic_sync_tells_of_a_file_that_went_back(two):
    pc, laptop = two
    theirs = pathlib.Path(own_replica(laptop))
    old = theirs.read_bytes()
    change(laptop, b"second")
    settle(pc, laptop)
    theirs.write_bytes(old)
    pc.ok("config", "set", "sync.auto", "on", unlock=False)
    assert b"went back in time" in pc.run("set", "mail", "username", "me").err


def test_an_automatic_sync_tells_of_another_master_password(two):
    pc, laptop = two
    laptop.ok("passwd", "--iterations", "600000", fds={
        "--password-fd": MASTER_PASSWORD + b"\n", "--new-password-fd": b"another\n"})
    laptop.password = b"another"
    sync(laptop)
    pc.ok("config", "set", "sync.auto", "on", unlock=False)
    assert b"The master password was changed on laptop" in pc.run("set", "mail", "username", "me").err


@pytest.mark.parametrize("option", ["--dry-run", "--json", "--exit-code", "--accept-older", "--accept-rotation"])
def test_joining_takes_no_option_that_it_would_not_heed(two, folder, tmp_path, option):
    before = snapshot(folder)
    new = type(two[0])(tmp_path / "new")
    result = new.run("sync", folder, "--join", option)
    assert result.status == 64 and not new.vault.exists() and snapshot(folder) == before, result


def test_a_second_machine_is_led_to_joining(two, folder, tmp_path):
    new = type(two[0])(tmp_path / "new")
    result = new.run("sync", folder)
    assert result.status == 2 and b"--join" in result.err and not new.vault.exists(), result


def test_a_file_that_is_no_vault_is_no_place(two, tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    result = two[0].run("sync", other, WEAK)
    assert result.status == 9 and b"is no vault" in result.err, result
    assert other.read_text() == "mine" and list(tmp_path.glob("notes*")) == [other]


def test_exit_code_tells_of_a_conflict_until_it_is_settled(two):
    pc, laptop = two
    change(pc, b"one")
    change(laptop, b"two")
    sync(laptop)
    sync(pc, "--exit-code", status=8)
    sync(pc, "--exit-code", status=8)
    pc.ok("resolve", "mail", "password", "--pick", "newest")
    sync(pc, "--exit-code")


@pytest.mark.parametrize("epoch", [2**32 + 1, 2**63, 2**64 - 1])
def test_an_epoch_that_nobody_reaches_is_named_and_stops_nothing(two, folder, epoch):
    pc, laptop = two
    data = pc.vault.read_bytes()
    header = forge.split(data)[0]
    body = forge.decode(header[20:-32]) | {1: epoch}
    encoded = forge.encode(body)
    (folder / "far.coffer").write_bytes(
        header[:16] + len(encoded).to_bytes(4, "big") + encoded + header[-32:] + data[len(header):])
    change(laptop, b"second")
    sync(laptop)
    result = sync(pc)
    assert b"Skipped: far.coffer" in result.err and value(pc) == b"second", result


def test_a_loss_is_answered_whatever_lies_in_the_folder(two, folder):
    pc, _ = two
    data = pc.vault.read_bytes()
    header = forge.split(data)[0]
    encoded = forge.encode(forge.decode(header[20:-32]) | {1: 77})
    (folder / "planted.coffer").write_bytes(
        header[:16] + len(encoded).to_bytes(4, "big") + encoded + header[-32:] + data[len(header):])
    result = rotate(pc, "--lost", "laptop")
    assert b"not synced before" in result.err and b"has a new vault key (epoch 2)" in result.err, result


def test_status_shows_the_machines_while_a_new_key_waits(two, folder):
    pc, laptop = two
    rotate(pc)
    result = laptop.run("sync", "status")
    assert result.status == 0 and b"newer key epoch 2" in result.err and b"laptop (this one)" in result.out, result


def test_slots_that_cost_much_do_not_shut_out_the_others(home):
    vault = forge.Vault()
    # Their ids come first, and the work of four of them is all that one unlock may do.
    costly = [forge.password_slot(vault, f"other {n}", slot_id=bytes([n] * 16)) | {3: 20_000_000} for n in range(4)]
    vault.slots = [*costly, forge.password_slot(vault, home.password.decode(), slot_id=bytes([255] * 16))]
    vault.entries = [forge.entry(1, forge.version(1, "Bank"), forge.version(3, "s3cret"))]
    home.vault.write_bytes(forge.write(vault))
    start = time.monotonic()
    assert home.run("get", "Bank").out == b"s3cret\n" and time.monotonic() - start < 2


def test_an_entry_that_is_left_apart_is_named_by_every_sync_and_its_file_stays(two, folder):
    pc, laptop = two
    for machine, name in ((pc, "a"), (laptop, "b")):
        with_large_fields(machine, machine.vault, name)
    sync(laptop)
    sync(pc, status=7)
    for _ in range(2):
        result = sync(pc, status=7)
        assert b"was not merged" in result.err and b"all saved" not in result.err, result
    theirs = pathlib.Path(own_replica(laptop))
    result = pc.run("sync", "forget", "laptop", "--yes")
    assert result.status == 9 and theirs.exists() and b"Not all that" in result.err, result


def test_a_merge_says_what_is_purged_and_thrown_away(two):
    pc, laptop = two
    for title in ("mail", "work/vk"):
        laptop.ok("rm", title)
    laptop.ok("purge", "mail", "--yes")
    result = pc.run("merge", laptop.vault, "--dry-run")
    assert sorted(result.out.splitlines()) == [b"purged\tmail\t", b"trashed\twork/vk\t"], result
    shown = pc.run("merge", laptop.vault, "--json").json()["entries"]
    assert {entry["title"]: (entry["purged"], entry["trashed"]) for entry in shown} == {
        "mail": (True, False), "work/vk": (False, True)}


def test_a_machine_that_can_keep_nothing_publishes_under_one_name(two, folder):
    pc, _ = two
    before = len(replicas(folder))
    for _ in range(3):
        result = pc.run("sync", folder, WEAK, "--vault", pc.vault, env={"HOME": "", "XDG_STATE_HOME": ""})
        assert result.status == 0, result
    assert len(replicas(folder)) == before + 1


def test_a_receipt_of_another_state_than_its_file_is_shown(two):
    pc, laptop = two
    theirs = pathlib.Path(own_replica(laptop))
    old = theirs.read_bytes()
    change(laptop, b"second")
    sync(laptop)
    theirs.write_bytes(old)
    shown = {found["machine"]: found for found in pc.run("sync", "status", "--json").json()["machines"]}
    assert shown["laptop"]["behind_receipt"] and not shown["work-pc"]["behind_receipt"]


def test_two_machines_of_one_name_are_told_of(two, folder, tmp_path):
    new = type(two[0])(tmp_path / "new")
    new.ok("config", "set", "machine", "laptop", unlock=False)
    result = sync(new, folder, "--join")
    assert b"another machine is called laptop too" in result.err
    new.ok("config", "set", "machine", "tablet", unlock=False)


def test_another_key_file_is_remembered_and_told_of(two, folder, tmp_path):
    pc, laptop = two
    keys = [tmp_path / "one.key", tmp_path / "two.key"]
    pc.ok("keys", "--add-key-file", keys[0])
    pc.ok("config", "set", "key-file", keys[0], unlock=False)
    laptop.ok("config", "set", "key-file", keys[0], unlock=False)
    sync(pc)
    sync(laptop)
    result = pc.run("keys", "--add-key-file", keys[1])
    assert result.status == 0 and b"which the setting key-file names now" in result.err, result
    sync(pc)
    assert b"or the key file was changed on work-pc" in sync(laptop).err
    laptop.ok("config", "set", "key-file", keys[1], unlock=False)
    settle(pc, laptop)


def test_a_recovery_sheet_does_not_go_into_the_shared_folder(two, folder):
    pc, _ = two
    before = pc.vault.read_bytes()
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    result = pc.run("rotate", "--yes", "--kit", folder / "kit.txt", "--iterations", "600000", fds=fds)
    assert result.status == 9 and not (folder / "kit.txt").exists() and pc.vault.read_bytes() == before, result


def test_an_index_that_is_said_to_have_gigabytes_is_passed_over(two, folder):
    """By somebody who has the vault key; nothing of it takes room on the disk."""
    pc, laptop = two
    data = pc.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, pc.password))
    count = 4 * 2**30 - 5000
    header = forge.write_header(vault, count, 0)
    path = folder / "big.coffer"
    path.write_bytes(header)
    os.truncate(path, len(header) + count)
    change(laptop, b"second")
    sync(laptop)
    start = time.monotonic()
    result = sync(pc)
    assert b"Skipped: big.coffer" in result.err and value(pc) == b"second", result
    assert time.monotonic() - start < 2
