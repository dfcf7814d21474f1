"""The program and the independent reader say the same of one file: of the golden ones, and of one just written."""

import hashlib
import json
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest

import vault_forge as forge

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "Stories"))
from conftest import Coffer, pipe_with  # noqa: E402

GOLDEN = TESTS / "Vectors/golden"
READER = TESTS.parent / "scripts/read_vault.py"
PASSWORDS = {
    "vk-cloud": "correct horse battery staple", "key-file": "second password", "argon2id": "ключ pa\u0308ssword",
    "empty": "empty", "large": "large", "history": "history",
}


def read(path, option, line, *arguments):
    """What the independent reader prints."""
    descriptor = pipe_with(line)
    done = subprocess.run(
        ["/usr/bin/python3", READER, path, option, str(descriptor), *arguments], pass_fds=[descriptor],
        capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stderr == b"", done
    return json.loads(done.stdout)


def key_file(name):
    return ["--key-file", str(GOLDEN / "key-file.key")] if name == "key-file" else []


def assert_program_shows(coffer, entries, *arguments):
    """`coffer show --json --reveal` of each entry; a purged one is not found. Returns how many were compared.

    The other readers tell a counter-based password as it was saved, the program with the counter where it is now.
    """
    for entry in entries:
        result = coffer.run("show", "id:" + entry["id"], "--json", "--reveal", "--pick", "newest", *arguments)
        if entry["state"] == "purged":
            assert result.status == 2, result
        else:
            shown = result.json()
            saved = entry["secrets"].get("otp", "")
            if saved.startswith("otpauth://hotp/"):
                assert_goes_on(shown["secrets"].pop("otp"), saved)
                entry = {**entry, "secrets": {name: text for name, text in entry["secrets"].items() if name != "otp"}}
            assert shown == entry
    return len(entries)


def assert_goes_on(shown, saved):
    """The same counter-based password, whose counter has gone on or stands where it was."""
    now, before = (urllib.parse.urlsplit(uri) for uri in (shown, saved))
    usual = {"algorithm": "SHA1", "digits": "6"}
    now, before = ({"path": uri.path, **usual, **dict(urllib.parse.parse_qsl(uri.query))} for uri in (now, before))
    assert int(now.pop("counter")) >= int(before.pop("counter"))
    assert now == before


def test_no_golden_file_was_made_anew():
    listed = dict(reversed(line.split()) for line in (GOLDEN / "SHA256SUMS").read_text().splitlines())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in GOLDEN.glob("*.coffer")}
    assert found == listed and set(PASSWORDS) == {name.removesuffix(".coffer") for name in found}


@pytest.mark.parametrize("name", PASSWORDS)
def test_a_golden_file_is_read_by_both(tmp_path, name):
    coffer = Coffer(tmp_path / "home", PASSWORDS[name].encode())
    data = (GOLDEN / f"{name}.coffer").read_bytes()
    coffer.vault.write_bytes(data)
    expected = json.loads((GOLDEN / f"{name}.json").read_text())
    assert read(coffer.vault, "--password-fd", coffer.password + b"\n", *key_file(name)) == expected
    assert assert_program_shows(coffer, expected, *key_file(name)) == len(expected)
    assert coffer.ok("verify", "--deep", *key_file(name)).startswith(b"ok: ")
    assert coffer.vault.read_bytes() == data


def test_the_recovery_key_opens_the_golden_file_in_both(tmp_path):
    line = (GOLDEN / "vk-cloud.recovery-key").read_bytes()
    expected = json.loads((GOLDEN / "vk-cloud.json").read_text())
    path = GOLDEN / "vk-cloud.coffer"
    assert read(path, "--recovery-key-fd", line) == expected
    coffer = Coffer(tmp_path / "home")
    shown = coffer.run("show", "work/vk-cloud", "--json", "--reveal", "--vault", path, fds={"--recovery-key-fd": line})
    assert shown.json() in expected


@pytest.mark.parametrize("name", PASSWORDS)
def test_another_program_writes_a_golden_file_to_the_same_bytes(name):
    """The forge shares no code with the program: two writers agree on every byte."""
    data = (GOLDEN / f"{name}.coffer").read_bytes()
    secret = forge.reader.normalised_password(PASSWORDS[name].encode())
    opened_with = (GOLDEN / "key-file.key").read_bytes() if name == "key-file" else None
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, secret, opened_with))
    assert forge.write(vault) == data


def test_a_vault_that_was_just_written_is_read_by_both(tmp_path):
    """Every kind of field and edit that the command line can make."""
    home = Coffer(tmp_path / "home")
    kit = home.home / "kit.txt"
    home.init("--kit", str(kit))
    home.add("work/vk", "--username", "anna@example.com", "--url", "https://b.example", "--url", "https://a.example",
             "--tag", "work", "--tag", "бюджет", "--template", "vk-cloud", password="пароль 🗝".encode())
    home.ok("set", "work/vk", "notes", "-", stdin="first\n\nthird \u202e\n".encode())
    home.ok("set", "work/vk", "pin", "-", stdin=b"1234\n")
    home.ok("set", "work/vk", "project-id", "mcs1", "--plain")
    home.ok("otp", "add", "work/vk", "--uri-stdin", stdin=b"otpauth://totp/a%40b?secret=jbswy3dpehpk3pxp&issuer=MCS")
    home.ok("codes", "add", "work/vk", "-", stdin=b"3f9a01c7 88d2e4b0 1b6c90ff")
    home.ok("codes", "next", "work/vk")
    home.ok("codes", "replace", "work/vk", "-", "--yes", stdin=b"aaaa0001 aaaa0002")
    for number in range(13):
        home.ok("set", "work/vk", "password", "-", stdin=b"p%d\n" % number)
    home.ok("undo", "work/vk", "password")
    home.add("token")
    home.ok("otp", "add", "token", "--uri-stdin", stdin=b"otpauth://hotp/t?secret=JBSWY3DPEHPK3PXP&counter=3")
    home.ok("otp", "token", "--next")
    for title in ("trashed", "purged", "joined"):
        home.add(title, "--username", "jo")
    home.ok("rm", "trashed")
    home.ok("rm", "purged")
    home.ok("purge", "purged", "--yes")
    home.ok("join", "token", "joined")
    home.ok("mv", "token", "a token")

    by_password = read(home.vault, "--password-fd", home.password + b"\n")
    recovery_key = re.search(rb"CR1-[0-9A-Z-]+", kit.read_bytes()).group()
    assert read(home.vault, "--recovery-key-fd", recovery_key) == by_password
    assert assert_program_shows(home, by_password) == 4
    assert {entry["state"] for entry in by_password} == {"live", "trash", "purged"}
    # The list says the same, but for secrets.
    listed = {entry["id"]: entry for entry in home.run("ls", "--json").json() + home.run("ls", "--trash", "--json").json()}
    for entry in by_password:
        without = {key: value for key, value in entry.items() if key != "secrets"}
        if entry["state"] == "purged":
            continue
        assert listed[entry["id"]] == without
    assert home.ok("find", "jo", "token") == b"a token\tjo\n"
