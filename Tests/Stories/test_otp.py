"""One-time passwords through the program: adding keys, printing codes, counters that no kill takes back."""

import base64
import datetime
import fcntl
import os
import random
import subprocess
import time

import pexpect
import pytest

from conftest import PROGRAM, pipe_with

# The form of VK Cloud's own QR code.
VK_SECRET = "jbswy3dpehpk3pxp"
VK_URI = f"otpauth://totp/anna%40example.com?secret={VK_SECRET}&issuer=MCS&algorithm=SHA1&digits=6&period=30"
HOTP_SECRET = base64.b32encode(b"12345678901234567890").decode()
HOTP_URI = f"otpauth://hotp/Token:anna?secret={HOTP_SECRET}&counter=0&digits=6"
# RFC 4226, appendix D.
HOTP_CODES = [b"755224", b"287082", b"359152", b"969429", b"338314", b"254676"]
AT = 1_764_000_000


def oathtool(secret, at, algorithm="sha1", digits=6, period=30):
    moment = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    return subprocess.run(
        ["oathtool", f"--totp={algorithm}", "--base32", f"--digits={digits}", f"--time-step-size={period}",
         f"--now={moment}", secret.upper()], capture_output=True, check=True).stdout.strip()


def assert_says_nothing_of(result, *secrets):
    for secret in secrets:
        secret = secret.encode()
        for form in (secret, secret.lower(), secret.upper()):
            assert form not in result.err, result
            assert form not in result.out, result


@pytest.fixture
def vk(coffer):
    """A vault with a VK Cloud account that has its one-time password."""
    coffer.add("work/vk", "--username", "anna@example.com")
    result = coffer.run("otp", "add", "work/vk", "--uri-stdin", stdin=VK_URI.encode() + b"\n")
    assert result.status == 0, result
    assert_says_nothing_of(result, VK_SECRET)
    assert b"6 digits, a new code every 30 s, SHA-1, for MCS" in result.err
    return coffer


@pytest.fixture
def token(coffer):
    """A vault with a counter-based one-time password."""
    coffer.add("token")
    coffer.ok("otp", "add", "token", "--uri-stdin", stdin=HOTP_URI.encode())
    return coffer


def test_a_code_is_printed_with_a_newline_and_nothing_else(vk):
    expected = oathtool(VK_SECRET, AT)
    assert vk.ok("otp", "work/vk", "--at", AT) == expected + b"\n"
    assert vk.ok("code", "work/vk", "--at", AT) == expected + b"\n"
    assert vk.ok("otp", "show", "work/vk", "--at", AT) == expected + b"\n"
    moment = datetime.datetime.fromtimestamp(AT, datetime.timezone.utc).isoformat()
    assert vk.ok("otp", "work/vk", "--at", moment) == expected + b"\n"
    result = vk.run("otp", "work/vk")
    assert result.out.strip() in {oathtool(VK_SECRET, time.time() + offset) for offset in (-30, 0)}
    assert result.out.strip() not in result.err


def test_the_next_code_is_the_one_of_the_next_period(vk):
    assert vk.ok("otp", "work/vk", "--at", AT, "--next").strip() == oathtool(VK_SECRET, AT + 30)


def test_json_of_a_code_has_the_documented_keys(vk):
    printed = vk.run("otp", "work/vk", "--at", AT + 7, "--json").json()
    assert printed == {
        "code": oathtool(VK_SECRET, AT).decode(), "digits": 6, "period": 30, "remaining": 23,
        "next": oathtool(VK_SECRET, AT + 30).decode(), "valid_from": "2025-11-24T16:00:00Z",
        "valid_until": "2025-11-24T16:00:30Z"}
    printed = vk.run("otp", "work/vk", "--at", AT + 7, "--next", "--json").json()
    assert printed["code"] == oathtool(VK_SECRET, AT + 30).decode()
    assert printed["next"] == oathtool(VK_SECRET, AT + 60).decode()
    assert (printed["valid_from"], printed["remaining"]) == ("2025-11-24T16:00:30Z", 53)


@pytest.mark.parametrize("uri, secret, settings", [
    (f"OTPAUTH://TOTP/anna?SECRET={VK_SECRET}", VK_SECRET, {}),
    (f"  {VK_URI}\r\n", VK_SECRET, {}),
    ("otpauth://totp/x?secret=JBSW%20Y3DP%20EHPK%203PXP", VK_SECRET, {}),
    ("otpauth://totp/x?secret=jbsw-y3dp-ehpk-3pxp", VK_SECRET, {}),
    ("otpauth://totp/?secret=gezdgnbvgy3tqojqgezdgnbvgy&digits=8", "gezdgnbvgy3tqojqgezdgnbvgy======", {"digits": 8}),
    ("otpauth://totp/Big%20Corp%3Aanna%40example.com?secret=GEZDGNBVGY3TQOJQ&issuer=Big+Corp&period=60"
     "&algorithm=sha256", "GEZDGNBVGY3TQOJQ", {"period": 60, "algorithm": "sha256"}),
    ("otpauth://totp/%D0%90%D0%BD%D0%BD%D0%B0?secret=GEZDGNBVGY3TQOJQ&algorithm=SHA512&digits=7&image=x",
     "GEZDGNBVGY3TQOJQ", {"algorithm": "sha512", "digits": 7}),
])
def test_links_as_they_occur_in_the_wild_give_the_codes_of_oathtool(coffer, uri, secret, settings):
    coffer.add("x")
    result = coffer.run("otp", "add", "x", "--uri-stdin", stdin=uri.encode())
    assert result.status == 0, result
    assert_says_nothing_of(result, secret)
    for at in (59, AT, 20_000_000_000):
        assert coffer.ok("otp", "x", "--at", at).strip() == oathtool(secret, at, **settings)


def test_a_link_that_names_two_issuers_warns(coffer):
    coffer.add("x")
    uri = b"otpauth://totp/Acme:anna?secret=GEZDGNBVGY3TQOJQ&issuer=Zenith"
    result = coffer.run("otp", "add", "x", "--uri-stdin", stdin=uri)
    assert result.status == 0
    assert b"names two issuers, Acme and Zenith" in result.err


def test_bare_keys_agree_with_oathtool(coffer):
    made_up = random.Random(20251124)
    coffer.add("x", "--username", "anna")
    for _ in range(6):
        algorithm, digits = made_up.choice(["sha1", "sha256", "sha512"]), made_up.choice([6, 7, 8])
        period, at = made_up.choice([15, 30, 60, 97]), made_up.randrange(0, 4_000_000_000)
        secret = base64.b32encode(made_up.randbytes(made_up.choice([10, 20, 32]))).decode().rstrip("=")
        typed = " ".join(secret[i:i + 4] for i in range(0, len(secret), 4)).lower()
        result = coffer.run(
            "otp", "add", "x", "--key-stdin", "--algorithm", algorithm, "--digits", digits, "--period", period,
            "--yes", stdin=typed.encode() + b"\n")
        assert result.status == 0, result
        assert_says_nothing_of(result, secret, typed)
        padded = secret + "=" * (-len(secret) % 8)
        assert coffer.ok("otp", "x", "--at", at).strip() == oathtool(padded, at, algorithm, digits, period)


def test_a_key_or_a_link_comes_through_a_descriptor(coffer):
    coffer.add("x")
    coffer.ok("otp", "add", "x", fds={"--value-fd": VK_SECRET.encode() + b"\n", "--password-fd": coffer.password})
    assert coffer.ok("otp", "x", "--at", AT).strip() == oathtool(VK_SECRET, AT)
    # The link of the same key is another thing to keep: it has an issuer.
    coffer.ok("otp", "add", "x", "--yes", fds={"--value-fd": VK_URI.encode(), "--password-fd": coffer.password})
    assert b"issuer=MCS" in coffer.ok("get", "x", "otp-uri")


def test_steam_has_its_own_alphabet(coffer):
    coffer.add("x")
    coffer.ok("otp", "add", "x", "--uri-stdin", stdin=b"otpauth://steam/anna?secret=GEZDGNBVGY3TQOJQ")
    code = coffer.ok("otp", "x", "--at", AT).strip()
    assert len(code) == 5 and set(code) <= set(b"23456789BCDFGHJKMNPQRTVWXY")


@pytest.mark.parametrize("content, option, words", [
    (b"otpauth://totp/x?secret=JBSWY3DPEHPK3PX1", "--uri-stdin", b"has a character at position"),
    (b"otpauth://totp/x?secret=JBSWY3DPE", "--uri-stdin", b"some are missing or doubled"),
    (b"otpauth://totp/x?secret=", "--uri-stdin", b"The key is empty"),
    (b"otpauth://totp/x?issuer=MCS", "--uri-stdin", b"lacks secret"),
    (b"otpauth://totp/x?secret=JBSWY3DP&secret=JBSWY3DP", "--uri-stdin", b"names secret twice"),
    (b"otpauth://totp/x?secret=JBSWY3DP&digits=5", "--uri-stdin", b"number of digits"),
    (b"otpauth://totp/x?secret=JBSWY3DP&period=0", "--uri-stdin", b"period is not supported"),
    (b"otpauth://totp/x?secret=JBSWY3DP&algorithm=MD5", "--uri-stdin", b"hash is not supported"),
    (b"otpauth://totp/x%4?secret=JBSWY3DP", "--uri-stdin", b"without two hexadecimal digits"),
    (b"otpauth://yotp/x?secret=JBSWY3DP", "--uri-stdin", b"kind of code"),
    (b"otpauth-migration://offline?data=JBSWY3DP", "--uri-stdin", b"several accounts"),
    (b"https://example.com/?secret=JBSWY3DP", "--uri-stdin", b"no otpauth link"),
    (b"otpauth://totp/x?secret=JBSWY3DP\notpauth://totp/y?secret=JBSWY3DP\n", "--uri-stdin", b"control characters"),
    (b"", "--uri-stdin", b"--uri-stdin"),
    (b"", "--key-stdin", b"--key-stdin"),
    (b"JBSWY3DPEHPK3PX1", "--key-stdin", b"has a character at position 16"),
    (VK_URI.encode(), "--key-stdin", b"not a bare key"),
    (b"A" * 9000, "--key-stdin", b"longer than"),
])
def test_what_is_no_key_is_refused_and_nothing_of_it_is_said(coffer, content, option, words):
    coffer.add("x")
    before = coffer.vault.read_bytes()
    result = coffer.run("otp", "add", "x", option, stdin=content)
    assert (result.status, result.out) == (64, b""), result
    assert words in result.err
    assert b"JBSWY3DP" not in result.err and VK_SECRET.encode() not in result.err
    assert coffer.vault.read_bytes() == before


@pytest.mark.parametrize("arguments, words", [
    (["otp", "add", "x", "--uri-stdin", "--key-stdin"], b"Only one of"),
    (["otp", "add", "x", "--uri-stdin", "--digits", "8"], b"says itself"),
    (["otp", "add", "x", "--key-stdin", "--digits", "5"], b"6 to 10 digits"),
    (["otp", "add", "x", "--key-stdin", "--period", "0"], b"1 second or more"),
    (["otp", "add", "x", "--key-stdin", "--algorithm", "md5"], b"--algorithm"),
    (["otp", "add", "x"], b"--uri-stdin, --key-stdin or --value-fd"),
    (["otp", "x", "--at", "yesterday"], b"--at takes a time"),
    (["otp", "x", "--fresh", "5", "--next"], b"--fresh"),
    (["otp", "x", "--fresh", "5", "--at", "1"], b"--fresh"),
    (["otp", "x", "--fresh", "-5"], b"--fresh"),
    (["otp", "--next"], b"title of one entry"),
])
def test_options_that_make_no_sense_are_usage_errors(coffer, arguments, words):
    coffer.add("x")
    result = coffer.run(*arguments, stdin=VK_SECRET.encode())
    assert result.status == 64, result
    assert words in result.err
    assert_says_nothing_of(result, VK_SECRET)


def test_a_key_as_an_argument_is_refused_for_safety(coffer):
    coffer.add("x")
    result = coffer.run("otp", "add", "x", f"--secret={VK_SECRET}")
    assert result.status == 9
    assert_says_nothing_of(result, VK_SECRET)


def test_an_entry_without_a_one_time_password_is_not_found(coffer):
    coffer.add("x")
    for arguments in (["otp", "x"], ["otp", "remove", "x", "--yes"], ["otp", "nothing"]):
        result = coffer.run(*arguments)
        assert (result.status, result.out) == (2, b""), result


def test_times_without_codes_are_refused(vk):
    for at in ("-1", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"):
        result = vk.run("otp", "work/vk", f"--at={at}")
        assert (result.status, result.out) == (64, b""), result


def test_fresh_waits_until_the_code_lasts(coffer):
    coffer.add("x")
    coffer.ok("otp", "add", "x", "--key-stdin", "--period", "3", stdin=VK_SECRET.encode())
    printed = coffer.run("otp", "x", "--fresh", "3", "--json").json()
    assert printed["remaining"] == 3
    result = coffer.run("otp", "x", "--fresh", "4")
    assert (result.status, result.out) == (64, b"")
    assert b"its period is 3 seconds" in result.err


def test_without_a_title_all_codes_are_listed(vk):
    vk.add("a mail")
    vk.add("token")
    vk.ok("otp", "add", "token", "--uri-stdin", stdin=HOTP_URI.encode())
    code = oathtool(VK_SECRET, AT)
    assert vk.ok("otp", "--at", AT + 7) == b"token\t[--next]\t\t\nwork/vk\t" + code + b"\t23\tanna@example.com\n"
    listed = vk.run("otp", "--at", AT, "--json").json()
    assert [(entry["title"], entry["kind"], entry.get("code")) for entry in listed] == [
        ("token", "hotp", None), ("work/vk", "totp", code.decode())]
    assert listed[0]["counter"] == 0
    assert vk.ok("otp", "--username", "nobody") == b""
    # Listing draws nothing.
    assert vk.ok("otp", "token", "--next").strip() == HOTP_CODES[0]


def test_replacing_a_key_needs_a_yes_and_keeps_the_old_in_the_history(vk):
    other = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    result = vk.run("otp", "add", "work/vk", "--key-stdin", stdin=other.encode())
    assert result.status == 9, result
    assert b"--yes" in result.err
    assert_says_nothing_of(result, other, VK_SECRET)
    assert vk.ok("otp", "work/vk", "--at", AT).strip() == oathtool(VK_SECRET, AT)
    # The same key again is no change, and needs no yes.
    before = vk.vault.read_bytes()
    vk.ok("otp", "add", "work/vk", "--uri-stdin", stdin=VK_URI.encode())
    assert vk.vault.read_bytes() == before
    vk.ok("otp", "add", "work/vk", "--key-stdin", "--yes", stdin=other.encode())
    assert vk.ok("otp", "work/vk", "--at", AT).strip() == oathtool(other, AT)


def test_removing_needs_a_yes(vk):
    result = vk.run("otp", "remove", "work/vk")
    assert result.status == 9 and b"--yes" in result.err
    vk.ok("otp", "remove", "work/vk", "--yes")
    assert vk.run("otp", "work/vk").status == 2
    assert vk.run("show", "work/vk", "--json").json()["has"]["otp"] is False


def test_an_entry_whose_title_is_a_subcommand_is_reached_by_show(coffer):
    coffer.add("add")
    coffer.ok("otp", "add", "add", "--key-stdin", stdin=VK_SECRET.encode())
    assert coffer.ok("otp", "show", "add", "--at", AT).strip() == oathtool(VK_SECRET, AT)


# Counter-based passwords


def test_a_counter_is_drawn_only_on_purpose(token):
    before = token.vault.read_bytes()
    result = token.run("otp", "token")
    assert (result.status, result.out) == (64, b"")
    assert b"--next" in result.err
    assert token.run("otp", "token", "--at", AT, "--next").status == 64
    assert token.vault.read_bytes() == before
    for code in HOTP_CODES[:3]:
        assert token.ok("otp", "token", "--next") == code + b"\n"
    assert token.run("otp", "token", "--next", "--json").json() == {
        "code": HOTP_CODES[3].decode(), "digits": 6, "counter": 3}


def test_a_counter_is_saved_before_its_code_is_printed(token):
    # Standard output takes nothing: the code is lost, and must not come again.
    with open("/dev/full", "wb") as full:
        password = pipe_with(token.password)
        done = subprocess.run(
            [PROGRAM, "otp", "token", "--next", "--password-fd", str(password)], stdout=full, stderr=subprocess.PIPE,
            pass_fds=[password], env=token.environment, cwd=token.home)
        os.close(password)
    assert done.returncode == 1 and HOTP_CODES[0] not in done.stderr
    assert token.ok("otp", "token", "--next").strip() == HOTP_CODES[1]


def test_a_counter_is_saved_even_if_the_program_is_killed_while_it_prints(token):
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writing, b"x" * 4096)
    password = pipe_with(token.password)
    process = subprocess.Popen(
        [PROGRAM, "otp", "token", "--next", "--password-fd", str(password)], stdout=writing,
        stderr=subprocess.DEVNULL, pass_fds=[password], env=token.environment, cwd=token.home)
    os.close(password)
    # The pipe is full, so the program hangs in its write; /proc says when.
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with open(f"/proc/{process.pid}/stat") as file:
            waits = file.read().rpartition(")")[2].split()[0] == "S"
        call = ""
        try:
            with open(f"/proc/{process.pid}/syscall") as file:
                call = file.read().split()[0:2]
        except OSError:
            pass
        if waits and (call == ["1", "0x1"] or (not call and time.monotonic() > deadline - 25)):
            break
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"x" * 4096
    assert token.ok("otp", "token", "--next").strip() == HOTP_CODES[1]


def test_twenty_draws_at_once_give_twenty_codes(token):
    passwords = [pipe_with(token.password) for _ in range(20)]
    processes = [
        subprocess.Popen(
            [PROGRAM, "otp", "token", "--next", "--password-fd", str(password)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, pass_fds=[password], env=token.environment, cwd=token.home)
        for password in passwords]
    for password in passwords:
        os.close(password)
    outputs = [process.communicate() for process in processes]
    assert all(process.returncode == 0 for process in processes), outputs
    assert len({out for out, _ in outputs}) == 20
    assert {code for code in HOTP_CODES} <= {out.strip() for out, _ in outputs}


# On a terminal


def terminal(coffer, *arguments):
    """A command on a terminal of its own."""
    asks = coffer.prepare(arguments, True)
    child = pexpect.spawn(
        PROGRAM, [str(word) for word in arguments], env={**coffer.environment, "TERM": "dumb"}, cwd=str(coffer.home),
        timeout=30)
    if asks:
        child.expect("Master password")
        child.sendline(coffer.password)
    return child


def test_on_a_terminal_the_key_is_asked_for_and_not_shown(coffer):
    coffer.add("x")
    child = terminal(coffer, "otp", "add", "x")
    child.expect("Key or otpauth link: ")
    child.sendline(VK_SECRET)
    child.expect("Saved for x")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert VK_SECRET.encode() not in child.before
    assert coffer.ok("otp", "x", "--at", AT).strip() == oathtool(VK_SECRET, AT)


def test_on_a_terminal_a_no_changes_nothing(vk):
    child = terminal(vk, "otp", "remove", "work/vk")
    child.expect(r"\[y/N\]")
    child.sendline("n")
    child.expect("you answered no")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
    assert vk.ok("otp", "work/vk", "--at", AT).strip() == oathtool(VK_SECRET, AT)


def test_two_keys_that_nobody_chose_between_are_a_conflict(coffer):
    coffer.add("x")
    other = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    child = terminal(coffer, "otp", "add", "x")
    child.expect("Key or otpauth link: ")
    # Meanwhile another process gives the entry a key; the one that asks was shown none.
    coffer.ok("otp", "add", "x", "--key-stdin", stdin=other.encode())
    time.sleep(1.1)
    child.sendline(VK_SECRET)
    child.expect("Saved for x")
    child.expect(pexpect.EOF)
    child.close()
    before = coffer.vault.read_bytes()
    for arguments in (["otp", "x"], ["otp", "x", "--next"], ["get", "x", "otp"]):
        result = coffer.run(*arguments)
        assert (result.status, result.out) == (8, b""), result
        assert b"--pick newest" in result.err
        assert_says_nothing_of(result, VK_SECRET, other)
    assert coffer.ok("otp", "x", "--at", AT, "--pick", "newest").strip() == oathtool(VK_SECRET, AT)
    assert coffer.ok("otp") == b"x\t[conflict]\t\t\n"
    assert coffer.run("otp", "--json").json()[0]["conflict"] is True
    assert coffer.vault.read_bytes() == before
