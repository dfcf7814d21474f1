"""Who may read what Coffer writes, and what it does when something else lies where it wants to read or write."""

import os
import pathlib
import re
import resource
import socket
import stat
import time

import pytest

from fault_injection import trace

ADD = {"stdin": b"s3cret\n"}
SPARSE_BYTES = 1 << 40
MEMORY_MAXIMUM_BYTES = 256 << 20


def modes(folder):
    """The mode of every file and folder below, by its place."""
    return {str(p.relative_to(folder)): stat.S_IMODE(p.lstat().st_mode) for p in pathlib.Path(folder).rglob("*")}


def init_words(*words):
    return ["init", "--unsafe-test-kdf", "--iterations", "1", *words]


def run_init(coffer, *words, **options):
    return coffer.run(
        *init_words(*words), fds={"--new-password-fd": coffer.password + b"\n"}, unlock=False, **options)


def measured(coffer, *words, **options):
    """Runs a command that must be refused at once, in little memory."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (4 * MEMORY_MAXIMUM_BYTES, 4 * MEMORY_MAXIMUM_BYTES))
    start = time.monotonic()
    result = coffer.run(*words, preexec_fn=limit, timeout=10, **options)
    assert time.monotonic() - start < 2
    assert result.out == b"" and b"coffer: error" in result.err, result
    return result


def test_with_an_open_umask_everything_is_still_for_its_owner_only(home):
    """Vault, backups, lock, recovery sheet, key file and what the machine remembers."""
    home.vault = home.home / "new" / "folder" / "v.coffer"
    kit, key_file = home.home / "kit", home.home / "key"
    open_umask = lambda: os.umask(0)
    result = run_init(home, "--kit", kit, "--key-file", key_file, preexec_fn=open_umask)
    assert result.status == 0, result
    for title in ["one", "two"]:
        result = home.run("add", title, "--password-stdin", "--key-file", key_file, preexec_fn=open_umask, **ADD)
        assert result.status == 0, result
    found = modes(home.home)
    for path in home.home.rglob("*"):
        expected = 0o700 if path.is_dir() else 0o600
        assert found[str(path.relative_to(home.home))] == expected, (path, oct(found[str(path.relative_to(home.home))]))
    backups = [name for name in found if name.startswith("new/folder/v.coffer.backups/")]
    assert {"new/folder/v.coffer", "new/folder/v.coffer.lock", "kit", "key"} <= found.keys() and len(backups) == 2


def test_the_temporary_file_is_made_anew_under_a_name_nobody_knows(coffer):
    """O_EXCL refuses a name that somebody made beforehand, and every save draws another one."""
    names = []
    for title in ["one", "two"]:
        _, lines = trace(coffer, ["add", title, "--password-stdin"], ["openat", "open"], **ADD)
        [opened] = [line for line in lines if ".tmp-" in line and "O_CREAT" in line]
        assert "O_EXCL" in opened and "O_NOFOLLOW" in opened and "0600" in opened, opened
        names.append(re.search(r"\.tmp-([0-9a-f]{16})", opened)[1])
    assert names[0] != names[1]


def test_a_temporary_name_that_exists_is_not_used_and_another_is_drawn(coffer):
    """Also when it is guessed: strace says EEXIST for the name that was drawn."""
    coffer.add("one")
    _, lines = trace(coffer, ["add", "two", "--password-stdin"], ["openat"], **ADD)
    ordinal = 1 + [".tmp-" in line and "O_CREAT" in line for line in lines].index(True)
    result, lines = trace(
        coffer, ["add", "six", "--password-stdin"], ["openat"], f"openat:error=EEXIST:when={ordinal}", **ADD)
    [refused] = [line for line in lines if "INJECTED" in line and ".tmp-" in line]
    [made] = [line for line in lines if "INJECTED" not in line and ".tmp-" in line and "O_CREAT" in line]
    assert result.status == 0 and re.search(r"\.tmp-[0-9a-f]+", refused)[0] not in made, result
    # A folder that has every name already is an error.
    before = coffer.vault.read_bytes()
    result, _ = trace(
        coffer, ["add", "ten", "--password-stdin"], ["openat"], f"openat:error=EEXIST:when={ordinal}+", **ADD)
    assert result.status == 1 and b"File exists" in result.err and coffer.vault.read_bytes() == before


def test_a_link_left_under_a_temporary_name_does_not_lead_anywhere(coffer, tmp_path):
    """What is no file of ours is neither followed nor removed."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    link = coffer.home / ".vault.coffer.tmp-0123456789abcdef"
    link.symlink_to(victim)
    coffer.add("one")
    assert victim.read_text() == "precious" and link.is_symlink()


def test_a_symlinked_vault_is_written_where_it_really_is(coffer, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(coffer.vault)
    real, coffer.vault = coffer.vault, link
    before = real.stat().st_ino
    coffer.add("one")
    assert link.is_symlink() and os.readlink(link) == str(real)
    assert real.stat().st_ino != before and not real.is_symlink()
    assert coffer.ok("ls").startswith(b"one")
    # Its lock and backups are those of the real one.
    assert not (tmp_path / "link.lock").exists() and not (tmp_path / "link.backups").exists()


def test_a_hard_linked_vault_is_read_and_not_written(coffer, tmp_path):
    coffer.add("one")
    os.link(coffer.vault, tmp_path / "second name")
    before = coffer.vault.read_bytes()
    result = coffer.run("add", "two", "--password-stdin", **ADD)
    assert result.status == 9 and b"hard link" in result.err, result
    assert coffer.vault.read_bytes() == before and coffer.vault.stat().st_nlink == 2
    assert coffer.ok("ls").startswith(b"one")
    os.unlink(tmp_path / "second name")
    coffer.add("two")


def test_a_link_that_is_our_own_backup_is_no_foreign_link(coffer):
    """As an interrupted save leaves it: the present state has its backup already."""
    coffer.add("one")
    os.link(coffer.vault, coffer.home / "vault.coffer.backups" / "00000042-1700000000.coffer")
    assert coffer.vault.stat().st_nlink == 2
    coffer.add("two")
    assert coffer.vault.stat().st_nlink == 1


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link", "link", "fifo"])
def test_init_leaves_what_lies_at_its_path(home, tmp_path, kind):
    place, target = home.vault, tmp_path / "target"
    if kind == "file":
        place.write_bytes(b"x")
    elif kind == "folder":
        place.mkdir()
    elif kind == "fifo":
        os.mkfifo(place)
    else:
        place.symlink_to(target)
        if kind == "link":
            target.write_bytes(b"x")
    before = place.lstat()
    result = run_init(home, "--no-recovery-key", timeout=5)
    assert result.status == 9 and b"already" in result.err, result
    assert place.lstat().st_ino == before.st_ino and place.lstat().st_mode == before.st_mode
    assert target.exists() == (kind == "link")


def test_what_is_no_regular_file_is_refused_at_once(home):
    place = home.vault
    os.mkfifo(place)
    assert measured(home, "ls").status == 7
    place.unlink()
    place.mkdir()
    assert measured(home, "ls").status == 7
    place.rmdir()
    for device in ["/dev/null", "/dev/zero"]:
        place.symlink_to(device)
        assert measured(home, "ls").status == 7
        place.unlink()
    # A path of a socket has room for little more than a hundred bytes.
    os.chdir(home.home)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        os.rename("s", place)
        assert measured(home, "ls").status in (1, 7)
    place.unlink()
    place.symlink_to(place)
    assert measured(home, "ls").status == 1
    place.unlink()
    assert measured(home, "ls").status == 2


def test_files_that_cannot_be_vaults_are_refused_in_bounded_time_and_memory(coffer):
    coffer.add("one")
    good = coffer.vault.read_bytes()
    # Empty, a bit of text, the magic alone, half a header.
    for content, status in [(b"", 7), (b"12345678", 7), (good[:8], 4), (good[:100], 4)]:
        coffer.vault.write_bytes(content)
        assert measured(coffer, "ls").status == status, content
        assert coffer.vault.read_bytes() == content
    # A terabyte of nothing; and one that starts as a good vault.
    for start, status in [(b"", 7), (good, 7)]:
        coffer.vault.write_bytes(start)
        os.truncate(coffer.vault, SPARSE_BYTES)
        assert measured(coffer, "ls").status == status
        assert coffer.vault.stat().st_size == SPARSE_BYTES and coffer.vault.stat().st_blocks < 100
    # Three gigabytes are within the limit, and not what the header says.
    coffer.vault.write_bytes(good)
    os.truncate(coffer.vault, 3 << 30)
    assert measured(coffer, "ls").status == 4


@pytest.mark.parametrize("option", ["--kit", "--key-file"])
def test_a_secret_is_not_written_over_or_through_what_exists(home, tmp_path, option):
    """A link at the path of the recovery sheet or a new key file could lead it to where others read."""
    target, place = tmp_path / "target", tmp_path / "place"
    place.symlink_to(target)
    words = [option, place] + ([] if option == "--kit" else ["--no-recovery-key"])
    result = run_init(home, *words)
    assert result.status != 0 and not target.exists() and not home.vault.exists(), result
    assert place.is_symlink()


def test_a_recovery_sheet_never_replaces_a_file(home, tmp_path):
    place = tmp_path / "kit"
    place.write_text("precious")
    result = run_init(home, "--kit", place)
    assert result.status == 9 and not home.vault.exists(), result
    assert place.read_text() == "precious"


def test_a_lock_that_is_a_link_is_not_followed(coffer, tmp_path):
    lock = coffer.vault.with_name("vault.coffer.lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "target")
    result = coffer.run("add", "one", "--password-stdin", **ADD)
    assert result.status == 1 and not (tmp_path / "target").exists(), result
