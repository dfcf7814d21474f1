"""coffer backups: the list, values brought back as new versions, and a whole file put back."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Independent"))
import vault_forge as forge

TITLE, PASSWORD = forge.TITLE, forge.PASSWORD


def install(coffer, data):
    """Puts another state of the vault in place, as a program on another machine might have left it."""
    coffer.vault.write_bytes(data)
    coffer.vault.chmod(0o600)


def forged(coffer, entries):
    vault = forge.Vault(entries=entries)
    vault.slots = [forge.password_slot(vault, coffer.password.decode())]
    return forge.write(vault)


def numbers(coffer):
    return [backup["number"] for backup in coffer.run("backups", "--json", unlock=False).json()]


def test_every_save_leaves_a_backup_and_listing_needs_no_password(coffer):
    assert numbers(coffer) == []
    assert b"no backups" in coffer.run("backups", unlock=False).err
    coffer.add("one")
    coffer.add("two")
    listed = coffer.run("backups", "--json", unlock=False).json()
    assert [backup["number"] for backup in listed] == [2, 1]
    assert all(Path(backup["path"]).stat().st_size == backup["bytes"] for backup in listed)
    rows = coffer.run("backups", unlock=False).out.decode().splitlines()
    assert [row.split("\t")[0] for row in rows] == ["2", "1"]


def two_states(coffer):
    """A backup (1) in which `site` has the password old, and a vault in which it has new; `later` came afterwards."""
    title, old = forge.version(TITLE, "site"), forge.version(PASSWORD, "old-canary")
    new = forge.version(PASSWORD, "new-canary", at=1_700_000_100, replaces=[old])
    tag = forge.tag(forge.Vault(), "later-tag")
    install(coffer, forged(coffer, [forge.entry(1, title, old)]))
    coffer.add("kept")  # makes backup 1
    later = forge.entry(2, forge.version(TITLE, "later"))
    install(coffer, forged(coffer, [forge.entry(1, title, old, new, tag), later]))


def test_restore_brings_values_back_and_keeps_what_is_newer(home):
    two_states(home)
    result = home.run("backups", "restore", "1", "--json")
    assert result.status == 0, result
    restored = result.json()
    assert restored["number"] == 1 and restored["replaced"] is False
    assert [(entry["title"], entry["fields"], entry["added"]) for entry in restored["restored"]] == [
        ("site", ["password"], False)]
    assert b"canary" not in result.out + result.err
    assert home.ok("get", "site") == b"old-canary\n"
    assert home.ok("ls").decode().split() == ["later", "site"]
    assert home.run("show", "site", "--json").json()["tags"] == ["later-tag"]
    # The newer value is still there, as history.
    data = home.vault.read_bytes()
    entry = forge.take_apart(data, forge.vault_key_of(data, 1, home.password)).entries[0]
    values = {version[5] for version in entry.content if version[1] == PASSWORD}
    assert values == {"old-canary", "new-canary"}
    assert home.run("show", "site", "--json").json()["conflicts"] == []


def test_restoring_again_changes_nothing(home):
    two_states(home)
    home.ok("backups", "restore", "1")
    before = home.vault.read_bytes()
    result = home.run("backups", "restore", "1")
    assert result.status == 0 and b"nothing was changed" in result.err and result.out == b""
    assert home.vault.read_bytes() == before


def test_an_entry_that_was_thrown_away_comes_back(home):
    title, secret = forge.version(TITLE, "site"), forge.version(PASSWORD, "old-canary")
    trash = forge.version(forge.TRASH, True, seen=[title, secret])
    install(home, forged(home, [forge.entry(1, title, secret)]))
    home.add("other")
    install(home, forged(home, [forge.entry(1, title, secret, trash)]))
    assert home.run("get", "site").status == 2
    restored = home.run("backups", "restore", "1", "--json").json()["restored"]
    assert [entry["fields"] for entry in restored] == [["trash"]]
    assert home.ok("get", "site") == b"old-canary\n"


def test_an_entry_that_was_purged_comes_back(home):
    title, secret = forge.version(TITLE, "site"), forge.version(PASSWORD, "old-canary")
    trash = forge.version(forge.TRASH, True, seen=[title, secret])
    purge = forge.version(forge.PURGE, "site", seen=[title, secret, trash])
    gone = [forge.trimmed(version) for version in (title, secret, trash)]
    install(home, forged(home, [forge.entry(1, title, secret)]))
    home.add("other")
    install(home, forged(home, [forge.entry(1, *gone, purge)]))
    assert home.ok("backups", "restore", "1").decode().startswith("site\t")
    assert home.ok("get", "site") == b"old-canary\n"


def test_an_entry_without_a_trace_is_added(home):
    title, secret = forge.version(TITLE, "site"), forge.version(PASSWORD, "old-canary")
    install(home, forged(home, [forge.entry(1, title, secret)]))
    home.add("other")
    install(home, forged(home, []))
    restored = home.run("backups", "restore", "1", "--json").json()["restored"]
    assert [(entry["title"], entry["added"]) for entry in restored] == [("site", True)]
    assert home.ok("get", "site") == b"old-canary\n"


def test_used_codes_stay_used(home):
    vault = forge.Vault()
    title = forge.version(TITLE, "site")
    fresh, used = (forge.code_set(vault, ["aaaa1111", "bbbb2222"], used=codes) for codes in ([], ["aaaa1111"]))
    before = [title, *fresh]
    use = [version for version in used if version not in fresh]
    assert len(use) == 1
    replaced = [version for version in fresh if version[1] == use[0][1]]
    after = [*before, forge.version(use[0][1], use[0][5], replaces=replaced, seed=7)]
    install(home, forged(home, [forge.entry(1, *before)]))
    home.add("other")
    install(home, forged(home, [forge.entry(1, *after)]))
    assert home.run("backups", "restore", "1", "--json").json()["restored"] == []
    assert home.run("show", "site", "--json").json()["codes"] == {"sets": 1, "unused": 1, "used": 1}


def test_replace_puts_the_file_back_and_keeps_the_present_one(coffer):
    coffer.add("one")
    wanted = coffer.vault.read_bytes()
    coffer.add("two")
    present = coffer.vault.read_bytes()
    assert numbers(coffer) == [2, 1]
    result = coffer.run("backups", "restore", "2", "--replace", "--yes")
    assert result.status == 0, result
    assert coffer.vault.read_bytes() == wanted
    assert coffer.vault.stat().st_mode & 0o777 == 0o600
    assert numbers(coffer) == [3, 2, 1]
    newest = coffer.run("backups", "--json", unlock=False).json()[0]
    assert Path(newest["path"]).read_bytes() == present
    coffer.add("three")
    assert coffer.ok("ls").decode().split() == ["one", "three"]


@pytest.mark.parametrize("damage", ["garbled", "gone"])
def test_replace_needs_nothing_of_the_present_file(coffer, damage):
    coffer.add("one")
    coffer.add("two")
    if damage == "gone":
        coffer.vault.unlink()
    else:
        coffer.vault.write_bytes(b"garbage" * 50)
    assert coffer.run("backups", "restore", "2", "--replace", "--yes").status == 0
    assert coffer.ok("ls") == b"one\t\n"


def test_replace_takes_the_password_of_the_backup(coffer):
    coffer.add("one")
    old, new = coffer.password, b"a new master password"
    fds = {"--password-fd": old + b"\n", "--new-password-fd": new + b"\n"}
    assert coffer.run("passwd", "--iterations", "600000", fds=fds).status == 0
    coffer.password = new
    before = coffer.vault.read_bytes()
    assert coffer.run("backups", "restore", "2", "--replace", "--yes").status == 3
    assert coffer.vault.read_bytes() == before
    coffer.password = old
    assert coffer.run("backups", "restore", "2", "--replace", "--yes").status == 0
    assert coffer.ok("ls") == b"one\t\n"


def test_replace_is_confirmed(coffer):
    coffer.add("one")
    before = coffer.vault.read_bytes()
    result = coffer.run("backups", "restore", "1", "--replace")
    assert result.status == 9 and b"--yes" in result.err
    assert coffer.vault.read_bytes() == before and numbers(coffer) == [1]


def test_a_damaged_backup_is_refused(coffer):
    coffer.add("one")
    coffer.add("two")
    backup = Path(coffer.run("backups", "--json", unlock=False).json()[0]["path"])
    data = backup.read_bytes()
    backup.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    before = coffer.vault.read_bytes()
    for options in ([], ["--replace", "--yes"]):
        assert coffer.run("backups", "restore", "2", *options).status == 4
        assert coffer.vault.read_bytes() == before
    leftovers = [path.name for path in coffer.home.iterdir() if ".tmp-" in path.name]
    assert leftovers == []


def test_an_unknown_number_is_not_found(coffer):
    coffer.add("one")
    result = coffer.run("backups", "restore", "7")
    assert result.status == 2 and b"backup 7" in result.err


def test_a_backup_of_another_vault_is_refused(coffer):
    coffer.add("one")
    backup = Path(coffer.run("backups", "--json", unlock=False).json()[0]["path"])
    backup.write_bytes(forged(coffer, []))
    assert coffer.run("backups", "restore", "1").status == 9
