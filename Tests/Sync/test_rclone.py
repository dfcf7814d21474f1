"""rclone bisync carries the shared folder; what it makes of two edits of one file, Coffer merges."""

import os
import subprocess

import pytest

from syncthing import files
from two_homes import edit_apart, machines, require_nothing_lost, sync


def bisync(home, *words, first="folder-one", second="folder-two"):
    """As docs/sync.md says it: bisync refuses when every file has changed, so one never does."""
    done = subprocess.run(
        ["rclone", "bisync", str(home / first), str(home / second), "--workdir", str(home / f"bisync-{first}"),
         "--check-access", "--check-filename", ".keep", "--config", "/dev/null", *words],
        capture_output=True, timeout=60, env={"PATH": os.environ["PATH"], "HOME": str(home)})
    assert done.returncode == 0, done


def folders(home, *names):
    for name in names:
        (home / name).mkdir()
        (home / name / ".keep").touch()
    return [home / name for name in names]


def until_quiet(home, one, two):
    for _ in range(6):
        before = files(home / "folder-one")
        # One after the other: of a file that is new on both sides this rclone makes two, though they are equal.
        for machine in (one, two):
            assert sync(machine).status == 0
            bisync(home)
        if files(home / "folder-one") == before == files(home / "folder-two"):
            return
    raise AssertionError("no end of it")


def test_a_folder_with_a_file_for_each_machine_has_no_conflicts(tmp_path):
    one, two = machines(tmp_path)
    first, second = folders(tmp_path, "folder-one", "folder-two")
    assert sync(one, first).status == 0
    bisync(tmp_path, "--resync")
    assert sync(two, second).status == 0
    bisync(tmp_path)
    drawn = edit_apart(one, two)
    until_quiet(tmp_path, one, two)
    require_nothing_lost(one, two, drawn)
    assert not [name for name in files(first) if ".." in name]


def test_one_file_that_bisync_has_split_in_two_is_merged_again(tmp_path):
    one, two = machines(tmp_path)
    first, second = folders(tmp_path, "folder-one", "folder-two")
    assert sync(one, first / "vault.coffer").status == 0
    bisync(tmp_path, "--resync")
    assert sync(two, second / "vault.coffer").status == 0
    bisync(tmp_path)
    drawn = edit_apart(one, two)
    assert sync(one).status == 0 and sync(two).status == 0
    bisync(tmp_path)
    copies = {"vault.coffer..path1", "vault.coffer..path2"}
    assert copies <= set(files(first)) and "vault.coffer" not in files(first), files(first).keys()
    until_quiet(tmp_path, one, two)
    require_nothing_lost(one, two, drawn)
    assert (first / "vault.coffer").read_bytes() == one.vault.read_bytes()

    # The copies may go, and do not come back.
    for name in copies:
        (first / name).unlink()
    until_quiet(tmp_path, one, two)
    assert set(files(first)) == {"vault.coffer"} == set(files(second))
    require_nothing_lost(one, two, drawn)


@pytest.mark.parametrize("at_once", [False, True])
def test_two_machines_meet_at_a_remote_that_each_reaches_alone(tmp_path, at_once):
    """Each machine runs `coffer sync`, bisync and `coffer sync` again: one after the other, or both in step."""
    one, two = machines(tmp_path)
    first, second, remote = folders(tmp_path, "folder-one", "folder-two", "remote")

    def carry(machine):
        bisync(tmp_path, first="folder-one" if machine is one else "folder-two", second="remote")

    assert sync(one, first).status == 0
    bisync(tmp_path, "--resync", second="remote")
    # The first machine alone: all its files change.
    one.add("early")
    assert sync(one).status == 0
    carry(one)
    bisync(tmp_path, "--resync", first="folder-two", second="remote")
    assert sync(two, second).status == 0
    carry(two)
    assert b"early" in two.ok("ls")

    drawn = edit_apart(one, two)
    for _ in range(3):
        if at_once:
            steps = [*zip((sync, sync), (one, two)), *zip((carry, carry), (one, two)), *zip((sync, sync), (one, two))]
        else:
            steps = [(step, machine) for machine in (one, two) for step in (sync, carry, sync)]
        for step, machine in steps:
            result = step(machine)
            assert result is None or result.status == 0, result
    require_nothing_lost(one, two, drawn)
    assert files(first) == files(second) == files(remote)
    assert len(files(remote)) == 4, "each machine has its file and its receipt, and there is nothing else"
