"""coffer passwd: the master password changes, no cost ever gets lower, and nothing is revoked silently."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Independent"))
import vault_forge as forge

NEW = b"a quite different password"
FLOOR = 600_000
# The floor instead of a measurement: the outcome does not depend on the machine.
COST = ("--iterations", str(FLOOR))


def change(coffer, old=None, new=NEW, *arguments, **options):
    fds = {"--password-fd": (old or coffer.password) + b"\n", "--new-password-fd": new + b"\n"}
    return coffer.run("passwd", *COST, *arguments, fds=fds, **options)


def password_slot(coffer, **options):
    slots = coffer.run("keys", "--json", **options).json()
    return [slot for slot in slots if slot["role"] == "password"][0]


def test_the_new_password_opens_and_the_old_one_does_not(coffer):
    coffer.add("site", password=b"canary-4711")
    result = change(coffer)
    assert result.status == 0, result
    assert b"revokes nothing" in result.err and b"2 backups" in result.err
    assert NEW not in result.out + result.err and coffer.password not in result.out + result.err
    assert coffer.run("get", "site").status == 3
    coffer.password = NEW
    assert coffer.ok("get", "site") == b"canary-4711\n"


def test_a_test_slot_becomes_an_ordinary_one(coffer):
    assert password_slot(coffer)["test"] is True
    assert b"warning" in coffer.run("ls").err
    assert change(coffer).status == 0
    coffer.password = NEW
    assert password_slot(coffer) | {"test": False, "iterations": FLOOR} == password_slot(coffer)
    assert b"warning" not in coffer.run("ls").err


def test_both_passwords_come_through_one_descriptor(coffer):
    both = coffer.home / "both"
    both.write_bytes(coffer.password + b"\n" + NEW + b"\n")
    with both.open("rb") as file:
        number = file.fileno()
        result = coffer.run(
            "passwd", *COST, "--password-fd", number, "--new-password-fd", number, unlock=False,
            preexec_fn=lambda: __import__("os").set_inheritable(number, True), close_fds=False)
    assert result.status == 0, result
    coffer.password = NEW
    assert coffer.run("ls").status == 0


def test_the_recovery_key_sets_a_new_password(home):
    kit = home.home / "kit"
    home.init("--kit", kit)
    key = re.search(rb"CR1-[0-9A-Z-]+", kit.read_bytes()).group()
    fds = {"--recovery-key-fd": key + b"\n", "--new-password-fd": NEW + b"\n"}
    result = home.run("passwd", *COST, fds=fds)
    assert result.status == 0, result
    assert key not in result.out + result.err
    assert home.run("ls").status == 3
    home.password = NEW
    assert home.run("ls").status == 0
    # The recovery key is still what it was.
    assert home.run("kit", "check", fds={"--recovery-key-fd": key + b"\n"}).status == 0


def test_a_wrong_old_password_changes_nothing(coffer):
    before = coffer.vault.read_bytes()
    assert change(coffer, old=b"wrong").status == 3
    assert coffer.vault.read_bytes() == before


@pytest.mark.parametrize("new", [b"", b"x" * 1025, b"\xff\xfe", b"a\0b"])
def test_a_bad_new_password_changes_nothing(coffer, new):
    before = coffer.vault.read_bytes()
    assert change(coffer, new=new).status == 64
    assert coffer.vault.read_bytes() == before


def test_without_a_terminal_the_new_password_is_asked_for_by_its_option(coffer):
    result = coffer.run("passwd")
    assert result.status == 64 and b"--new-password-fd" in result.err


def test_a_cost_below_the_floor_is_refused(coffer):
    result = coffer.run("passwd", "--iterations", "599999", fds={
        "--password-fd": coffer.password + b"\n", "--new-password-fd": NEW + b"\n"})
    assert result.status == 64
    assert coffer.run("passwd", "--unsafe-test-kdf").status == 64


def test_iterations_lowered_in_the_file_do_not_lower_the_new_slot(home):
    vault = forge.Vault(entries=[forge.entry(1, forge.version(forge.TITLE, "site"))])
    vault.slots = [forge.password_slot(vault, home.password.decode(), iterations=1, flags=forge.TEST_KDF)]
    home.vault.write_bytes(forge.write(vault))
    home.vault.chmod(0o600)
    fds = {"--password-fd": home.password + b"\n", "--new-password-fd": NEW + b"\n"}
    result = home.run("passwd", "--unlock-seconds", "0.001", fds=fds)
    assert result.status == 0, result
    home.password = NEW
    slot = password_slot(home)
    assert slot["iterations"] >= FLOOR and slot["test"] is False


def test_iterations_below_the_floor_without_the_test_flag_are_refused_before_any_work(home):
    vault = forge.Vault()
    vault.slots = [forge.password_slot(vault, home.password.decode(), iterations=599_999, flags=0)]
    home.vault.write_bytes(forge.write(vault))
    result = change(home)
    assert result.status == 7, result


def test_a_higher_cost_stays_higher(home):
    vault = forge.Vault()
    vault.slots = [forge.password_slot(vault, home.password.decode(), iterations=700_001, flags=0)]
    home.vault.write_bytes(forge.write(vault))
    assert change(home).status == 0
    home.password = NEW
    assert password_slot(home)["iterations"] == 700_001


def test_the_key_file_stays_unless_it_is_given_up(home):
    key = home.home / "key"
    home.init("--key-file", key)
    before = home.vault.read_bytes()
    assert change(home).status == 3  # without the key file nothing opens
    assert home.vault.read_bytes() == before
    assert change(home, None, NEW, "--key-file", key).status == 0
    home.password = NEW
    assert home.run("ls").status == 3
    assert home.run("ls", "--key-file", key).status == 0
    assert change(home, NEW, b"third password", "--key-file", key, "--drop-key-file").status == 0
    home.password = b"third password"
    assert home.run("ls").status == 0


def test_by_recovery_key_the_key_file_must_be_named_or_given_up(home):
    kit, key = home.home / "kit", home.home / "key"
    home.init("--kit", kit, "--key-file", key)
    recovery = re.search(rb"CR1-[0-9A-Z-]+", kit.read_bytes()).group() + b"\n"
    fds = {"--recovery-key-fd": recovery, "--new-password-fd": NEW + b"\n"}
    refused = home.run("passwd", *COST, fds=fds)
    assert refused.status == 9 and b"--drop-key-file" in refused.err
    assert home.run("passwd", *COST, "--drop-key-file", fds=fds).status == 0
    home.password = NEW
    assert home.run("ls").status == 0
