"""Two Syncthing daemons carry the shared folder, are cut off, and meet again."""

import base64
import os
import time

import pytest

from syncthing import Pair, files
from two_homes import NEW, Coffer, accept, edit_apart, machines, named, require_nothing_lost, rotated, sync


@pytest.fixture
def pair(tmp_path):
    with Pair(tmp_path) as pair:
        yield pair


def until_quiet(pair, one, two):
    """Syncs and carries until a round changes nothing any more."""
    for _ in range(6):
        before = files(pair.one.folder)
        for machine in (one, two):
            assert sync(machine).status == 0
            pair.carry()
        if files(pair.one.folder) == before:
            return
    raise AssertionError("no end of it")


def test_a_folder_carries_edits_that_were_made_apart_without_any_conflict_of_files(tmp_path, pair):
    one, two = machines(tmp_path)
    assert sync(one, pair.one.folder).status == 0
    assert sync(two, pair.two.folder).status == 0
    pair.carry()

    pair.cut()
    drawn = edit_apart(one, two)
    assert sync(one).status == 0 and sync(two).status == 0
    pair.carry()
    until_quiet(pair, one, two)

    require_nothing_lost(one, two, drawn)
    names = files(pair.one.folder)
    assert not [name for name in names if "sync-conflict" in name], names.keys()
    replicas = [content for name, content in names.items() if name.endswith(".coffer")]
    assert replicas == [one.vault.read_bytes()] * 2
    status = one.run("sync", "status", "--json").json()
    assert [(machine["machine"], machine["ahead"], machine["behind"]) for machine in status["machines"]] == [
        ("one", 0, 0), ("two", 0, 0)]


def test_the_conflict_file_that_syncthing_makes_of_one_shared_file_is_merged(tmp_path, pair):
    one, two = machines(tmp_path)
    assert sync(one, pair.one.folder / "vault.coffer").status == 0
    pair.carry()
    assert sync(two, pair.two.folder / "vault.coffer").status == 0
    pair.carry()

    pair.cut()
    drawn = edit_apart(one, two)
    assert sync(one).status == 0 and sync(two).status == 0
    pair.carry()
    conflicts = [name for name in files(pair.one.folder) if "sync-conflict" in name]
    assert conflicts, "Syncthing was to make a conflict file"
    until_quiet(pair, one, two)

    require_nothing_lost(one, two, drawn)
    assert (pair.one.folder / "vault.coffer").read_bytes() == one.vault.read_bytes()
    # They are left where they are: they are the person's to delete, and then stay away.
    assert set(conflicts) <= set(files(pair.one.folder))
    for name in conflicts:
        (pair.one.folder / name).unlink()
    pair.carry()
    until_quiet(pair, one, two)
    assert set(files(pair.one.folder)) == {"vault.coffer"} == set(files(pair.two.folder))
    require_nothing_lost(one, two, drawn)


def test_a_new_machine_joins_through_the_folder_and_changes_sync_by_themselves(tmp_path, pair):
    one, _ = machines(tmp_path, automatic=True)
    new = named(Coffer(tmp_path / "new"), "two")
    assert sync(new, pair.two.folder, "--join").status == 2
    assert not new.vault.exists()
    assert sync(one, pair.one.folder).status == 0
    pair.carry()
    assert sync(new, pair.two.folder, "--join").status == 0
    assert new.vault.read_bytes() == one.vault.read_bytes()
    pair.carry()

    pair.cut()
    drawn = edit_apart(one, new)
    pair.carry()
    # Nobody has said sync so far. A change takes in what has come, and is there for the others.
    one.ok("set", "bank", "pin", "-", stdin=b"4711\n")
    pair.carry()
    new.ok("set", "bank", "branch", "Mitte", "--plain")
    pair.carry()
    assert sync(one).status == 0
    require_nothing_lost(one, new, drawn)
    assert new.ok("get", "bank", "pin") == b"4711\n" and one.ok("get", "bank", "branch") == b"Mitte\n"
    assert not [name for name in files(pair.two.folder) if "sync-conflict" in name]


def test_while_a_large_file_is_on_its_way_it_is_passed_over(tmp_path, pair):
    one, two = machines(tmp_path)
    for machine, daemon in ((one, pair.one), (two, pair.two)):
        assert sync(machine, daemon.folder).status == 0
    pair.carry()
    pair.one.limit_sending(1000)
    note = base64.b64encode(os.urandom(700_000))
    for title in ("bank", "mail"):
        one.ok("set", title, "notes", "-", stdin=note)
    before = two.vault.read_bytes()
    assert sync(one).status == 0
    pair.one.scan()

    half, deadline = 0, time.monotonic() + 60
    while True:
        result = sync(two)
        assert result.status == 0, result
        if two.vault.read_bytes() != before:
            break
        half += b"Skipped: .syncthing." in result.err
        assert time.monotonic() < deadline, result
        time.sleep(0.05)
    assert half, "Syncthing was to be caught with half a file"
    assert two.ok("get", "bank", "notes") == two.ok("get", "mail", "notes") == note + b"\n"
    pair.carry()
    until_quiet(pair, one, two)
    assert two.vault.read_bytes() == one.vault.read_bytes()


def test_a_file_that_is_still_on_its_way_is_passed_over(tmp_path):
    one, two = machines(tmp_path)
    folder = tmp_path / "folder"
    folder.mkdir()
    assert sync(one, folder).status == 0
    two.add("new")
    whole = two.vault.read_bytes()
    names = [".syncthing.0123456789abcdef.coffer.tmp", "0123456789abcdef.coffer"]
    for name in names:
        (folder / name).write_bytes(whole[:len(whole) // 2])
    before, shared = one.vault.read_bytes(), files(folder)
    result = sync(one)
    for name in names:
        assert f"Skipped: {name}, damaged, not whole yet".encode() in result.err, result
        assert (folder / name).read_bytes() == whole[:len(whole) // 2]
    assert result.status == 0 and one.vault.read_bytes() == before and files(folder) == shared
    # When it has come, it is merged.
    (folder / names[0]).write_bytes(whole)
    (folder / names[0]).rename(folder / names[1])
    assert sync(one).status == 0 and b"new" in one.ok("ls")


@pytest.mark.parametrize("last", ["the edit", "the rotation"])
def test_a_rotation_and_an_edit_of_one_shared_file_made_apart_lose_nothing(tmp_path, pair, last):
    """Syncthing keeps the later file and makes a conflict file of the other, whichever has the new key."""
    one, two = machines(tmp_path)
    assert sync(one, pair.one.folder / "vault.coffer").status == 0
    pair.carry()
    assert sync(two, pair.two.folder / "vault.coffer").status == 0
    pair.carry()

    def rotate():
        rotated(one, new=NEW)
        assert sync(one).status == 0

    def edit():
        two.ok("set", "bank", "pin", "-", stdin=b"late\n")
        assert sync(two).status == 0

    pair.cut()
    for step in (rotate, edit) if last == "the edit" else (edit, rotate):
        step()
        time.sleep(1.1)  # Syncthing compares whole seconds
    pair.carry()
    assert [name for name in files(pair.one.folder) if "sync-conflict" in name]
    assert sync(one).status == 0
    pair.carry()
    assert sync(two).status == 9
    accept(two, NEW)
    until_quiet(pair, one, two)
    assert one.ok("get", "bank", "pin") == b"late\n"
    assert one.vault.read_bytes() == two.vault.read_bytes() == (pair.two.folder / "vault.coffer").read_bytes()
