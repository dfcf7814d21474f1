"""Two Syncthing daemons carry the shared folder, are cut off, and meet again."""

import pytest

from syncthing import Pair, files
from two_homes import edit_apart, machines, require_nothing_lost, sync


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
    # It is left where it is: it is the person's to delete.
    assert set(conflicts) <= set(files(pair.one.folder))


def test_a_file_that_is_still_on_its_way_is_passed_over(tmp_path, pair):
    one, two = machines(tmp_path)
    assert sync(one, pair.one.folder).status == 0
    half = two.vault.read_bytes()
    (pair.one.folder / ".syncthing.0123456789abcdef.coffer.tmp").write_bytes(half[:len(half) // 2])
    (pair.one.folder / "0123456789abcdef.coffer").write_bytes(half[:len(half) // 2])
    before = one.vault.read_bytes()
    result = sync(one)
    assert result.status == 0 and b"0123456789abcdef.coffer, damaged, not whole yet" in result.err, result
    assert one.vault.read_bytes() == before
