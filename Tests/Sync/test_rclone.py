"""rclone bisync carries the shared folder; what it makes of two edits of one file, Coffer merges."""

import os
import subprocess

from syncthing import files
from two_homes import edit_apart, machines, require_nothing_lost, sync


def bisync(home, *words):
    done = subprocess.run(
        ["rclone", "bisync", str(home / "folder-one"), str(home / "folder-two"), "--workdir", str(home / "bisync"),
         "--config", "/dev/null", *words],
        capture_output=True, timeout=60, env={"PATH": os.environ["PATH"], "HOME": str(home)})
    assert done.returncode == 0, done
    return done


def folders(home):
    for name in ("folder-one", "folder-two"):
        (home / name).mkdir()
    return home / "folder-one", home / "folder-two"


def until_quiet(home, one, two):
    for _ in range(6):
        before = files(home / "folder-one")
        # One after the other: of a file that is new on both sides this rclone makes two, though they are equal.
        for machine in (one, two):
            assert sync(machine).status == 0
            bisync(home, "--force")
        if files(home / "folder-one") == before == files(home / "folder-two"):
            return
    raise AssertionError("no end of it")


def test_a_folder_with_a_file_for_each_machine_has_no_conflicts(tmp_path):
    one, two = machines(tmp_path)
    first, second = folders(tmp_path)
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
    first, second = folders(tmp_path)
    assert sync(one, first / "vault.coffer").status == 0
    bisync(tmp_path, "--resync")
    assert sync(two, second / "vault.coffer").status == 0
    bisync(tmp_path)
    drawn = edit_apart(one, two)
    assert sync(one).status == 0 and sync(two).status == 0
    bisync(tmp_path, "--force")
    assert {"vault.coffer..path1", "vault.coffer..path2"} <= set(files(first)), files(first).keys()
    assert "vault.coffer" not in files(first)
    until_quiet(tmp_path, one, two)
    require_nothing_lost(one, two, drawn)
    assert (first / "vault.coffer").read_bytes() == one.vault.read_bytes()
