"""coffer otp import-google and export-google: accounts of a phone's authenticator, in and out."""

import base64
import os
import sys
import urllib.parse

import pytest

from conftest import TREE
from pictures import KEY, OTHER_URI, URI, code, decoded, saved, screenshot

sys.path.insert(0, str(TREE / "Tests/Independent"))

FIXTURES = TREE.parent / "shared/fixtures/google-authenticator-migration"


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def account(name, key, issuer="", algorithm=1, digits=1, kind=2, counter=0):
    body = field(1, key) + field(2, name.encode()) + field(3, issuer.encode()) + field(4, algorithm) + field(5, digits)
    return body + field(6, kind) + (field(7, counter) if kind == 1 else b"")


def text(accounts, size=1, index=0, batch=7):
    message = b"".join(field(1, one) for one in accounts)
    message += field(2, 1) + field(3, size) + field(4, index) + field(5, batch)
    return "otpauth-migration://offline?data=" + urllib.parse.quote(base64.b64encode(message).decode(), safe="")


VK = account("VK Cloud:me@example.com", base64.b32decode(KEY), "VK Cloud")
MAIL = account("me", b"12345678901234567890", "Mail")
COUNTING = account("token", b"12345678901234567890", "Token", kind=1, counter=5)


def titles(coffer):
    return sorted((one["title"], one["username"]) for one in coffer.run("ls", "--json").json())


def test_all_accounts_of_a_picture_come_in_at_once(coffer, tmp_path):
    picture = saved(screenshot(code(text([VK, MAIL, COUNTING]), size=4)), tmp_path / "export.png")
    coffer.ok("otp", "import-google", picture)
    assert titles(coffer) == [("Mail", "me"), ("Token", "token"), ("VK Cloud", "me@example.com")]
    assert coffer.ok("get", "VK Cloud", "otp-secret").decode().strip() == KEY
    assert "counter=5" in coffer.ok("get", "Token", "otp-uri").decode()


def test_it_is_one_save(coffer, tmp_path):
    before = len(list(coffer.home.glob("vault.coffer.backups/*")))
    coffer.ok("otp", "import-google", "--uri-stdin", stdin=text([VK, MAIL, COUNTING]).encode())
    assert len(list(coffer.home.glob("vault.coffer.backups/*"))) == before + 1


def test_parts_come_in_any_order_and_from_several_files(coffer, tmp_path):
    first = saved(code(text([VK], 2, 0)), tmp_path / "1.png")
    (tmp_path / "2.txt").write_text("# the second\n\n" + text([MAIL], 2, 1) + "\n")
    coffer.ok("otp", "import-google", tmp_path / "2.txt", first)
    assert titles(coffer) == [("Mail", "me"), ("VK Cloud", "me@example.com")]


def test_two_parts_in_one_picture(coffer, tmp_path):
    both = screenshot(code(text([VK], 2, 0), size=3), code(text([MAIL], 2, 1), size=3))
    coffer.ok("otp", "import-google", saved(both, tmp_path / "both.png"))
    assert len(titles(coffer)) == 2


def test_a_missing_part_is_named_and_nothing_is_taken(coffer):
    part = text([MAIL], 3, 1).encode()
    before = coffer.vault.read_bytes()
    refused = coffer.run("otp", "import-google", "--uri-stdin", stdin=part)
    assert refused.status == 9 and b"3 parts" in refused.err and b"1, 3" in refused.err
    assert coffer.vault.read_bytes() == before
    coffer.ok("otp", "import-google", "--uri-stdin", "--partial", stdin=part)
    assert titles(coffer) == [("Mail", "me")]


def test_parts_of_two_exports_are_not_put_together(coffer):
    lines = text([VK], 2, 0, batch=1) + "\n" + text([MAIL], 2, 1, batch=2) + "\n"
    assert coffer.run("otp", "import-google", "--uri-stdin", stdin=lines.encode()).status == 64
    assert titles(coffer) == []


def test_what_is_there_is_kept_unless_it_is_meant(coffer):
    coffer.add("Mail", "--username", "me")
    coffer.add("VK Cloud", "--username", "me@example.com")
    coffer.ok("otp", "add", "VK Cloud", "--key-stdin", stdin=b"GEZDGNBVGY3TQOJQ")
    result = coffer.run("otp", "import-google", "--uri-stdin", stdin=text([VK, MAIL]).encode())
    assert result.status == 0 and b"--yes" in result.err
    assert coffer.ok("get", "VK Cloud", "otp-secret").strip() == b"GEZDGNBVGY3TQOJQ"
    assert coffer.run("show", "Mail", "--json").json()["has"]["otp"]
    coffer.ok("otp", "import-google", "--uri-stdin", "--yes", stdin=text([VK, MAIL]).encode())
    assert coffer.ok("get", "VK Cloud", "otp-secret").decode().strip() == KEY
    again = coffer.run("otp", "import-google", "--uri-stdin", "--yes", stdin=text([VK, MAIL]).encode())
    assert again.err.count(b"already") == 2
    assert len(titles(coffer)) == 2


def test_a_dry_run_changes_nothing(coffer):
    before = coffer.vault.read_bytes()
    result = coffer.run("otp", "import-google", "--uri-stdin", "--dry-run", stdin=text([VK, MAIL]).encode())
    assert result.status == 0 and b"Would add VK Cloud" in result.err
    assert coffer.vault.read_bytes() == before


def test_what_cannot_be_taken_over_is_named(coffer):
    md5 = account("old", b"12345678901234567890", "Old", algorithm=4)
    result = coffer.run("otp", "import-google", "--uri-stdin", stdin=text([VK, md5]).encode())
    assert result.status == 0 and b"left out Old" in result.err
    assert titles(coffer) == [("VK Cloud", "me@example.com")]


def test_two_accounts_of_one_name_both_come_in(coffer):
    other = account("VK Cloud:me@example.com", b"another key of ours!", "VK Cloud")
    for _ in range(2):
        coffer.ok("otp", "import-google", "--uri-stdin", stdin=text([VK, other]).encode())
        assert len(titles(coffer)) == 2


def test_a_name_from_outside_is_no_query(coffer):
    """Titles may look like what the command line understands in another way."""
    coffer.add("a", "--username", "b")
    coffer.ok("otp", "add", "a", "--key-stdin", stdin=KEY.encode())
    entry = coffer.run("show", "a", "--json").json()["id"]
    hostile = [account("a@b", b"12345678901234567890"), account("x", b"12345678901234567891", f"id:{entry}")]
    coffer.ok("otp", "import-google", "--uri-stdin", "--yes", stdin=text(hostile).encode())
    assert coffer.ok("get", "a", "otp-secret", "--username", "b").decode().strip() == KEY
    assert len(titles(coffer)) == 3


@pytest.mark.parametrize("bad", [
    "otpauth-migration://offline?data=", "otpauth-migration://offline?data=!!!!", "otpauth-migration://offline",
    "otpauth-migration://offline?data=CgcKBWhlbGxv%", "otpauth-migration://offline?data=" + "A" * 70_000,
    "otpauth-migration://offline?data=" + urllib.parse.quote(base64.b64encode(b"\x0a\xff\xff\xff\xff\x0f").decode(), safe=""),
])
def test_a_damaged_text_is_refused(coffer, bad):
    before = coffer.vault.read_bytes()
    refused = coffer.run("otp", "import-google", "--uri-stdin", stdin=bad.encode() + b"\n")
    assert refused.status in (2, 64, 7), refused
    assert coffer.vault.read_bytes() == before


def test_one_account_of_an_export_is_enough_for_otp_add(coffer, tmp_path):
    coffer.add("vk")
    coffer.ok("otp", "add", "vk", "--qr", saved(code(text([VK])), tmp_path / "one.png"))
    assert coffer.ok("get", "vk", "otp-secret").decode().strip() == KEY


def test_a_published_picture_is_read(coffer):
    picture = FIXTURES / "scito.example_export.png"
    if not picture.exists():
        picture = None
    if picture:
        coffer.ok("otp", "import-google", picture, "--partial")
        assert titles(coffer)


# Out

@pytest.fixture
def filled(coffer):
    for uri, title in ((URI, "vk"), (OTHER_URI, "mail")):
        coffer.add(title)
        coffer.ok("otp", "add", title, "--uri-stdin", stdin=uri.encode())
    return coffer


def test_what_is_exported_comes_in_again(filled, tmp_path, tmp_path_factory):
    picture = tmp_path / "export.png"
    filled.ok("otp", "export-google", "--output", picture)
    assert picture.stat().st_mode & 0o777 == 0o600
    assert decoded(picture).startswith(b"otpauth-migration://offline?data=")
    keys = {filled.ok("get", title, "otp-secret") for title in ("vk", "mail")}
    other = filled.home / "other.coffer"
    filled.ok("init", "--unsafe-test-kdf", "--iterations", 1, "--no-recovery-key", "--vault", other,
              fds={"--new-password-fd": filled.password + b"\n"}, unlock=False)
    filled.ok("otp", "import-google", picture, "--vault", other)
    assert {filled.ok("get", title, "otp-secret", "--vault", other) for title in ("VK Cloud", "Mail")} == keys


def test_standard_output_takes_one_picture(coffer):
    accounts = [account(f"user{number}", bytes([number] * 20), f"Service {number}") for number in range(11)]
    texts = [text(accounts[start:start + 10], 2, start // 10) for start in (0, 10)]
    coffer.ok("otp", "import-google", "--uri-stdin", stdin="\n".join(texts).encode())
    before = sorted(os.listdir(coffer.home))
    result = coffer.run("otp", "export-google", "-o", "-")
    assert (result.status, result.out) == (64, b"") and b"takes 2 pictures" in result.err
    assert sorted(os.listdir(coffer.home)) == before
    result = coffer.run("otp", "export-google", "-o", "-", titles(coffer)[0][0])
    assert result.status == 0 and result.out.startswith(b"\x89PNG")


def test_many_accounts_need_several_pictures(coffer, tmp_path):
    accounts = [account(f"user{number}", bytes([number] * 20), f"Service {number}") for number in range(23)]
    texts = [text(accounts[start:start + 10], 3, start // 10) for start in (0, 10, 20)]
    coffer.ok("otp", "import-google", "--uri-stdin", stdin="\n".join(texts).encode())
    coffer.ok("otp", "export-google", "-o", tmp_path / "export.png")
    pictures = sorted(tmp_path.glob("export-*.png"))
    assert len(pictures) == 3
    before = titles(coffer)
    for title, _ in before:
        coffer.ok("rm", title)
    coffer.ok("otp", "import-google", *pictures)
    assert titles(coffer) == before


def test_what_the_app_cannot_do_is_left_out_and_named(filled):
    filled.add("slow")
    filled.ok("otp", "add", "slow", "--key-stdin", "--period", 60, stdin=KEY.encode())
    result = filled.run("otp", "export-google", "slow", "vk")
    assert result.status == 0 and b"left out slow" in result.err and "█".encode() in result.out
    assert filled.run("otp", "export-google", "slow").status == 2


def test_an_export_asks_for_the_password_though_the_vault_is_unlocked(filled):
    filled.ok("unlock", env={"XDG_RUNTIME_DIR": str(filled.home)})
    (filled.home).chmod(0o700)
    try:
        result = filled.run(
            "otp", "export-google", "vk", "--no-input", unlock=False, env={"XDG_RUNTIME_DIR": str(filled.home)})
        assert result.status == 5 and result.out == b""
    finally:
        filled.run("lock", unlock=False, env={"XDG_RUNTIME_DIR": str(filled.home)})
