"""git carries the shared folder: a file for each machine, or one file with Coffer's merge driver."""

import io
import os
import subprocess

import pexpect
import pytest

from two_homes import PROGRAM, edit_apart, machines, pipe_with, require_nothing_lost, sync


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


def exchange(folder, how="--no-rebase"):
    git(folder, "add", "-A")
    if git(folder, "status", "--porcelain"):
        git(folder, "commit", "-m", "sync")
    git(folder, "pull", how, *(["--no-edit"] if how == "--no-rebase" else []), "origin", "main")
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


def repository(home, driver):
    """A repository in which git merges vault files with `driver`; None is no driver."""
    folder = home / "work"
    folder.mkdir()
    git(folder, "init")
    (folder / ".gitattributes").write_text("*.coffer merge=coffer\n")
    if driver:
        git(folder, "config", "merge.coffer.driver", driver)
    return folder


def driver(machine, password="--no-input"):
    return f"HOME={machine.home} {PROGRAM} git-merge %O %A %B {password}"


def driver_with_password(machine):
    """The driver opens the password anew each time it is run."""
    path = machine.home / "password"
    path.write_bytes(machine.password + b"\n")
    return driver(machine, f"--password-fd 9 9<{path}")


def commit(folder, machine, *names):
    """The machine's vault as it is now, under each of the names."""
    for name in names or ["vault.coffer"]:
        (folder / name).write_bytes(machine.vault.read_bytes())
    git(folder, "add", "-A")
    git(folder, "commit", "-m", machine.home.name)


def diverge(folder, one, two, *names):
    """Two branches with the edits of one machine each; the first is checked out. Returns the codes that were drawn."""
    commit(folder, one, *names)
    git(folder, "branch", "other")
    drawn = edit_apart(one, two)
    commit(folder, one, *names)
    git(folder, "checkout", "other")
    commit(folder, two, *names)
    git(folder, "checkout", "main")
    return drawn


def take(machines, merged):
    """What git has merged is what each vault becomes, byte for byte."""
    for machine in machines:
        machine.ok("merge", merged)
        assert merged.read_bytes() == machine.vault.read_bytes()


def test_the_merge_driver_merges_two_branches_of_one_file(tmp_path):
    one, two = machines(tmp_path)
    folder = repository(tmp_path, driver_with_password(one))
    drawn = diverge(folder, one, two)
    git(folder, "merge", "--no-edit", "other")
    take((one, two), folder / "vault.coffer")
    require_nothing_lost(one, two, drawn)
    assert sorted(path.name for path in folder.iterdir()) == [".git", ".gitattributes", "vault.coffer"]


def test_the_driver_asks_on_the_terminal_that_git_runs_on(tmp_path):
    one, two = machines(tmp_path)
    folder = repository(tmp_path, driver(one, ""))
    drawn = diverge(folder, one, two)
    child = pexpect.spawn(
        "git", ["-c", "user.name=Coffer", "-c", "user.email=coffer@example.com", "merge", "--no-edit", "other"], cwd=str(folder),
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "TERM": "dumb"}, timeout=20)
    child.logfile_read = io.BytesIO()
    child.expect("Master password for .*: ")
    child.sendline(one.password)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0 and one.password not in child.logfile_read.getvalue(), child.logfile_read.getvalue()
    take((one, two), folder / "vault.coffer")
    require_nothing_lost(one, two, drawn)


def test_git_passes_the_descriptor_of_the_password_on_to_the_driver(tmp_path):
    """The driver is run once for each file, and each run reads one line."""
    one, two = machines(tmp_path)

    def merge(lines, status):
        descriptor = pipe_with((one.password + b"\n") * lines)
        try:
            git(folder, "config", "merge.coffer.driver", driver(one, f"--password-fd {descriptor}"))
            git(folder, "merge", "--no-edit", "other", status=status, pass_fds=[descriptor])
        finally:
            os.close(descriptor)

    folder = repository(tmp_path, None)
    drawn = diverge(folder, one, two, "a.coffer", "b.coffer")
    merge(1, status=1)
    unmerged = git(folder, "diff", "--name-only", "--diff-filter=U").decode().split()
    assert unmerged in (["a.coffer"], ["b.coffer"])
    assert (folder / unmerged[0]).read_bytes() == one.vault.read_bytes()
    git(folder, "merge", "--abort")
    merge(2, status=0)
    assert (folder / "a.coffer").read_bytes() == (folder / "b.coffer").read_bytes()
    take((one, two), folder / "a.coffer")
    require_nothing_lost(one, two, drawn)


def test_branches_that_have_merged_each_other_before_are_merged(tmp_path):
    """Then there are two common ancestors, and git merges these with the driver first."""
    one, two = machines(tmp_path)
    runs = tmp_path / "runs"
    folder = repository(tmp_path, f"echo >>{runs}; {driver_with_password(one)}")
    drawn = diverge(folder, one, two)
    before = git(folder, "rev-parse", "main").decode().strip()
    git(folder, "merge", "--no-edit", "other")
    git(folder, "checkout", "other")
    git(folder, "merge", "--no-edit", before)
    assert len(git(folder, "merge-base", "--all", "main", "other").split()) == 2
    merged = (folder / "vault.coffer").read_bytes()
    assert merged == git(folder, "show", "main:vault.coffer"), "either branch merged the other to the same bytes"
    take((one, two), folder / "vault.coffer")
    one.add("later")
    two.ok("set", "new", "pin", "-", stdin=b"0815\n")
    commit(folder, two)
    git(folder, "checkout", "main")
    commit(folder, one)
    runs.unlink()
    git(folder, "merge", "--no-edit", "other")
    assert len(runs.read_text().splitlines()) == 2
    take((one, two), folder / "vault.coffer")
    require_nothing_lost(one, two, drawn)
    assert one.ok("get", "new", "pin") == b"0815\n" and b"later" in two.ok("ls")


@pytest.mark.parametrize("how", ["--no-rebase", "--rebase"])
def test_two_clones_share_one_file(tmp_path, clones, how):
    """`coffer sync FILE`, commit, pull, push on both, as docs/sync.md says."""
    one, two = machines(tmp_path)
    for machine, folder in zip((one, two), clones):
        git(folder, "config", "merge.coffer.driver", driver_with_password(machine))
    (clones[0] / ".gitattributes").write_text("*.coffer merge=coffer\n")
    assert sync(one, clones[0] / "vault.coffer").status == 0
    git(clones[0], "add", "-A")
    git(clones[0], "commit", "-m", "first")
    git(clones[0], "push", "-u", "origin", "HEAD:main")
    git(clones[1], "pull", "origin", "main")
    assert sync(two, clones[1] / "vault.coffer").status == 0

    drawn = edit_apart(one, two)
    assert sync(one).status == 0 and sync(two).status == 0
    for machine, folder in [*zip((one, two), clones)] * 2:
        exchange(folder, how)
        assert sync(machine).status == 0
    require_nothing_lost(one, two, drawn)
    assert {(folder / "vault.coffer").read_bytes() for folder in clones} == {one.vault.read_bytes()}
    assert [git(folder, "status", "--porcelain") for folder in clones] == [b"", b""]
    assert sorted(os.listdir(clones[0])) == [".git", ".gitattributes", "vault.coffer"]


@pytest.mark.parametrize("how", ["no driver", "no password", "a wrong password"])
def test_without_the_driver_or_the_password_both_files_are_there_and_can_be_merged(tmp_path, how):
    one, two = machines(tmp_path)
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"wrong\n")
    folder = repository(tmp_path, {
        "no driver": None, "no password": driver(one), "a wrong password": driver(one, f"--password-fd 9 9<{wrong}")}[how])
    drawn = diverge(folder, one, two)
    git(folder, "merge", "--no-edit", "other", status=1)
    assert (folder / "vault.coffer").read_bytes() == one.vault.read_bytes()
    theirs = tmp_path / "theirs.coffer"
    theirs.write_bytes(git(folder, "show", ":3:vault.coffer"))
    assert theirs.read_bytes() == two.vault.read_bytes()

    assert sync(one, folder / "vault.coffer").status == 0
    one.ok("merge", theirs)
    assert sync(one).status == 0
    git(folder, "commit", "-am", "merged by hand")
    take((one, two), folder / "vault.coffer")
    require_nothing_lost(one, two, drawn)
