"""coffer git-merge: two branches of a vault file, as git calls a merge driver."""

import shutil
import subprocess

import pytest

from conftest import MASTER_PASSWORD, PROGRAM, Coffer
from machines import clone
from terminal import answer, asked, end, shown


@pytest.fixture
def branches(coffer, tmp_path):
    """The files that git gives: their common ancestor, ours and theirs, in a folder of their own; and a TMPDIR."""
    coffer.add("bank", password=b"first")
    other = clone(coffer, tmp_path / "other", "laptop")
    folder, scratch = tmp_path / "work", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    shutil.copy(coffer.vault, folder / ".merge_file_O")
    coffer.add("ours", password=b"of us")
    other.add("theirs", password=b"of them")
    other.ok("set", "bank", "password", "-", stdin=b"second\n")
    shutil.copy(coffer.vault, folder / ".merge_file_A")
    shutil.copy(other.vault, folder / ".merge_file_B")
    return coffer, other, folder


def git_merge(coffer, folder, *arguments, **options):
    names = arguments or [".merge_file_O", ".merge_file_A", ".merge_file_B"]
    return coffer.run(
        "git-merge", *[folder / name for name in names], env={"TMPDIR": str(folder.parent / "scratch")}, **options)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def entries(coffer, path):
    return coffer.run("ls", "--vault", path).out


def left_nothing(folder):
    assert sorted(content(folder)) == [".merge_file_A", ".merge_file_B", ".merge_file_O"]
    assert not list((folder.parent / "scratch").iterdir())


def test_the_result_holds_both_branches_and_nothing_else_is_left(branches):
    coffer, other, folder = branches
    before = content(folder)
    vault = coffer.vault.read_bytes()
    result = git_merge(coffer, folder)
    assert result.status == 0 and result.out == b"", result
    left_nothing(folder)
    after = content(folder)
    assert {name for name in after if after[name] != before[name]} == {".merge_file_A"}
    # The same bytes as any other merge makes.
    coffer.ok("merge", folder / ".merge_file_B")
    assert after[".merge_file_A"] == coffer.vault.read_bytes() != vault
    assert entries(coffer, folder / ".merge_file_A") == b"bank\t\nours\t\ntheirs\t\n"
    assert coffer.run("get", "bank", "--vault", folder / ".merge_file_A").out == b"second\n"


def test_both_ways_give_the_same_bytes(branches):
    coffer, _, folder = branches
    shutil.copy(folder / ".merge_file_A", folder.parent / "mine")
    assert git_merge(coffer, folder).status == 0
    one = (folder / ".merge_file_A").read_bytes()
    shutil.copy(folder.parent / "mine", folder / ".merge_file_A")
    assert git_merge(coffer, folder, ".merge_file_O", ".merge_file_B", ".merge_file_A").status == 0
    assert (folder / ".merge_file_B").read_bytes() == one


def test_without_a_common_ancestor_both_are_in_the_result(branches):
    coffer, _, folder = branches
    (folder / ".merge_file_O").write_bytes(b"")
    result = git_merge(coffer, folder)
    assert result.status == 0, result
    left_nothing(folder)
    assert entries(coffer, folder / ".merge_file_A") == b"bank\t\nours\t\ntheirs\t\n"


def test_a_conflict_keeps_both_values_says_so_and_is_no_failure(branches):
    coffer, _, folder = branches
    coffer.ok("set", "bank", "password", "-", stdin=b"third\n")
    shutil.copy(coffer.vault, folder / ".merge_file_A")
    result = git_merge(coffer, folder)
    assert result.status == 0 and b"bank" in result.err and b"password" in result.err, result
    assert b"second" not in result.err and b"third" not in result.err
    assert coffer.run("get", "bank", "--vault", folder / ".merge_file_A").status == 8


def test_a_wrong_password_leaves_ours_as_it_was(branches):
    coffer, _, folder = branches
    before = content(folder)
    result = git_merge(coffer, folder, fds={"--password-fd": b"wrong\n"})
    assert result.status == 3, result
    left_nothing(folder)
    assert content(folder) == before


def test_without_a_terminal_or_a_password_nothing_hangs(branches):
    coffer, _, folder = branches
    before = content(folder)
    assert git_merge(coffer, folder, unlock=False, timeout=10).status == 5
    left_nothing(folder)
    assert content(folder) == before


def test_another_vault_leaves_ours_as_it_was(branches, tmp_path):
    coffer, _, folder = branches
    stranger = Coffer(tmp_path / "stranger").init()
    shutil.copy(stranger.vault, folder / ".merge_file_B")
    before = content(folder)
    result = git_merge(coffer, folder)
    assert result.status == 9 and b"different vault" in result.err, result
    left_nothing(folder)
    assert content(folder) == before


def damage_file(path, damage):
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[-40] ^= 1
    elif damage == "cut":
        del data[-100:]
    else:
        data[:] = b"<<<<<<< HEAD\n" + data
    path.write_bytes(data)


@pytest.mark.parametrize("name", [".merge_file_A", ".merge_file_B"])
@pytest.mark.parametrize("damage", ["flip", "cut", "conflict markers"])
def test_a_damaged_file_leaves_ours_as_it_was(branches, name, damage):
    coffer, _, folder = branches
    damage_file(folder / name, damage)
    before = content(folder)
    result = git_merge(coffer, folder)
    assert result.status in (4, 7), result
    left_nothing(folder)
    assert content(folder) == before


@pytest.mark.parametrize("damage", ["flip", "cut", "conflict markers"])
def test_a_damaged_ancestor_is_named_or_not_needed(branches, damage):
    """All that it held is in both branches, so that nothing is missing without it."""
    coffer, _, folder = branches
    damage_file(folder / ".merge_file_O", damage)
    before = content(folder)
    result = git_merge(coffer, folder)
    left_nothing(folder)
    if result.status == 0:
        assert entries(coffer, folder / ".merge_file_A") == b"bank\t\nours\t\ntheirs\t\n"
    else:
        assert result.status in (4, 7) and content(folder) == before, result


def test_theirs_that_is_missing_leaves_ours_as_it_was(branches):
    coffer, _, folder = branches
    before = (folder / ".merge_file_A").read_bytes()
    result = git_merge(coffer, folder, ".merge_file_O", ".merge_file_A", "nothing")
    assert result.status not in (0, *range(129, 256)), result
    assert (folder / ".merge_file_A").read_bytes() == before
    left_nothing(folder)


def test_the_vault_of_this_machine_is_not_needed_and_not_touched(branches):
    coffer, _, folder = branches
    state = coffer.home / ".local/state/coffer"
    before = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    coffer.vault.unlink()
    assert git_merge(coffer, folder).status == 0
    assert not coffer.vault.exists()
    assert {path: path.read_bytes() for path in state.rglob("*") if path.is_file()} == before


def test_a_wide_file_mode_of_git_becomes_no_wider(branches):
    coffer, _, folder = branches
    (folder / ".merge_file_A").chmod(0o644)
    assert git_merge(coffer, folder).status == 0
    assert (folder / ".merge_file_A").stat().st_mode & 0o077 in (0, 0o044)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
def test_git_itself_merges_two_branches_with_it(branches, tmp_path):
    coffer, other, folder = branches
    tree = tmp_path / "tree"
    tree.mkdir()
    secret = tmp_path / "secret"
    secret.write_bytes(MASTER_PASSWORD + b"\n")

    def git(*words, status=0):
        done = subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=n@example.com", *map(str, words)], cwd=tree,
            capture_output=True, env=coffer.environment, timeout=60)
        assert done.returncode == status, done
        return done

    def commit(file):
        shutil.copy(file, tree / "vault.coffer")
        git("add", ".")
        git("commit", "-q", "-m", "a state")

    git("init", "-q", "-b", "main")
    (tree / ".gitattributes").write_text("*.coffer merge=coffer\n")
    git("config", "merge.coffer.driver", f"'{PROGRAM}' git-merge %O %A %B --password-fd 9 9<'{secret}'")
    commit(folder / ".merge_file_O")
    git("checkout", "-q", "-b", "side")
    commit(folder / ".merge_file_B")
    git("checkout", "-q", "main")
    commit(folder / ".merge_file_A")
    git("merge", "-q", "side")
    assert git("status", "--porcelain").stdout == b""
    coffer.ok("merge", folder / ".merge_file_B")
    assert (tree / "vault.coffer").read_bytes() == coffer.vault.read_bytes()


def test_the_question_names_the_vault_in_git_and_no_scratch_file(branches):
    coffer, _, folder = branches
    child = asked(coffer, "git-merge", *[folder / f".merge_file_{name}" for name in "OAB"], unlock=False)
    answer(child, "Master password for the vault in git: ", coffer.password)
    assert end(child) == 0
    assert b"coffer-" not in shown(child)
