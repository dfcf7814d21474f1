"""A disk that is full, and a place that can only be read: clear errors, and the old vault whole."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


from conftest import PROGRAM, Coffer

NOBODY = 65534


def in_namespace(scenario, folder):
    """Runs a function of this file where it may mount; what it returned, through JSON."""
    probe = subprocess.run(["unshare", "-rm", "true"], capture_output=True)
    assert probe.returncode == 0, "this system lets nobody mount in a namespace of his own (unshare -rm)"
    code = f"import json, test_full_disk as t; print(json.dumps(t.{scenario}({str(folder)!r})))"
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", code], cwd=pathlib.Path(__file__).parent, capture_output=True,
        text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def home_with_vault_on_tmpfs(folder, size):
    """A vault on a small file system; everything else of the home is elsewhere."""
    coffer = Coffer(pathlib.Path(folder) / "home")
    disk = coffer.home / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", disk], check=True)
    coffer.vault = disk / "v.coffer"
    return coffer


def fill_up(folder):
    """Adds entries until the 64 KiB are full."""
    coffer = home_with_vault_on_tmpfs(folder, "64k").init()
    for number in range(200):
        before = coffer.vault.read_bytes()
        note = os.urandom(1500).hex().encode()
        result = coffer.run("add", f"entry {number}", "--template", "note", "--note-stdin", stdin=note)
        if result.status != 0:
            break
    shown = coffer.run("ls")
    return {
        "status": result.status, "err": result.err.decode(), "added": number,
        "unchanged": coffer.vault.read_bytes() == before,
        "listed": len(shown.out.splitlines()), "names": sorted(os.listdir(coffer.vault.parent)),
    }


def init_on_full_disk(folder):
    coffer = home_with_vault_on_tmpfs(folder, "64k")
    with open(coffer.vault.parent / "filler", "wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError:
            pass
    kit = coffer.home / "kit"
    result = coffer.run(
        "init", "--unsafe-test-kdf", "--iterations", "1", "--kit", kit, unlock=False,
        fds={"--new-password-fd": coffer.password + b"\n"})
    return {
        "status": result.status, "err": result.err.decode(), "kit": kit.exists(),
        "names": sorted(os.listdir(coffer.vault.parent))}


def kit_on_full_disk(folder):
    coffer = home_with_vault_on_tmpfs(folder, "64k")
    kit = coffer.vault.parent / "kit"
    with open(coffer.vault.parent / "filler", "wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError:
            pass
    coffer.vault = coffer.home / "v.coffer"
    result = coffer.run(
        "init", "--unsafe-test-kdf", "--iterations", "1", "--kit", kit, unlock=False,
        fds={"--new-password-fd": coffer.password + b"\n"})
    return {"status": result.status, "err": result.err.decode(), "kit": kit.exists(), "vault": coffer.vault.exists()}


def add_in_read_only_folder(folder):
    coffer = home_with_vault_on_tmpfs(folder, "1m").init()
    coffer.add("one")
    before = coffer.vault.read_bytes()
    subprocess.run(["mount", "-o", "remount,ro", coffer.vault.parent], check=True)
    result = coffer.run("add", "two", "--password-stdin", stdin=b"s3cret\n")
    shown = coffer.run("ls")
    return {
        "status": result.status, "err": result.err.decode(), "unchanged": coffer.vault.read_bytes() == before,
        "listed": shown.out.decode()}


def test_a_full_disk_is_a_clear_error_and_the_old_vault_is_whole(tmp_path):
    seen = in_namespace("fill_up", tmp_path)
    assert 2 < seen["added"] < 30
    assert seen["status"] == 1
    assert "No space left on device. The vault was left as it was. Make room and try again." in seen["err"]
    assert seen["unchanged"] and seen["listed"] == seen["added"]
    assert seen["names"] == ["v.coffer", "v.coffer.backups", "v.coffer.lock"], "half a file was left on a full disk"


def test_init_on_a_full_disk_leaves_neither_vault_nor_sheet(tmp_path):
    seen = in_namespace("init_on_full_disk", tmp_path)
    assert seen["status"] == 1 and "No space left on device" in seen["err"], seen
    assert not seen["kit"] and "v.coffer" not in seen["names"]
    assert not [name for name in seen["names"] if ".tmp-" in name]


def test_a_recovery_sheet_that_does_not_fit_leaves_no_vault_and_no_half_sheet(tmp_path):
    seen = in_namespace("kit_on_full_disk", tmp_path)
    assert seen["status"] == 1 and "No space left on device" in seen["err"], seen
    assert not seen["kit"] and not seen["vault"]


def test_a_vault_on_a_read_only_file_system_is_read_and_not_written(tmp_path):
    seen = in_namespace("add_in_read_only_folder", tmp_path)
    assert seen["status"] == 1 and "Read-only file system" in seen["err"], seen
    assert "can only be read" in seen["err"]
    assert seen["unchanged"] and seen["listed"].startswith("one")


def test_a_folder_without_permission_to_write_is_a_clear_error():
    """Root passes every permission, so root lends the vault to nobody."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        # Nobody may not be able to reach the place of the program.
        program = shutil.copy(PROGRAM, folder)
        os.chmod(program, 0o755)
        coffer = Coffer(pathlib.Path(folder) / "home").init()
        coffer.add("one")
        before = coffer.vault.read_bytes()
        prefix = []
        if os.geteuid() == 0:
            prefix = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
            for path in [coffer.home, *coffer.home.rglob("*")]:
                os.chown(path, NOBODY, NOBODY)
        os.unlink(coffer.vault.with_name("vault.coffer.lock"))
        os.chmod(coffer.home, 0o500)
        try:
            result = coffer.run("add", "two", "--password-stdin", stdin=b"s3cret\n", prefix=prefix)
            listed = coffer.run("ls", prefix=prefix)
            # An unreadable vault.
            os.chmod(coffer.vault, 0)
            unreadable = coffer.run("ls", prefix=prefix)
        finally:
            os.chmod(coffer.home, 0o700)
            os.chmod(coffer.vault, 0o600)
        assert result.status == 1 and b"Permission denied" in result.err, result
        assert b"Check who owns the file and its folder" in result.err
        assert listed.status == 0 and listed.out.startswith(b"one"), listed
        assert unreadable.status == 1 and b"Permission denied" in unreadable.err and not unreadable.out, unreadable
        assert coffer.vault.read_bytes() == before
