"""coffer otp add --qr and coffer otp qr: pictures of QR codes in and out, and the program that looks at them."""

import os
import pathlib
import struct
import subprocess
import time
import zlib

import pexpect
import pytest

from conftest import PROGRAM
from desktop import Desktop
from pictures import KEY, OTHER_URI, URI, code, decoded, inverted, saved, screenshot, trimmed
from terminal import answer, asked, end, printed, shown

CONVERTER = str(pathlib.Path(PROGRAM).parent / "coffer-convert")
EACCES = 13


@pytest.fixture
def vault(coffer):
    coffer.add("vk", "--username", "me@example.com")
    return coffer


def key_of(coffer, title="vk"):
    return coffer.ok("get", title, "otp-secret").decode().strip()


# What people have

@pytest.mark.parametrize("make", [
    lambda: code(URI),
    lambda: screenshot(code(URI)),
    lambda: screenshot(code(URI, size=3)),
    lambda: trimmed(code(URI)),
    lambda: inverted(code(URI)),
    lambda: inverted(trimmed(code(URI))),
    lambda: inverted(screenshot(code(URI))),
    lambda: screenshot(inverted(code(URI)), background=20),
    lambda: code(URI).rotate(90, expand=True),
    lambda: code(URI).convert("RGBA"),
    lambda: code(URI).convert("P"),
    lambda: code(URI).convert("1"),
], ids=["plain", "screenshot", "small", "trimmed", "inverted", "inverted and trimmed", "dark screen", "dark code",
        "turned", "transparent", "palette", "one bit"])
def test_a_picture_is_read(vault, tmp_path, make):
    picture = saved(make(), tmp_path / "shot.png")
    vault.ok("otp", "add", "vk", "--qr", picture)
    assert key_of(vault) == KEY


@pytest.mark.parametrize("options", [{"quality": 50}, {"quality": 90, "progressive": True}])
def test_a_jpeg_is_read(vault, tmp_path, options):
    picture = saved(screenshot(code(URI)), tmp_path / "shot.jpg", **options)
    vault.ok("otp", "add", "vk", "-q", picture)
    assert key_of(vault) == KEY


def test_a_picture_comes_through_standard_input(vault, tmp_path):
    picture = saved(code(URI), tmp_path / "shot.png")
    vault.ok("otp", "add", "vk", "--qr", "-", stdin=picture.read_bytes())
    assert key_of(vault) == KEY


def test_names_in_cyrillic_come_over_as_they_are(vault, tmp_path):
    uri = "otpauth://totp/Облако:почта?secret=" + KEY + "&issuer=Облако"
    vault.ok("otp", "add", "vk", "--qr", saved(code(uri), tmp_path / "shot.png"))
    assert "%D0%9E%D0%B1%D0%BB%D0%B0%D0%BA%D0%BE" in vault.ok("get", "vk", "otp-uri").decode()


def test_the_picture_in_the_clipboard_is_read(vault, tmp_path):
    desktop = Desktop()
    try:
        picture = saved(screenshot(code(URI)), tmp_path / "shot.png")
        subprocess.run(
            ["/usr/bin/xclip", "-selection", "clipboard", "-target", "image/png", "-in", str(picture)],
            env=desktop.environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20)
        vault.ok("otp", "add", "vk", "--qr-clipboard", env=desktop.environment)
        assert key_of(vault) == KEY
        desktop.copy(b"no picture")
        refused = vault.run("otp", "add", "vk", "--qr-clipboard", "--yes", env=desktop.environment)
        assert refused.status == 2 and b"No picture came from the clipboard" in refused.err
    finally:
        desktop.stop()


# Several codes

def test_of_several_codes_a_person_picks_one(vault, tmp_path):
    picture = saved(screenshot(code(OTHER_URI, size=4), code(URI, size=4)), tmp_path / "shot.png")
    child = asked(vault, "otp", "add", "vk", "--qr", picture)
    child.expect("The picture shows 2 one-time passwords")
    child.expect("Which one")
    lines = shown(child).decode().splitlines()
    number = next(line.split()[0] for line in lines if "VK Cloud" in line)
    child.sendline("9")
    answer(child, "Which one", number)
    assert end(child) == 0
    assert key_of(vault) == KEY
    assert KEY.encode() not in shown(child)


def test_a_script_says_which_of_several_codes(vault, tmp_path):
    picture = saved(screenshot(code(OTHER_URI, size=4), code(URI, size=4)), tmp_path / "shot.png")
    refused = vault.run("otp", "add", "vk", "--qr", picture)
    assert refused.status == 64 and b"--qr-number" in refused.err
    keys = set()
    for number in (1, 2):
        vault.ok("otp", "add", "vk", "--qr", picture, "--qr-number", number, "--yes")
        keys.add(key_of(vault))
    assert keys == {KEY, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}
    assert vault.run("otp", "add", "vk", "--qr", picture, "--qr-number", 3, "--yes").status == 64


def test_a_link_beside_the_code_is_passed_over(vault, tmp_path):
    picture = saved(screenshot(code("https://example.com/app", size=4), code(URI, size=4)), tmp_path / "shot.png")
    vault.ok("otp", "add", "vk", "--qr", picture)
    assert key_of(vault) == KEY


# What is refused

def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, body, bits=8, interlaced=0):
    """A PNG file with a header of our own choice."""
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


GOOD = png(64, 64, zlib.compress((b"\0" + b"\xff" * 64) * 64))

BAD = {
    "empty": (b"", 7), "text": (b"otpauth://totp/a?secret=" + KEY.encode(), 7), "gif": (b"GIF89a" + bytes(100), 7),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 7), "png signature alone": (GOOD[:8], 7),
    "cut png": (GOOD[:60], 7), "a picture without a code": (GOOD, 2),
    "no pixels": (png(0, 0, b""), 7), "huge sides": (png(0x7FFFFFFF, 0x7FFFFFFF, b""), 7),
    "too many pixels": (png(7000, 7000, zlib.compress(bytes(7001 * 10))), 7),
    "a bomb": (png(6000, 6000, zlib.compress(bytes(6001 * 6000), 9)), 2),
    "wrong checksum": (GOOD[:40] + b"\xff" + GOOD[41:], 7), "jpeg signature alone": (b"\xff\xd8\xff\xe0", 7),
    "cut jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(50), 7),
    "jpeg of zeros": (b"\xff\xd8\xff" + bytes(100_000), 7),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_refused(vault, tmp_path, name):
    content, status = BAD[name]
    picture = tmp_path / "bad"
    picture.write_bytes(content)
    before = vault.vault.read_bytes()
    start = time.monotonic()
    refused = vault.run("otp", "add", "vk", "--qr", picture)
    assert refused.status == status, refused
    assert b"nothing was changed" in refused.err
    assert time.monotonic() - start < 20
    assert vault.vault.read_bytes() == before


def test_a_picture_without_a_code_says_so(vault, tmp_path):
    refused = vault.run("otp", "add", "vk", "--qr", saved(screenshot(), tmp_path / "empty.png"))
    assert refused.status == 2 and b"no QR code" in refused.err


def test_a_code_with_something_else_says_so(vault, tmp_path):
    refused = vault.run("otp", "add", "vk", "--qr", saved(code("https://example.com"), tmp_path / "link.png"))
    assert refused.status == 2 and b"holds no one-time password" in refused.err
    assert b"example.com" not in refused.err


def test_two_gibibytes_of_zeros_are_refused_at_once(vault, tmp_path):
    zeros = tmp_path / "zeros.png"
    with zeros.open("wb") as file:
        file.truncate(2 << 30)
    refused = vault.run("otp", "add", "vk", "--qr", zeros)
    assert refused.status == 7 and b"larger" in refused.err
    with zeros.open("rb") as file:
        start = time.monotonic()
        done = subprocess.run([CONVERTER, "read-qr"], stdin=file, capture_output=True, timeout=20)
    assert done.stdout == b"\x82\x05\x01" and time.monotonic() - start < 5


def test_what_is_no_ordinary_file_is_refused(vault, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for place, status in ((fifo, 64), (tmp_path, 64), (tmp_path / "nothing", 2), ("/dev/zero", 64)):
        assert vault.run("otp", "add", "vk", "--qr", place).status == status


def test_every_cut_and_many_flips_of_a_picture_are_survived(tmp_path):
    """The program that reads pictures answers to each, or ends; it is started anew for each, as coffer does."""
    whole = saved(code(URI, size=1, margin=0), tmp_path / "one.png").read_bytes()
    cases = [whole[:end] for end in range(0, len(whole), max(1, len(whole) // 60))]
    cases += [whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1:] for at in range(0, len(whole), max(1, len(whole) // 60))]
    for case in cases:
        done = subprocess.run([CONVERTER, "read-qr"], input=case, capture_output=True, timeout=20)
        assert done.returncode == 0 and done.stdout[:1] in (b"\x81", b"\x82"), case


# The walls

def test_nothing_can_be_opened_inside_the_walls():
    """A file to read, a file to write, a socket, a process, another program, a signal to another process."""
    done = subprocess.run([CONVERTER, "show-walls"], capture_output=True, timeout=20)
    assert done.stdout == bytes([0x87, 4] + [EACCES] * 6)


def test_the_walls_stand_before_the_first_byte_is_read(tmp_path):
    trace = tmp_path / "trace"
    picture = saved(code(URI), tmp_path / "shot.png")
    with picture.open("rb") as file:
        subprocess.run(["strace", "-f", "-o", trace, CONVERTER, "read-qr"], stdin=file, capture_output=True, check=True, timeout=60)
    calls = trace.read_text().splitlines()
    read = next(number for number, call in enumerate(calls) if " read(0," in call)
    before = "\n".join(calls[:read])
    assert "PR_SET_NO_NEW_PRIVS, 1" in before
    assert "SECCOMP_SET_MODE_FILTER, 0, {len=" in before
    assert "landlock_restrict_self" in before
    assert "RLIMIT_AS" in before and "RLIMIT_CPU" in before


def test_without_the_converter_the_error_says_what_to_install(vault, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    program = alone / "coffer"
    program.write_bytes(pathlib.Path(PROGRAM).read_bytes())
    program.chmod(0o755)
    picture = saved(code(URI), tmp_path / "shot.png")
    reading, writing = os.pipe()
    os.write(writing, vault.password + b"\n")
    os.close(writing)
    done = subprocess.run(
        [program, "otp", "add", "vk", "--qr", picture, "--password-fd", str(reading)], pass_fds=[reading],
        env=vault.environment, capture_output=True, timeout=30)
    os.close(reading)
    assert done.returncode == 1 and b"coffer-convert" in done.stderr


def test_the_converter_explains_itself():
    assert b"coffer-convert 0" in subprocess.run([CONVERTER, "--version"], capture_output=True).stdout
    for words in ([], ["what"], ["read-qr", "more"]):
        done = subprocess.run([CONVERTER, *words], capture_output=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 64 and done.stdout == b"" and b"for coffer" in done.stderr


# Drawing

@pytest.fixture
def enrolled(vault):
    vault.ok("otp", "add", "vk", "--uri-stdin", stdin=URI.encode())
    return vault


def test_a_picture_is_drawn_that_another_reader_reads(enrolled, tmp_path):
    picture = tmp_path / "phone.png"
    enrolled.ok("otp", "qr", "vk", "--output", picture)
    assert decoded(picture) == enrolled.ok("get", "vk", "otp-uri").strip()
    assert picture.stat().st_mode & 0o777 == 0o600
    assert enrolled.run("otp", "qr", "vk", "-o", picture).status == 9


def test_a_link_in_place_of_the_picture_is_not_followed(enrolled, tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "target.png")
    assert enrolled.run("otp", "qr", "vk", "-o", tmp_path / "link.png").status == 9
    assert not (tmp_path / "target.png").exists()


def test_what_is_drawn_on_a_terminal_can_be_scanned(enrolled, tmp_path):
    from PIL import Image
    lines = enrolled.ok("otp", "qr", "vk").decode().splitlines()
    side = len(lines[0])
    picture = Image.new("L", (side, 2 * len(lines)), 0)
    for row, line in enumerate(lines):
        for column, letter in enumerate(line):
            picture.putpixel((column, 2 * row), 255 if letter in "█▀" else 0)
            picture.putpixel((column, 2 * row + 1), 255 if letter in "█▄" else 0)
    seen = saved(picture.resize((side * 6, 12 * len(lines)), Image.NEAREST), tmp_path / "seen.png")
    assert decoded(seen) == enrolled.ok("get", "vk", "otp-uri").strip()


def test_a_narrow_terminal_is_told_how_many_columns_it_takes(enrolled):
    result = printed(enrolled, "otp", "qr", "vk", columns=40)
    assert result.status == 64 and b"columns" in result.out and b"--output" in result.out
    wide = printed(enrolled, "otp", "qr", "vk", columns=120)
    assert wide.status == 0 and "█".encode() in wide.out


def test_a_terminal_with_few_lines_is_told_so_and_keeps_nothing_in_its_scrollback(enrolled):
    child = pexpect.spawn(
        PROGRAM, ["otp", "qr", "vk"], env={**enrolled.environment, "TERM": "xterm"}, cwd=str(enrolled.home), timeout=20,
        dimensions=(15, 130))
    if enrolled.prepare(["otp"], True):
        child.expect("Master password for .*: ")
        child.sendline(enrolled.password)
    child.expect("lines, which the terminal does not have")
    assert "█".encode() not in child.before
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 64


def test_only_one_source_of_the_key_is_taken(vault, tmp_path):
    picture = saved(code(URI), tmp_path / "shot.png")
    for words in (["--qr", picture, "--uri-stdin"], ["--qr", picture, "--qr-clipboard"], ["--qr-number", 1],
                  ["--qr", picture, "--digits", 8],
                  ["--qr", picture, "--qr-number=-9223372036854775808"]):
        assert vault.run("otp", "add", "vk", *words, stdin=URI.encode()).status == 64
