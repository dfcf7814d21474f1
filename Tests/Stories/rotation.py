"""What the stories of coffer rotate share: vaults and machines, and rotating without a question."""

import pathlib
import sys

import pytest

from conflicts import with_second_value
from shared_folder import pair

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Independent"))
import vault_file as reader  # noqa: E402
import vault_forge as forge  # noqa: E402

NEW = b"a password of after"
COST = ("--iterations", "600000")
CODES = b"3f9a01c7 7f34038e beae0555 fe68071c\n"
HOTP = b"otpauth://hotp/t?secret=JBSWY3DPEHPK3PXP&counter=3"


def rotate(coffer, *arguments, new=None, recovery=("--no-recovery-key",), **options):
    """Rotates without a question, with another password if `new` is one; the result."""
    fds = {"--password-fd": coffer.password + b"\n"}
    if new is not None:
        fds["--new-password-fd"] = new + b"\n"
    result = coffer.run("rotate", "--yes", *COST, *recovery, *arguments, **{"fds": fds, **options})
    if result.status == 0 and new is not None:
        coffer.password = new
    return result


def rotated(coffer, *arguments, **options):
    result = rotate(coffer, *arguments, **options)
    assert result.status == 0, result
    return result


def epoch(path):
    return reader.read_header(path.read_bytes()).epoch


def backups(coffer):
    return sorted(coffer.vault.with_name("vault.coffer.backups").glob("*.coffer"))


def shown(coffer, *words):
    """What a command prints, with all secrets."""
    return coffer.ok(*words)


def todo(coffer):
    return coffer.run("rotate", "--todo", "--json").json()


def fields_to_change(coffer):
    return {entry["title"]: entry["fields"] for entry in todo(coffer)["entries"]}


@pytest.fixture
def full(coffer):
    """A vault with something of every kind."""
    coffer.add("bank", "--username", "me", "--url", "https://bank.example", "--tag", "money", password=b"first")
    coffer.ok("set", "bank", "password", "-", stdin=b"second\n")
    coffer.ok("set", "bank", "pin", "-", stdin=b"4711\n")
    coffer.ok("set", "bank", "branch", "Mitte", "--plain")
    coffer.ok("set", "bank", "notes", "-", stdin=b"two\nlines\n")
    coffer.ok("otp", "add", "bank", "--uri-stdin", "--yes", stdin=HOTP)
    coffer.ok("otp", "bank", "--next")
    coffer.ok("codes", "add", "bank", "-", stdin=CODES)
    coffer.ok("codes", "next", "bank")
    coffer.add("work/vk", password=b"one")
    with_second_value(coffer, forge.PASSWORD, "two")
    coffer.add("rubbish", password=b"in the trash")
    coffer.ok("rm", "rubbish")
    coffer.add("gone", password=b"canary-purged")
    coffer.ok("rm", "gone")
    coffer.ok("purge", "gone", "--yes")
    return coffer


def accept(machine, password, *arguments):
    """Takes over the new key, which opens with `password`; the machine knows it from then on."""
    result = machine.run("sync", "--accept-rotation", *arguments, fds={
        "--password-fd": machine.password + b"\n", "--other-password-fd": password + b"\n"})
    assert result.status == 0, result
    machine.password = password
    return result


@pytest.fixture
def machines(coffer, tmp_path):
    coffer.add("bank", password=b"one")
    return pair(coffer, tmp_path)
