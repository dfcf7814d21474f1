"""coffer kit: a new recovery key, and checking the one on paper."""

import re
import stat

import pexpect
import pytest

from conftest import PROGRAM


def key_in(text):
    return re.search(rb"CR1(-[0-9A-Z]{4}){9}", text).group()


def check(coffer, key):
    return coffer.run("kit", "check", fds={"--recovery-key-fd": key + b"\n"})


@pytest.fixture
def kit(home):
    """A vault, and the recovery key from its sheet."""
    sheet = home.home / "kit.txt"
    home.init("--kit", sheet)
    return home, key_in(sheet.read_bytes())


def test_the_right_key_is_recognised_however_it_is_written(kit):
    coffer, key = kit
    result = check(coffer, key)
    assert result.status == 0 and result.out.startswith(b"This recovery key opens")
    assert key not in result.out + result.err
    assert check(coffer, key.lower().replace(b"-", b" ")).status == 0


def test_another_key_is_refused_with_3(kit):
    coffer, key = kit
    sheet = coffer.home / "other.txt"
    coffer.ok("kit", "new", "--output", sheet)
    result = check(coffer, key)
    assert result.status == 3 and result.out == b"" and b"recovery key does not open" in result.err
    assert check(coffer, key_in(sheet.read_bytes())).status == 0


def test_a_typing_mistake_is_told_from_a_wrong_key(kit):
    coffer, key = kit
    typo = key[:-1] + (b"0" if key[-1:] != b"0" else b"1")
    result = check(coffer, typo)
    assert result.status == 3 and b"typing mistake" in result.err
    assert check(coffer, b"CR1-0000").status == 3


def test_a_master_password_is_no_recovery_key(kit):
    coffer, _ = kit
    assert coffer.run("kit", "check").status == 64  # with --password-fd


def test_without_a_terminal_check_needs_the_descriptor(kit):
    coffer, _ = kit
    assert coffer.run("kit", "check", unlock=False).status == 5


def test_new_writes_the_sheet_for_its_owner_only(kit):
    coffer, old = kit
    sheet = coffer.home / "new.txt"
    result = coffer.run("kit", "new", "-o", sheet)
    assert result.status == 0 and b"revokes nothing" in result.err
    key = key_in(sheet.read_bytes())
    assert key != old and key not in result.out + result.err
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600


def test_new_never_overwrites_a_file(kit):
    coffer, key = kit
    sheet = coffer.home / "there.txt"
    sheet.write_text("mine")
    before = coffer.vault.read_bytes()
    assert coffer.run("kit", "new", "--output", sheet).status == 9
    assert sheet.read_text() == "mine" and coffer.vault.read_bytes() == before
    assert check(coffer, key).status == 0


def test_no_sheet_stays_when_the_vault_cannot_be_saved(kit):
    coffer, key = kit
    sheet = coffer.home / "kept.txt"
    # A folder in the place of the lock: the save fails after the sheet was written.
    lock = coffer.home / "vault.coffer.lock"
    lock.unlink()
    lock.mkdir()
    result = coffer.run("kit", "new", "--output", sheet)
    lock.rmdir()
    assert result.status == 1, result
    assert not sheet.exists()
    assert check(coffer, key).status == 0


def test_new_without_a_terminal_needs_a_file(kit):
    coffer, _ = kit
    result = coffer.run("kit", "new")
    assert result.status == 64 and b"--output" in result.err


def on_terminal(coffer, *arguments):
    child = pexpect.spawn(
        PROGRAM, [str(word) for word in arguments], env=coffer.environment, cwd=str(coffer.home), timeout=30)
    child.expect("Master password.*: ")
    child.sendline(coffer.password)
    return child


def answer_group(child, key, wrong=False):
    child.expect(rb"Type group (\d) ")
    group = key.split(b"-")[int(child.match.group(1))]
    child.expect(": ")
    child.sendline(b"ZZZZ" if wrong else group)


def test_new_on_a_terminal_asks_two_groups_back(kit):
    coffer, old = kit
    child = on_terminal(coffer, "kit", "new")
    child.expect(rb"CR1(-[0-9A-Z]{4}){9}")
    key = child.match.group()
    answer_group(child, key)
    answer_group(child, key, wrong=True)
    answer_group(child, key)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert check(coffer, key).status == 0 and check(coffer, old).status == 3


def test_a_key_that_was_not_confirmed_does_not_count(kit):
    coffer, old = kit
    before = coffer.vault.read_bytes()
    child = on_terminal(coffer, "kit", "new")
    child.expect(rb"CR1(-[0-9A-Z]{4}){9}")
    key = child.match.group()
    for _ in range(3):
        answer_group(child, key, wrong=True)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 9
    assert coffer.vault.read_bytes() == before and check(coffer, old).status == 0
