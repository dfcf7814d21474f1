"""coffer verify: every flipped bit is noticed, all damage is named, and what is intact is rescued."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROGRAM

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Independent"))
import vault_forge as forge

# A debug build derives keys and seals slowly: there a sample has to do.
IS_DEBUG = "debug" in PROGRAM
FLIP_STEP = 23 if IS_DEBUG else 1
SALVAGE_COUNT = 40 if IS_DEBUG else 250
CANARIES = {"one": "canary-one", "two": "canary-two"}
TEST_KDF = ("--unsafe-test-kdf", "--iterations", "1")


def forged(home, count=2):
    """A vault with a single slot and some entries; returns the parts of its file."""
    vault = forge.Vault(entries=[
        forge.entry(number + 1, forge.version(forge.TITLE, title), forge.version(forge.PASSWORD, password))
        for number, (title, password) in enumerate(list(CANARIES.items())[:count])])
    vault.slots = [forge.password_slot(vault, home.password.decode())]
    data = forge.write(vault)
    home.vault.write_bytes(data)
    home.vault.chmod(0o600)
    return forge.split(data)


def flip(data, bit):
    return data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:]


class Quick:
    """Runs the program many times on changed files with as little as possible around it."""

    def __init__(self, home):
        self.path = home.home / "flipped.coffer"
        self.password = home.home / "password"
        self.password.write_bytes(home.password + b"\n")
        self.environment = home.environment

    def run(self, data, *arguments):
        self.path.write_bytes(data)
        with self.password.open("rb") as password:
            return subprocess.run(
                [PROGRAM, *arguments, "--vault", str(self.path), "--password-fd", "0", "--no-input"],
                stdin=password, capture_output=True, close_fds=False, env=self.environment, timeout=60)


def test_a_whole_vault_is_ok(coffer):
    for title, password in CANARIES.items():
        coffer.add(title, password=password.encode())
    assert coffer.ok("verify") == b"ok: header, index and 2 entries\n"
    assert coffer.ok("verify", "--deep") == b"ok: header, index and 2 entries, all opened\n"
    assert coffer.run("verify", "--json").json() == {"ok": True, "entries": 2, "deep": False, "damaged": []}
    assert coffer.run("verify", "--json", "--deep").json()["deep"] is True


def test_every_flipped_bit_is_noticed(home):
    parts = forged(home, count=1)
    header, data = parts[0], parts[0] + parts[1] + b"".join(parts[2])
    quick = Quick(home)
    tested = 0
    for bit in range(0, len(data) * 8, FLIP_STEP):
        result = quick.run(flip(data, bit), "verify")
        # A slot that does not open cannot tell a wrong password from an altered slot.
        allowed = {3, 4, 7} if bit // 8 < len(header) else {4}
        assert result.returncode in allowed, (bit, result)
        assert result.stdout == b"" and b"canary" not in result.stderr, (bit, result)
        tested += 1
    print(f"{tested} flipped bits, all noticed")
    assert tested == -(-len(data) * 8 // FLIP_STEP)


def test_what_is_intact_is_rescued_whichever_bit_flips(home):
    header, index, frames = forged(home)
    data = header + index + b"".join(frames)
    quick = Quick(home)
    draw = random.Random(20240501)
    # Vault id, epoch and the only slot are needed; the rest of the header is not.
    slot_start = header.index(forge.encode(0) + forge.encode(forge.seeded(16, "slot", 0))) - 1
    slot_end = len(header) - 32 - 8
    needed = set(range(20 + 3, 20 + 3 + 16 + 2)) | set(range(slot_start, slot_end))
    candidates = [bit for bit in range(len(data) * 8) if bit // 8 not in needed]
    rescued_count = 0
    for number, bit in enumerate(draw.sample(candidates, SALVAGE_COUNT)):
        output = home.home / f"rescued-{number}.coffer"
        result = quick.run(
            flip(data, bit), "verify", "--salvage", str(output), "--json", "--no-recovery-key", *TEST_KDF)
        byte = bit // 8 - len(header) - len(index)
        hit = None if byte < 0 else 0 if byte < len(frames[0]) else 1
        assert result.returncode == 0, (bit, result)
        expected = [title for place, title in enumerate(CANARIES) if place != hit]
        assert json.loads(result.stdout)["rescued"] == len(expected), (bit, result)
        if hit is not None:
            missing = [entry["title"] for entry in json.loads(result.stdout)["missing"]]
            assert missing == [list(CANARIES)[hit]], (bit, result)
        for title in expected:
            value = quick.run(output.read_bytes(), "get", title)
            assert value.stdout == CANARIES[title].encode() + b"\n", (bit, value)
        rescued_count += len(expected)
    print(f"{SALVAGE_COUNT} damaged files, {rescued_count} entries rescued")


def test_all_damaged_entries_are_named_not_only_the_first(home):
    header, index, frames = forged(home)
    broken = [frame[:-1] + bytes([frame[-1] ^ 1]) for frame in frames]
    home.vault.write_bytes(header + index + b"".join(broken))
    result = home.run("verify", "--json")
    assert result.status == 4
    assert result.json()["ok"] is False
    assert [entry["title"] for entry in result.json()["damaged"]] == ["one", "two"]
    assert result.err.count(b"coffer: damaged: ") == 2 and b"2 of 2 entries" in result.err
    assert b"canary" not in result.err + result.out


def test_the_damaged_file_stays_as_it_is_and_the_new_vault_is_another(home):
    header, index, frames = forged(home)
    cut = header + index + frames[0] + frames[1][:-9]
    home.vault.write_bytes(cut)
    output = home.home / "rescued.coffer"
    result = home.run("verify", "--salvage", output, "--no-recovery-key", *TEST_KDF)
    assert result.status == 0, result
    assert b"Rescued 1 of 2 entries" in result.out and b"missing: two" in result.out
    assert home.vault.read_bytes() == cut
    new = output.read_bytes()
    # No part of the old header is used again: vault id, epoch check and slot are new.
    body, old_body = forge.decode(forge.split(new)[0][20:-32]), forge.decode(header[20:-32])
    assert body[0] != old_body[0] and body[2] != old_body[2] and body[3] != old_body[3]
    assert output.stat().st_mode & 0o777 == 0o600
    assert home.ok("verify", "--deep", "--vault", output) == b"ok: header, index and 1 entry, all opened\n"


def test_salvage_with_a_lost_index_says_that_it_cannot_know(home):
    header, index, frames = forged(home)
    home.vault.write_bytes(header + bytes(len(index)) + b"".join(frames))
    output = home.home / "rescued.coffer"
    result = home.run("verify", "--salvage", output, "--no-recovery-key", "--json", *TEST_KDF)
    assert result.json() == {"output": str(output), "rescued": 2, "missing": None}


def test_salvage_can_set_a_new_password_and_write_a_sheet(home):
    forged(home)
    output, kit = home.home / "rescued.coffer", home.home / "kit"
    fds = {"--password-fd": home.password + b"\n", "--new-password-fd": b"another password\n"}
    assert home.run("verify", "--salvage", output, "--kit", kit, *TEST_KDF, fds=fds).status == 0
    assert b"CR1-" in kit.read_bytes()
    home.password = b"another password"
    assert home.ok("get", "one", "--vault", output) == b"canary-one\n"


@pytest.mark.parametrize("arguments,status,hint", [
    (["--no-recovery-key", "--salvage", "{there}"], 9, b"already"),
    (["--salvage", "{new}"], 64, b"--kit FILE or --no-recovery-key"),
    (["--no-recovery-key"], 64, b"--salvage"),
    (["--deep", "--salvage", "{new}", "--no-recovery-key"], 64, b"--deep"),
])
def test_salvage_refuses(home, arguments, status, hint):
    forged(home)
    there = home.home / "there"
    there.write_text("mine")
    words = [word.format(there=there, new=home.home / "new.coffer") for word in arguments]
    result = home.run("verify", *words)
    assert result.status == status and hint in result.err, result
    assert there.read_text() == "mine" and not (home.home / "new.coffer").exists()


def test_salvage_with_a_wrong_password_makes_nothing(home):
    forged(home)
    home.password = b"wrong"
    output = home.home / "rescued.coffer"
    assert home.run("verify", "--salvage", output, "--no-recovery-key", *TEST_KDF).status == 3
    assert not output.exists()


def test_a_file_without_any_intact_entry_makes_no_vault(home):
    header, index, frames = forged(home)
    home.vault.write_bytes(header + index)
    output = home.home / "rescued.coffer"
    result = home.run("verify", "--salvage", output, "--no-recovery-key", *TEST_KDF)
    assert result.status == 4 and not output.exists()


def test_what_is_no_vault_is_told_from_a_damaged_one(home):
    home.vault.write_bytes(os.urandom(2000))
    assert home.run("verify").status == 7
    home.vault.unlink()
    assert home.run("verify").status == 2
