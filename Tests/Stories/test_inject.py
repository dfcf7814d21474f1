"""`coffer read` and `coffer inject`: what references point to, alone or in the place where they stand in a text."""

import os
import random
import time

import pytest

from clouds import KEY, PASSWORD, URI, code_at, set_plain, set_secret
from conflicts import forge, with_second_value
from conftest import MASTER_PASSWORD
from terminal import printed

TOKEN = b"t0ken-not-for-eyes"
LINES = b"-----BEGIN-----\nfirst\n\n  second\n-----END-----"
REFERENCE = b"{{ coffer://work/api/token }}"
MEBIBYTE = 1024 * 1024


@pytest.fixture
def api(coffer):
    """An entry with secrets of several kinds."""
    coffer.add("work/api", "--username", "anna", password=PASSWORD)
    set_secret(coffer, "work/api", "token", TOKEN)
    set_secret(coffer, "work/api", "pem", LINES)
    set_plain(coffer, "work/api", region="ru-moscow")
    coffer.ok("set", "work/api", "notes", "-", stdin=LINES)
    coffer.ok("otp", "add", "work/api", "--uri-stdin", stdin=URI)
    return coffer


def refuse(coffer, status, *arguments, **options):
    """Nothing is printed, written or changed, and nothing secret is said. Returns the message."""
    before = {path: path.read_bytes() for path in coffer.home.iterdir() if path.is_file()}
    result = coffer.run(*arguments, **options)
    assert (result.status, result.out) == (status, b""), result
    assert f"coffer: error {status}: ".encode() in result.err
    for secret in (PASSWORD, TOKEN, KEY.encode(), MASTER_PASSWORD, b"second"):
        assert secret not in result.err
    assert {path: path.read_bytes() for path in coffer.home.iterdir() if path.is_file()} == before
    return result.err.decode()


def filled(coffer, template, *arguments):
    result = coffer.run("inject", *arguments, stdin=template)
    assert result.status == 0, result
    assert TOKEN not in result.err and PASSWORD not in result.err
    return result.out


# --- read


def test_read_prints_each_field_and_a_newline(api):
    for field, value in [("password", PASSWORD), ("token", TOKEN), ("username", b"anna"), ("region", b"ru-moscow"),
                         ("notes", LINES), ("pem", LINES), ("otp-secret", KEY.encode()), ("otp-uri", URI)]:
        result = api.run("read", f"coffer://work/api/{field}")
        assert (result.status, result.out) == (0, value + b"\n"), (field, result)
        assert value not in result.err
    before = time.time()
    code = api.ok("read", "coffer://work/api/otp").decode()
    assert code in {code_at(moment) + "\n" for moment in (before, time.time())}


def test_read_finds_entries_as_the_command_line_does(coffer):
    coffer.add("a/b", "--username", "anna", password=b"of anna")
    coffer.add("a/b", "--username", "bob", password=b"of bob")
    coffer.add("a/b/c d", password=b"deeper")
    number = coffer.ok("get", "a/b@bob", "id").decode().strip()
    for title, value in [("a/b@anna", b"of anna"), (f"id:{number}", b"of bob"), ("a/b/c d", b"deeper")]:
        assert coffer.ok("read", f"coffer://{title}/password") == value + b"\n"
    assert "a/b@anna" in refuse(coffer, 2, "read", "coffer://a/b/password")


@pytest.mark.parametrize("reference", [
    "work/api/token", "coffer:/work/api/token", "Coffer://work/api/token", "coffer://", "coffer://token",
    "coffer:///token", "coffer://work/api/", "", "https://work/api/token"])
def test_read_refuses_what_is_no_reference(api, reference):
    assert "coffer://TITLE/FIELD" in refuse(api, 64, "read", reference, unlock=False)


def test_read_refuses_what_is_not_there(api):
    assert "token" in refuse(api, 2, "read", "coffer://work/api/tokem")
    assert "work/api" in refuse(api, 2, "read", "coffer://work/apj/token")
    assert "codes next" in refuse(api, 64, "read", "coffer://work/api/codes")
    refuse(api, 5, "read", "coffer://work/api/token", unlock=False)


def test_read_asks_for_a_choice_in_a_conflict(api):
    with_second_value(api, forge.PASSWORD, "of the laptop", title="work/api")
    assert "--pick newest" in refuse(api, 8, "read", "coffer://work/api/password")
    assert api.ok("read", "coffer://work/api/password", "--pick", "newest") == b"of the laptop\n"


def test_read_on_a_terminal_steers_nothing(api):
    set_secret(api, "work/api", "token", b"a\x1b[2Jb")
    assert printed(api, "read", "coffer://work/api/token").out.endswith(b"\na\\u{1B}[2Jb\n")


def test_letters_that_join_those_before_them_are_letters(coffer):
    coffer.add("\u0301x", password=b"of an accent")
    set_secret(coffer, "\u0301x", "\u0301y", TOKEN)
    assert coffer.ok("read", "coffer://\u0301x/password") == b"of an accent\n"
    assert coffer.ok("read", "coffer://\u0301x/\u0301y") == TOKEN + b"\n"


# --- inject: what becomes of a text


@pytest.mark.parametrize("template, expected", [
    (REFERENCE, TOKEN), (b"{{coffer://work/api/token}}", TOKEN), (b"{{   coffer://work/api/token  }}", TOKEN),
    (REFERENCE + b"\n", TOKEN + b"\n"), (b"a" + REFERENCE + b"b", b"a" + TOKEN + b"b"),
    (REFERENCE * 3, TOKEN * 3), (REFERENCE + b"{{coffer://work/api/username}}", TOKEN + b"anna"),
    (b"\n" + REFERENCE + b"\n" + REFERENCE, b"\n" + TOKEN + b"\n" + TOKEN),
    (b"a: " + REFERENCE + b"\r\nb: {{ coffer://work/api/region }}\r\n", b"a: " + TOKEN + b"\r\nb: ru-moscow\r\n"),
    (b"key: {{ coffer://work/api/pem }}\nend", b"key: " + LINES + b"\nend"),
    (b"{{ coffer://work/api/notes }}", LINES), (b"'{{ coffer://work/api/token }}'", b"'" + TOKEN + b"'"),
    # Braces beside the reference's own are text.
    (b"{" + REFERENCE + b"}", b"{" + TOKEN + b"}"), (b"${" + REFERENCE + b"}", b"${" + TOKEN + b"}"),
    (b"{{" + REFERENCE + b"}}", b"{{" + TOKEN + b"}}"), (b"{{ x " + REFERENCE, b"{{ x " + TOKEN),
    (b'{"a":{"b":"' + REFERENCE + b'"}}', b'{"a":{"b":"' + TOKEN + b'"}}')],
    ids=lambda text: repr(text[:24]))
def test_a_reference_is_replaced_wherever_it_stands(api, template, expected):
    assert filled(api, template) == expected


@pytest.mark.parametrize("text", [
    b"", b"\n", b"\r\n", b"no reference", b"no line feed at the end", b"{", b"{{", b"}}", b"{{}}", b"{{ }}",
    b"{{{{}}}}", b"{{ x }}", b"{{ .Values.x }}\n", b"{% if x %}", b"{ { coffer://work/api/token } }",
    b"coffer://work/api/token", b"{coffer://work/api/token}", b"{{ 'coffer://work/api/token' }}",
    b"{{ Coffer://work/api/token }}", b"{{ coffer:/work/api/token }}", b"{{\ncoffer://work/api/token }}",
    b"{{ coffer://work/api/token\n}}",
    b"{{ coffer://work/api/token }", b"{{ coffer://work/api/token", b"\0\xff\xfe{{\x80}}\x01", b"\xef\xbb\xbfx",
    bytes(range(256)) * 40, b"{{" * 5000, b"{{ " * 5000 + b"}} " * 5000], ids=lambda text: repr(text[:24]))
def test_all_else_stays_byte_for_byte(api, text):
    assert filled(api, text) == text
    assert filled(api, text + b"\n" + REFERENCE + text) == text + b"\n" + TOKEN + text


def test_a_binary_text_of_any_kind_is_kept(api):
    """Made-up bytes with many braces; no pair of them has a reference between."""
    seed = random.randrange(1 << 32)
    made_up = random.Random(seed)
    for _ in range(10):
        pieces = [bytes(made_up.choices([123, 125, 10, 13, 32, 47, 0, 255, 99], k=200)) for _ in range(6)]
        assert filled(api, REFERENCE.join(pieces)) == TOKEN.join(pieces), seed


def test_a_value_that_looks_like_a_reference_is_not_read_again(api):
    set_secret(api, "work/api", "token", b"{{ coffer://work/api/password }}")
    assert filled(api, REFERENCE) == b"{{ coffer://work/api/password }}"


def test_a_code_is_the_current_one(api):
    before = time.time()
    code = filled(api, b"<{{ coffer://work/api/otp }}>").decode()
    assert code in {f"<{code_at(moment)}>" for moment in (before, time.time())}


@pytest.mark.parametrize("reference", [
    b"coffer://", b"coffer:///token", b"coffer://work", b"coffer://work/", b"coffer://work/\xff/token",
    b"coffer://\xed\xa0\x80/x"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_bad_reference_is_named_by_its_line(api, reference, end):
    lines = [b"first " + REFERENCE, b"{{ x }}", b"third {{ " + reference + b" }}", b"fourth"]
    error = refuse(api, 64, "inject", stdin=end.join(lines))
    assert "ine 3 " in error and "standard input" in error
    # Before the vault is opened, and by the name of the file.
    (api.home / "config.tpl").write_bytes(end.join(lines))
    error = refuse(api, 64, "inject", "-i", "config.tpl", "-o", "config", unlock=False)
    assert "ine 3 " in error and "config.tpl" in error


def test_a_conflict_is_refused_unless_the_newest_is_picked(api):
    with_second_value(api, forge.PASSWORD, "of the laptop", title="work/api")
    template = b"{{ coffer://work/api/password }}"
    refuse(api, 8, "inject", "-o", "out", stdin=template)
    assert filled(api, template, "--pick", "newest") == b"of the laptop"
    assert filled(api, REFERENCE) == TOKEN


# --- inject: files


def test_a_file_becomes_a_new_file_that_only_its_owner_reads(api):
    (api.home / "config.tpl").write_bytes(b"token = " + REFERENCE + b"\n")
    for words, name in [(["-i", "config.tpl", "-o", "one"], "one"),
                        (["--input", "config.tpl", "--output", "two"], "two")]:
        result = api.run("inject", *words, umask=0)
        assert (result.status, result.out) == (0, b""), result
        assert TOKEN not in result.err
        made = api.home / name
        assert made.read_bytes() == b"token = " + TOKEN + b"\n"
        assert made.stat().st_mode & 0o7777 == 0o600 and made.stat().st_nlink == 1
    assert filled(api, b"", "-i", "config.tpl") == b"token = " + TOKEN + b"\n"
    assert filled(api, REFERENCE, "-i", "-") == TOKEN
    assert sorted(path.name for path in api.home.iterdir() if path.name[0] not in ".v") == ["config.tpl", "one", "two"]


@pytest.mark.parametrize("make", [
    lambda path: path.write_bytes(b"mine"), lambda path: path.symlink_to(path.with_name("elsewhere")),
    lambda path: (path.with_name("elsewhere").write_bytes(b"mine"), path.symlink_to("elsewhere")),
    lambda path: path.mkdir(), os.mkfifo,
    lambda path: (path.with_name("elsewhere").write_bytes(b"mine"), os.link(path.with_name("elsewhere"), path))],
    ids=["file", "link to nowhere", "link", "folder", "FIFO", "hard link"])
def test_no_file_is_replaced_or_followed(api, make):
    place = api.home / "out"
    make(place)
    existed = place.with_name("elsewhere").exists()
    error = refuse(api, 9, "inject", "-o", "out", stdin=REFERENCE)
    assert "already" in error
    assert place.with_name("elsewhere").exists() == existed
    assert not place.is_file() or place.read_bytes() == b"mine"


def test_the_template_itself_is_not_replaced(api):
    (api.home / "config.tpl").write_bytes(REFERENCE)
    refuse(api, 9, "inject", "-i", "config.tpl", "-o", "config.tpl")


@pytest.mark.parametrize("template, status", [
    (b"{{ coffer://work/apj/token }}", 2), (REFERENCE + b"{{ coffer://work/api/tokem }}", 2),
    (b"{{ coffer://work/api/codes }}", 64)])
def test_a_missing_value_leaves_no_file_and_prints_nothing(api, template, status):
    refuse(api, status, "inject", "-o", "out", stdin=template)
    refuse(api, status, "inject", stdin=REFERENCE + template)
    assert not (api.home / "out").exists()


def test_a_locked_vault_leaves_no_file(api):
    refuse(api, 5, "inject", "-o", "out", stdin=REFERENCE, unlock=False)
    assert not (api.home / "out").exists()


def test_a_file_in_no_folder_is_an_error(api):
    assert "none/out" in refuse(api, 1, "inject", "-o", "none/out", stdin=REFERENCE)


@pytest.mark.parametrize("make, status", [
    (lambda path: None, 2), (lambda path: path.mkdir(), 64), (os.mkfifo, 64),
    (lambda path: path.write_bytes(b"#" * (MEBIBYTE + 1)), 7)], ids=["none", "folder", "FIFO", "too long"])
def test_a_template_that_is_none_is_refused(api, make, status):
    make(api.home / "config.tpl")
    assert "config.tpl" in refuse(api, status, "inject", "-i", "config.tpl", "-o", "out")


def test_a_template_may_have_a_mebibyte_and_no_more(api):
    text = REFERENCE.rjust(MEBIBYTE, b"\n")
    assert filled(api, text) == text[:-len(REFERENCE)] + TOKEN
    (api.home / "config.tpl").write_bytes(text)
    assert filled(api, b"", "-i", "config.tpl") == text[:-len(REFERENCE)] + TOKEN
    result = api.run("inject", "-o", "out", stdin=b"#" + text)
    assert (result.status, result.out) == (64, b"") and not (api.home / "out").exists(), result
    assert b"1,048,576 bytes" in result.err


@pytest.mark.parametrize("piece", [b"{", b"{{ ", b"{{ coffer://", b"{{coffer://a/b}", b"{{ }}"], ids=repr)
def test_a_template_of_braces_is_read_in_reasonable_time(api, piece):
    """Each byte is looked at a few times, not thousands of times."""
    text = (piece * MEBIBYTE)[:MEBIBYTE]
    result = api.run("inject", stdin=text, timeout=20)
    assert (result.status, result.out) == (0, text)


def test_many_references_are_all_filled_in(api):
    text = b"".join(b"%d {{ coffer://work/api/token }}\n" % number for number in range(2000))
    assert filled(api, text) == b"".join(b"%d %s\n" % (number, TOKEN) for number in range(2000))


def test_what_a_small_template_can_grow_to_is_bounded(coffer):
    coffer.add("big", password=b"x")
    coffer.ok("set", "big", "notes", "-", stdin=b"n" * 700_000)
    refused = coffer.run("inject", stdin=b"{{coffer://big/notes}}" * 1000)
    assert refused.status == 64 and refused.out == b""
    assert coffer.ok("inject", stdin=b"{{coffer://big/password}}" * 10_000) == b"x" * 10_000
