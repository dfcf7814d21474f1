"""git carries the shared folder: a file for each machine, or one file with Coffer's merge driver."""

import os
import subprocess

import pytest

from two_homes import PROGRAM, edit_apart, machines, require_nothing_lost, sync


def git(folder, *words, status=0, **options):
    done = subprocess.run(
        ["git", "-c", "user.name=Coffer", "-c", "user.email=coffer@example.com", "-c", "init.defaultBranch=main", *words],
        cwd=folder, capture_output=True, timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}, **options)
    assert done.returncode == status, (words, done)
    return done.stdout


@pytest.fixture
def clones(tmp_path):
    """Two clones of one repository."""
    git(tmp_path, "init", "--bare", "hub.git")
    git(tmp_path, "clone", "hub.git", "clone-one")
    git(tmp_path, "clone", "hub.git", "clone-two")
    return tmp_path / "clone-one", tmp_path / "clone-two"


def exchange(folder):
    git(folder, "add", "-A")
    if git(folder, "status", "--porcelain"):
        git(folder, "commit", "-m", "sync")
    git(folder, "pull", "--no-rebase", "--no-edit", "origin", "main")
    git(folder, "push", "origin", "HEAD:main")


def test_files_of_one_machine_each_never_conflict(tmp_path, clones):
    one, two = machines(tmp_path)
    assert sync(one, clones[0]).status == 0
    git(clones[0], "add", "-A")
    git(clones[0], "commit", "-m", "first")
    git(clones[0], "push", "origin", "HEAD:main")
    git(clones[1], "pull", "origin", "main")
    assert sync(two, clones[1]).status == 0
    exchange(clones[1])

    drawn = edit_apart(one, two)
    assert sync(one).status == 0 and sync(two).status == 0
    for _ in range(2):
        for machine, folder in zip((one, two), clones):
            exchange(folder)
            assert sync(machine).status == 0
    exchange(clones[0])
    require_nothing_lost(one, two, drawn)


def test_the_merge_driver_merges_two_branches_of_one_file(tmp_path):
    one, two = machines(tmp_path)
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init")
    (folder / ".gitattributes").write_text("*.coffer merge=coffer\n")
    password = tmp_path / "password"
    password.write_bytes(one.password + b"\n")
    git(folder, "config", "merge.coffer.driver",
        f"HOME={one.home} {PROGRAM} git-merge %O %A %B --password-fd 9 9<{password}")

    def commit(machine, message):
        (folder / "vault.coffer").write_bytes(machine.vault.read_bytes())
        git(folder, "add", "-A")
        git(folder, "commit", "-m", message)

    commit(one, "base")
    git(folder, "branch", "other")
    drawn = edit_apart(one, two)
    commit(one, "one")
    git(folder, "checkout", "other")
    commit(two, "two")
    git(folder, "checkout", "main")
    git(folder, "merge", "--no-edit", "other")

    merged = folder / "vault.coffer"
    for machine in (one, two):
        machine.ok("merge", merged)
    assert merged.read_bytes() == one.vault.read_bytes()
    require_nothing_lost(one, two, drawn)
    assert sorted(path.name for path in folder.iterdir()) == [".git", ".gitattributes", "vault.coffer"]


def test_without_the_password_the_driver_leaves_a_conflict_and_both_files(tmp_path):
    one, two = machines(tmp_path)
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init")
    (folder / ".gitattributes").write_text("*.coffer merge=coffer\n")
    git(folder, "config", "merge.coffer.driver", f"HOME={one.home} {PROGRAM} git-merge %O %A %B --no-input")
    (folder / "vault.coffer").write_bytes(one.vault.read_bytes())
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "base")
    git(folder, "branch", "other")
    edit_apart(one, two)
    (folder / "vault.coffer").write_bytes(one.vault.read_bytes())
    git(folder, "commit", "-am", "one")
    git(folder, "checkout", "other")
    (folder / "vault.coffer").write_bytes(two.vault.read_bytes())
    git(folder, "commit", "-am", "two")
    git(folder, "checkout", "main")
    git(folder, "merge", "--no-edit", "other", status=1)
    assert (folder / "vault.coffer").read_bytes() == one.vault.read_bytes()
    assert git(folder, "show", "other:vault.coffer") == two.vault.read_bytes()
