"""coffer keys: what opens the vault, and the key file."""

import stat
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Independent"))
import vault_forge as forge


def test_the_slots_are_listed(home):
    home.init("--kit", home.home / "kit", "--machine", "laptop")
    slots = {slot["role"]: slot for slot in home.run("keys", "--json").json()}
    assert set(slots) == {"password", "recovery"}
    assert slots["password"]["kdf"] == "pbkdf2-hmac-sha512" and slots["password"]["iterations"] == 1
    assert slots["password"]["test"] is True and slots["password"]["key_file"] is False
    assert slots["recovery"]["kdf"] == "none" and "iterations" not in slots["recovery"]
    assert all(slot["machine"] == "laptop" and len(slot["id"]) == 32 for slot in slots.values())
    table = home.ok("slots").decode()
    assert "pbkdf2-hmac-sha512" in table and slots["password"]["id"][:8] in table


def test_a_key_file_is_made_and_needed_from_then_on(coffer):
    coffer.add("site", password=b"canary-1")
    key = coffer.home / "key"
    result = coffer.run("keys", "--json", "--add-key-file", key)
    assert result.status == 0, result
    assert [slot["key_file"] for slot in result.json()] == [True]
    assert result.json()[0]["iterations"] >= 600_000 and result.json()[0]["test"] is False
    assert b"nothing opens the vault" in result.err and b"coffer kit new" in result.err
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_bytes().strip() not in result.out + result.err
    assert coffer.run("get", "site").status == 3
    assert coffer.ok("get", "site", "--key-file", key) == b"canary-1\n"
    other = coffer.home / "other"
    other.write_bytes(b"y" * 64)
    wrong_file = coffer.run("get", "site", "--key-file", other)
    assert wrong_file.status == 3
    # A wrong password and a wrong key file are told in the same words.
    coffer.password = b"wrong"
    assert coffer.run("get", "site", "--key-file", key).err == wrong_file.err


def test_a_key_file_that_is_there_is_used_as_it_is(coffer):
    key = coffer.home / "key"
    key.write_bytes(b"k" * 32)
    assert coffer.run("keys", "--add-key-file", key).status == 0
    assert key.read_bytes() == b"k" * 32
    assert coffer.run("ls", "--key-file", key).status == 0


def test_an_unfit_key_file_changes_nothing(coffer):
    before = coffer.vault.read_bytes()
    short = coffer.home / "short"
    short.write_bytes(b"k" * 31)
    assert coffer.run("keys", "--add-key-file", short).status == 3
    assert coffer.run("keys", "--add-key-file", coffer.home / "no" / "folder").status == 1
    assert coffer.vault.read_bytes() == before


def test_two_live_passwords_are_warned_of(home):
    vault = forge.Vault()
    password = home.password.decode()
    vault.slots = sorted(
        (forge.password_slot(vault, text, seed=seed) for seed, text in enumerate([password, "the other machine's"])),
        key=lambda slot: slot[0])
    home.vault.write_bytes(forge.write(vault))
    result = home.run("keys")
    assert result.status == 0 and b"two master passwords" in result.err
    new = b"the one that was chosen"
    fds = {"--password-fd": home.password + b"\n", "--new-password-fd": new + b"\n"}
    chosen = home.run("passwd", "--iterations", "600000", fds=fds)
    assert chosen.status == 0 and b"takes the place of 2 passwords" in chosen.err
    home.password = new
    assert len(home.run("keys", "--json").json()) == 1
    assert b"two master passwords" not in home.run("keys").err
