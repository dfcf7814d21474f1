"""coffer enrol: turning two-factor authentication on as one transaction, whatever happens in between."""

import io
import os
import re
import resource
import signal
import subprocess
import time

import pexpect
import pytest

from conftest import PROGRAM
from pictures import KEY, URI, code, saved, screenshot
from terminal import answer, asked, end, shown

OTHER_KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
CODES = [f"{number:04d}-{number * 7:04d}" for number in range(1001, 1011)]
NEW_CODES = [f"{number:04d}-{number * 3:04d}" for number in range(2001, 2011)]


@pytest.fixture
def vault(coffer):
    coffer.add("vk", "--username", "me@example.com")
    return coffer


@pytest.fixture
def shot(tmp_path):
    return saved(screenshot(code(URI)), tmp_path / "shot.png")


@pytest.fixture
def codes(tmp_path):
    file = tmp_path / "codes.txt"
    file.write_text("\n".join(CODES) + "\n")
    return file


def oathtool(key, at):
    return subprocess.run(
        ["oathtool", "--totp", "-b", "-N", f"@{int(at)}", key], capture_output=True, check=True).stdout.decode().strip()


def has(coffer, title="vk"):
    """Whether the entry has a one-time password, whether one is pending, and how many codes are unused."""
    entry = coffer.run("show", title, "--json").json()
    pending = coffer.run("get", title, "otp-pending").status == 0
    return entry["has"]["otp"], pending, entry["codes"]["unused"]


# On a terminal

def screen(vault, *arguments):
    """`coffer enrol` on a terminal that can draw."""
    unlock = vault.prepare(["enrol"], True)
    child = pexpect.spawn(
        PROGRAM, ["enrol", *map(str, arguments)], env={**vault.environment, "TERM": "xterm"}, cwd=str(vault.home),
        timeout=20, dimensions=(24, 130))
    child.delaybeforesend = None
    child.ptyproc.delayafterclose = 0
    if unlock:
        answer(child, "Master password for .*: ", vault.password)
    return child


def test_the_whole_road_with_a_screenshot_and_a_file(vault, shot, codes):
    child = screen(vault, "vk", "--qr", shot, "--codes", codes)
    child.expect(r"vk +(\d{6}) ")
    seen, now = child.match[1].decode(), time.time()
    assert seen in (oathtool(KEY, now), oathtool(KEY, now - 30))
    child.expect("Type the code into the service's page")
    # It is saved, and not current, before anybody can have typed it.
    assert has(vault) == (False, True, 0)
    child.send("\r")
    child.expect("vk is enrolled, with new backup codes")
    answer(child, "Delete .*shot.png, the screenshot\\?", "y")
    answer(child, "Delete .*codes.txt", "n")
    assert end(child) == 0
    assert has(vault) == (True, False, 10)
    assert vault.ok("get", "vk", "otp-secret").decode().strip() == KEY
    assert not shot.exists() and codes.exists()


def test_the_code_is_drawn_anew_with_the_time_left(vault, shot):
    child = screen(vault, "vk", "--qr", shot)
    child.expect(r"[#.]{10} (\d+)")
    first = int(child.match[1])
    child.expect(r"[#.]{10} (\d+)")
    assert int(child.match[1]) in (first - 1, 30, first - 2)
    child.send("q")
    child.expect("coffer enrol --resume vk")
    assert end(child) == 0


def test_later_means_pending_and_resume_goes_on(vault, shot, codes):
    child = screen(vault, "vk", "--qr", shot)
    child.expect("Enter: it was accepted")
    child.send("q")
    child.expect("waits for confirmation")
    assert end(child) == 0
    assert has(vault) == (False, True, 0)
    child = screen(vault, "--resume", "vk", "--codes", codes)
    child.expect(r"vk +\d{6} ")
    child.send("\r")
    child.expect("vk is enrolled")
    answer(child, "Delete .*codes.txt", "y")
    assert end(child) == 0
    assert has(vault) == (True, False, 10)
    assert not codes.exists()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_terminal_that_dies_locks_nobody_out(vault, shot, number):
    vault.ok("otp", "add", "vk", "--key-stdin", stdin=OTHER_KEY.encode())
    child = screen(vault, "vk", "--qr", shot)
    child.expect("Type the code")
    child.kill(number)
    child.expect(pexpect.EOF)
    child.close()
    # What was current is still, and what the service may have accepted is not lost.
    assert vault.ok("get", "vk", "otp-secret").decode().strip() == OTHER_KEY
    assert KEY in vault.ok("get", "vk", "otp-pending").decode()
    assert vault.run("enrol", "--resume", "vk", "--yes", "--no-input").status == 0
    assert vault.ok("get", "vk", "otp-secret").decode().strip() == KEY


def test_codes_are_pasted_when_no_file_is_named(vault, shot):
    child = screen(vault, "vk", "--qr", shot)
    child.expect("Type the code")
    child.send("\r")
    child.expect("Backup codes that the service shows")
    for one in CODES:
        child.sendline(one)
    child.sendline("")
    child.expect("10 unused backup codes left")
    answer(child, "Delete", "n")
    assert end(child) == 0
    assert has(vault) == (True, False, 10)


def test_the_codes_file_is_read_only_after_the_confirmation(vault, shot, tmp_path):
    """The service makes it then: it need not be there before."""
    file = tmp_path / "later.txt"
    child = screen(vault, "vk", "--qr", shot, "--codes", file)
    child.expect("Type the code")
    file.write_text("\n".join(CODES) + "\n")
    child.send("\r")
    child.expect("enrolled, with new backup codes")
    answer(child, "Delete .*shot", "n")
    answer(child, "Delete .*later", "n")
    assert end(child) == 0


def test_a_codes_file_that_is_missing_or_nonsense_is_asked_for_again(vault, shot, tmp_path, codes):
    (tmp_path / "empty.txt").write_text("")
    child = screen(vault, "vk", "--qr", shot, "--codes", tmp_path / "nothing.txt")
    child.expect("Type the code")
    child.send("\r")
    answer(child, "The file with the backup codes", str(tmp_path / "empty.txt"))
    answer(child, "The file with the backup codes", str(codes))
    child.expect("enrolled, with new backup codes")
    answer(child, "Delete .*shot", "n")
    # The file that was read, not the one that was refused.
    answer(child, "Delete .*codes.txt", "y")
    assert end(child) == 0
    assert has(vault) == (True, False, 10)
    assert not codes.exists() and (tmp_path / "empty.txt").exists()


def test_a_list_that_was_pasted_wrong_is_pasted_again_unseen(vault, shot):
    child = screen(vault, "vk", "--qr", shot)
    child.logfile_read = io.BytesIO()
    child.expect("Type the code")
    child.send("\r")
    for text in ("zzz", "\n".join(CODES)):
        child.expect("Backup codes that the service shows")
        child.sendline(text + "\n")
    child.expect("enrolled, with new backup codes")
    answer(child, "Delete .*shot", "n")
    assert end(child) == 0 and has(vault) == (True, False, 10)
    assert b"zzz" not in shown(child) and CODES[0].encode() not in shown(child)


@pytest.mark.process_road
def test_codes_are_not_lost_to_a_full_disk(vault, shot):
    """The service shows them once; the limit on file sizes stands for the disk."""
    child = screen(vault, "vk", "--qr", shot)
    child.expect("Type the code")
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (16, resource.RLIM_INFINITY))
    child.send("\r")
    child.expect("Backup codes")
    child.sendline("\n".join(CODES) + "\n")
    child.expect("File too large")
    child.expect("Press Enter to try again: ")
    assert has(vault) == (False, True, 0)
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    child.sendline("")
    child.expect("enrolled, with new backup codes")
    answer(child, "Delete .*shot", "n")
    assert end(child) == 0 and has(vault) == (True, False, 10)


def test_a_list_that_is_too_large_is_asked_for_again(vault, shot, codes, tmp_path):
    (tmp_path / "large").write_bytes(b"1" * 1024 * 1024 * 8)
    child = screen(vault, "vk", "--qr", shot, "--codes", tmp_path / "large")
    child.expect("Type the code")
    child.send("\r")
    answer(child, "The file with the backup codes", str(codes))
    child.expect("enrolled, with new backup codes")
    answer(child, "Delete .*shot", "n")
    answer(child, "Delete .*codes.txt", "n")
    assert end(child) == 0


def test_what_is_typed_before_the_code_is_seen_confirms_nothing(vault, shot, codes):
    """Whoever presses Enter once too often has not seen a code."""
    child = screen(vault, "vk", "--codes", codes)
    child.expect("that the service shows: ")
    child.send(KEY + "\r")
    # Into the middle of what the program does before the screen is drawn.
    child.send("\r")
    child.expect("Type the code")
    time.sleep(1.5)
    assert has(vault) == (False, True, 0)
    child.send("q")
    assert end(child) == 0 and has(vault) == (False, True, 0)


def test_of_two_terminals_the_later_one_is_refused_before_it_saves(vault, shot):
    late = screen(vault, "vk")
    late.expect("that the service shows: ")
    early = screen(vault, "vk", "--qr", shot)
    early.expect("Type the code")
    late.sendline(OTHER_KEY)
    late.expect("waits for confirmation already")
    assert end(late) == 9
    early.send("\r")
    early.expect("Backup codes")
    early.sendline("\n".join(CODES) + "\n")
    early.expect("enrolled, with new backup codes")
    answer(early, "Delete", "n")
    assert end(early) == 0 and has(vault) == (True, False, 10)


def test_a_phone_is_enrolled_as_well(vault, shot):
    child = screen(vault, "vk", "--qr", shot)
    child.expect("p: QR code for a phone")
    child.send("p")
    child.expect("█".encode())
    child.expect("Scan it, then press Enter")
    child.send("\r")
    # It does not stay behind.
    child.expect(re.escape(b"\x1b[2J"))
    child.expect(r"vk +\d{6} ")
    child.send("\r")
    child.expect("Backup codes that")
    child.sendline("")
    child.expect("It has no backup codes")
    answer(child, "Delete", "n")
    assert end(child) == 0


def test_a_terminal_that_cannot_draw_is_asked_line_by_line(vault, shot):
    child = asked(vault, "enrol", "vk", "--qr", shot)
    child.expect(r"The code: (\d{6}), for \d+ s more")
    assert child.match[1].decode() in (oathtool(KEY, time.time()), oathtool(KEY, time.time() - 30))
    answer(child, "it was accepted", "")
    child.expect("The code: ")
    answer(child, "it was accepted", "y")
    answer(child, "Backup codes", "")
    answer(child, "Delete", "n")
    assert end(child) == 0
    assert has(vault) == (True, False, 0)
    assert KEY.encode() not in shown(child)


def test_the_key_is_typed_where_there_is_no_picture(vault):
    child = asked(vault, "enrol", "vk")
    answer(child, "Key .*: ", KEY.lower())
    answer(child, "it was accepted", "q")
    assert end(child) == 0
    assert KEY in vault.ok("get", "vk", "otp-pending").decode()
    assert KEY.lower().encode() not in shown(child)


# In a script

def test_a_script_goes_two_steps(vault, shot, codes):
    first = vault.run("enrol", "vk", "--qr", shot, "--no-input")
    assert first.status == 0
    assert first.out.decode().strip() in (oathtool(KEY, time.time()), oathtool(KEY, time.time() - 30))
    assert b"coffer enrol --resume --yes vk" in first.err
    assert has(vault) == (False, True, 0)
    vault.ok("enrol", "--resume", "vk", "--yes", "--codes", codes, "--remove-files", "--no-input")
    assert has(vault) == (True, False, 10)
    assert not codes.exists()


def test_a_key_comes_through_standard_input(vault, codes):
    vault.ok("enrol", "vk", "--key-stdin", "--yes", "--codes", codes, stdin=KEY.encode())
    assert has(vault) == (True, False, 10)
    refused = vault.run("enrol", "vk", "--key-stdin", "--codes", "-", stdin=KEY.encode())
    assert refused.status == 64


def test_codes_that_are_refused_leave_all_pending(vault, shot, tmp_path):
    bad = tmp_path / "bad.txt"
    bad.write_text("there are no codes in here\n")
    before = None
    vault.ok("enrol", "vk", "--qr", shot, "--no-input")
    before = vault.vault.read_bytes()
    for file in (bad, tmp_path / "nothing"):
        refused = vault.run("enrol", "--resume", "vk", "--yes", "--codes", file, "--no-input")
        assert refused.status != 0 and b"--resume" in refused.err
        assert vault.vault.read_bytes() == before
    assert has(vault) == (False, True, 0)


# Again, and not at all

def test_enrolling_again_replaces_key_and_codes_in_one_save_and_keeps_the_old_ones(vault, shot, codes, tmp_path):
    vault.ok("enrol", "vk", "--key-stdin", "--yes", "--codes", codes, stdin=OTHER_KEY.encode())
    used = vault.ok("codes", "next", "vk").decode().strip()
    new = tmp_path / "new.txt"
    new.write_text("\n".join(NEW_CODES) + "\n")
    vault.ok("enrol", "vk", "--qr", shot, "--no-input")
    saves = len(list(vault.home.glob("vault.coffer.backups/*")))
    vault.ok("enrol", "--resume", "vk", "--yes", "--codes", new, "--no-input")
    assert len(list(vault.home.glob("vault.coffer.backups/*"))) in (saves + 1, 10)
    assert has(vault) == (True, False, 10)
    assert vault.ok("codes", "next", "vk").decode().strip() in NEW_CODES
    history = vault.ok("history", "vk", "--reveal").decode()
    assert OTHER_KEY in history and KEY in history and all(one in history for one in CODES) and used in history


def test_the_old_list_does_not_pass_for_the_new_one(vault, shot, codes):
    vault.ok("enrol", "vk", "--key-stdin", "--yes", "--codes", codes, stdin=OTHER_KEY.encode())
    vault.ok("enrol", "vk", "--qr", shot, "--no-input")
    refused = vault.run("enrol", "--resume", "vk", "--yes", "--codes", codes, "--no-input")
    assert refused.status == 9 and b"old list" in refused.err
    assert vault.ok("get", "vk", "otp-secret").decode().strip() == OTHER_KEY


def test_abort_drops_what_waits_and_nothing_else(vault, shot, codes):
    vault.ok("enrol", "vk", "--key-stdin", "--yes", "--codes", codes, stdin=OTHER_KEY.encode())
    vault.ok("enrol", "vk", "--qr", shot, "--no-input")
    assert has(vault) == (True, True, 10)
    vault.ok("enrol", "--abort", "vk")
    assert has(vault) == (True, False, 10)
    assert vault.ok("get", "vk", "otp-secret").decode().strip() == OTHER_KEY
    assert vault.run("enrol", "--abort", "vk").status == 2
    assert vault.run("enrol", "--resume", "vk", "--yes").status == 2


def test_only_one_enrolment_waits(vault, shot):
    vault.ok("enrol", "vk", "--qr", shot, "--no-input")
    refused = vault.run("enrol", "vk", "--key-stdin", stdin=OTHER_KEY.encode())
    assert refused.status == 9 and b"--resume" in refused.err and b"--abort" in refused.err


def test_the_same_key_again_is_refused(vault, shot):
    vault.ok("otp", "add", "vk", "--qr", shot)
    current = vault.run("enrol", "vk", "--qr", shot, "--no-input")
    assert current.status == 9 and b"already" in current.err


def test_a_counting_password_cannot_wait(vault):
    uri = f"otpauth://hotp/a?secret={KEY}&counter=0"
    refused = vault.run("enrol", "vk", "--key-stdin", stdin=uri.encode())
    assert refused.status == 64 and b"otp add" in refused.err


def test_what_waits_is_seen_and_cannot_be_set_by_hand(vault, shot):
    vault.ok("enrol", "vk", "--qr", shot, "--no-input")
    card = vault.ok("show", "vk")
    assert b"otp-pending" in card and KEY.encode() not in card
    refused = vault.run("set", "vk", "otp-pending", "-", stdin=b"x")
    assert refused.status == 64 and b"enrol" in refused.err
    assert vault.run("otp", "vk").status == 2


def test_options_that_contradict_each_other_are_refused(vault, shot):
    for words in (["--resume", "--abort"], ["--resume", "--qr", shot], ["--abort", "--yes"], ["--qr", shot, "--key-stdin"],
                  ["--qr", "-", "--codes", "-"], ["--qr", shot, "--digits", 8]):
        assert vault.run("enrol", "vk", *words, stdin=b"").status == 64


def test_an_entry_must_be_there(vault, shot):
    assert vault.run("enrol", "nobody", "--qr", shot).status == 2


def test_two_machines_that_both_began_are_told(vault, shot, tmp_path):
    """Each keeps its own; nobody is to guess which one the service has."""
    copy = tmp_path / "copy.coffer"
    copy.write_bytes(vault.vault.read_bytes())
    vault.ok("enrol", "vk", "--qr", shot, "--no-input")
    vault.ok("enrol", "vk", "--key-stdin", "--no-input", "--vault", copy, stdin=OTHER_KEY.encode())
    vault.ok("merge", copy)
    refused = vault.run("enrol", "--resume", "vk", "--yes", "--no-input")
    assert refused.status == 9 and b"everal enrolments" in refused.err
    vault.ok("enrol", "--abort", "vk")
    assert has(vault) == (False, False, 0)


def test_no_secret_leaves_the_vault_on_the_way(vault, shot, codes, tmp_path):
    """Not in arguments, environment, messages or files."""
    trace = tmp_path / "trace"
    result = vault.run(
        "enrol", "vk", "--qr", shot, "--yes", "--codes", codes, "--no-input",
        prefix=["strace", "-f", "-s", "4096", "-e", "trace=execve,openat,write", "-o", trace])
    assert result.status == 0
    for secret in (KEY, *CODES):
        assert secret.encode() not in result.out + result.err
        assert secret not in "\n".join(line for line in trace.read_text().splitlines() if "execve" in line)


def test_only_the_very_file_that_was_read_is_deleted(vault, shot, codes, tmp_path):
    """A link is not what it leads to, and a second name keeps the content."""
    link = tmp_path / "link.png"
    link.symlink_to(shot)
    os.link(codes, tmp_path / "second.txt")
    result = vault.run("enrol", "vk", "--qr", link, "--yes", "--codes", codes, "--remove-files", "--no-input")
    assert result.status == 0 and result.err.count(b"delete it yourself") == 2
    assert link.is_symlink() and shot.exists() and codes.exists()


def test_a_file_that_came_in_its_place_is_left(vault, shot, tmp_path):
    child = screen(vault, "vk", "--qr", shot, "--remove-files")
    child.expect("Type the code")
    other = saved(screenshot(code("another")), tmp_path / "other.png")
    other.rename(shot)
    child.send("\r")
    child.expect("Backup codes")
    child.sendline("")
    child.expect("another file now")
    assert end(child) == 0 and shot.exists()


@pytest.mark.parametrize("is_rewritten", [False, True], ids=["replaced", "rewritten"])
def test_a_file_that_changes_while_it_is_asked_about_is_left(vault, shot, codes, is_rewritten):
    child = screen(vault, "vk", "--qr", shot, "--codes", codes)
    child.expect("Type the code")
    child.send("\r")
    answer(child, "Delete .*shot", "n")
    child.expect("Delete .*codes.txt")
    if is_rewritten:
        codes.write_text("precious")
    else:
        other = codes.with_name("precious")
        other.write_text("precious")
        other.rename(codes)
    child.sendline("y")
    child.expect("is another file now")
    assert end(child) == 0 and codes.read_text() == "precious"


def test_hints_name_the_entry_as_it_was_named(vault, shot, codes):
    """A title may be another entry's too."""
    vault.add("vk", "--username", "second")
    result = vault.run("enrol", "vk@second", "--qr", shot, "--no-input")
    [resume] = re.findall(rb"coffer (enrol --resume --yes vk@second)\.", result.err)
    assert result.status == 0 and b"coffer enrol --abort vk@second" in result.err
    words = resume.decode().split()
    refused = vault.run(*words, "--codes", vault.home / "none", "--no-input")
    assert refused.status == 2 and f"--yes --codes {vault.home}/none vk@second.".encode() in refused.err, refused
    assert vault.run(*words, "--codes", codes, "--no-input").status == 0


def test_a_key_with_the_name_of_somebody_else_is_told(vault, tmp_path):
    uri = URI.replace("me%40example.com", "you%40example.com")
    result = vault.run("enrol", "vk", "--qr", saved(code(uri), tmp_path / "other.png"), "--no-input")
    assert result.status == 0 and b"you@example.com" in result.err and b"--abort" in result.err
