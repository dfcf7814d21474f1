"""coffer otp --watch: live codes on a screen of their own, and the terminal as it was afterwards."""

import re
import signal
import subprocess
import time

import pexpect
import pytest

from conftest import PROGRAM
from screen import Screen

KEY = b"JBSWY3DPEHPK3PXP"
READY = "READY> "
BEGIN = "\x1b[?1049h"
FOOT = "q ends"


@pytest.fixture
def vault(coffer):
    """Entries with codes of two kinds, one that counts, one without."""
    for title, user, uri in [
        ("work/vk", "anna", b"otpauth://totp/a?secret=" + KEY),
        ("bank", "bob", b"otpauth://totp/b?secret=GEZDGNBVGY3TQOJQ&period=60&digits=8"),
        ("old", "eve", b"otpauth://hotp/c?secret=" + KEY + b"&counter=0"),
    ]:
        coffer.add(title, "--username", user)
        coffer.ok("otp", "add", title, "--uri-stdin", stdin=uri)
    coffer.add("plain")
    return coffer


def code_at(seconds, key=KEY, *options):
    done = subprocess.run(
        ["oathtool", "--totp", "-b", *options, "-N", f"@{int(seconds)}", key], capture_output=True, check=True)
    return done.stdout.decode().strip()


class Watch:
    """`coffer otp --watch` on a terminal of the given size, with the password from a descriptor."""

    def __init__(self, vault, *arguments, lines=24, columns=80, prefix="", **env):
        (vault.home / "secret").write_bytes(vault.password + b"\n")
        self.screen = Screen(lines or 24, columns or 80)
        self.raw, self.has_begun = "", False
        self.child = pexpect.spawn(
            "/bin/sh", ["-c", prefix + 'exec "$0" "$@" --password-fd 3 3<secret', PROGRAM, "otp", *arguments, "--watch"],
            env={**vault.environment, "TERM": "xterm", "NO_COLOR": "1", **env}, cwd=str(vault.home),
            dimensions=(lines, columns), encoding="utf-8", timeout=20)
        self.child.delaybeforesend = None

    def read(self, seconds=0.2):
        """Takes in what comes within so many seconds."""
        try:
            text = self.child.read_nonblocking(65_536, seconds)
        except pexpect.TIMEOUT:
            return ""
        except pexpect.EOF:
            return None
        self.raw += text
        # What comes before the first picture is on the shell's screen.
        begin = 0 if self.has_begun else text.find(BEGIN)
        if begin >= 0:
            self.has_begun = True
            self.screen.feed(text[begin:])
        return text

    def wait_for(self, pattern, seconds=20):
        """Waits until a line of the screen matches, and returns the match."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for row in self.screen.rows:
                match = re.search(pattern, row)
                if match:
                    return match
            if self.read() is None:
                break
        raise AssertionError((pattern, self.screen.rows, self.raw[-500:]))

    def end(self):
        """Waits for the end; returns the status, negative for a signal."""
        while self.read() is not None:
            pass
        self.child.wait()
        self.child.close()
        return self.child.exitstatus if self.child.signalstatus is None else -self.child.signalstatus

    def assert_restored(self):
        assert not self.screen.is_alternate and self.screen.is_cursor_shown and self.screen.is_plain
        assert self.screen.rows == [""] * self.screen.height


def test_one_code_is_live(vault):
    watch = Watch(vault, "work/vk")
    watch.wait_for(FOOT)
    first = int(watch.wait_for(r"^work/vk +\d{6}  [#.]{10} (\d+) +anna$").group(1))
    code = watch.wait_for(r"^work/vk +(\d{6})").group(1)
    now = time.time()
    assert code in {code_at(now - 1), code_at(now)}
    assert watch.screen.is_alternate and not watch.screen.is_cursor_shown
    watch.wait_for(rf" {(first - 3) % 30 + 1}  ")
    watch.child.send("q")
    assert watch.end() == 0
    watch.assert_restored()


def test_the_picture_changes_with_the_second(vault):
    watch = Watch(vault, "work/vk")
    watch.wait_for(FOOT)
    for _ in range(4):
        while not (text := watch.read(2)):
            assert text is not None
        left = int(watch.wait_for(r"[#.]{10} (\d+) ").group(1))
        now = time.time()
        # Drawn within a third of a second after its beginning, with the code of this very second.
        assert now % 1 < 0.4, now
        assert left == 30 - int(now) % 30
        assert watch.wait_for(r"(\d{6})").group(1) == code_at(now)
    watch.child.send("q")
    assert watch.end() == 0


def test_all_codes_are_live_and_what_counts_is_not_drawn(vault):
    watch = Watch(vault)
    watch.wait_for(FOOT)
    rows = [row for row in watch.screen.rows if row]
    assert [row.split()[0] for row in rows] == ["title", "bank", "old", "work/vk", "q"]
    assert re.search(r"^bank +\d{8} +[#.]{10} \d+ +bob$", rows[1])
    assert re.search(r"^old +\[--next\] +eve$", rows[2])
    assert len({row.find(name) for row, name in zip(rows[1:4], ["bob", "eve", "anna"])}) == 1
    watch.child.send("Q")
    assert watch.end() == 0
    (counter,) = [entry["counter"] for entry in vault.run("otp", "--json").json() if entry["kind"] == "hotp"]
    assert counter == 0


@pytest.mark.parametrize("arguments, titles", [
    (["--username", "anna"], ["work/vk"]), (["work/vk", "--username", "anna"], ["work/vk"])])
def test_a_user_name_narrows(vault, arguments, titles):
    watch = Watch(vault, *arguments)
    watch.wait_for(FOOT)
    assert [row.split()[0] for row in watch.screen.rows[1:] if row] == [*titles, "q"]
    watch.child.send("q")
    assert watch.end() == 0


def test_other_keys_do_nothing(vault):
    watch = Watch(vault)
    watch.wait_for(FOOT)
    watch.child.send("x\x1b[A\r\x04 ")
    time.sleep(0.3)
    watch.read()
    assert watch.child.isalive() and not watch.child.getecho()
    watch.child.send("q")
    assert watch.end() == 0
    assert "x" not in "".join(watch.screen.rows)


def test_ctrl_c_ends_with_130_and_the_terminal_is_whole(vault):
    watch = Watch(vault)
    watch.wait_for(FOOT)
    watch.child.sendintr()
    assert watch.end() == 130
    watch.assert_restored()
    assert "error" not in watch.raw


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_deadly_signal_kills_as_ever_and_the_terminal_is_whole(vault, number):
    watch = Watch(vault)
    watch.wait_for(FOOT)
    watch.child.kill(number)
    assert watch.end() == -number
    watch.assert_restored()


def test_an_ignored_hangup_stays_ignored(vault):
    watch = Watch(vault, prefix="trap '' HUP; ")
    watch.wait_for(FOOT)
    watch.child.kill(signal.SIGHUP)
    time.sleep(0.5)
    assert watch.child.isalive()
    watch.child.send("q")
    assert watch.end() == 0


@pytest.fixture
def shell(vault):
    environment = {**vault.environment, "PS1": READY, "HISTFILE": "", "TERM": "xterm", "COFFER": PROGRAM}
    (vault.home / "secret").write_bytes(vault.password + b"\n")
    child = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "--noediting", "-i"], env=environment, cwd=str(vault.home),
        encoding="utf-8", timeout=20, dimensions=(24, 80))
    child.expect_exact(READY)
    yield child
    child.close(force=True)


def modes(shell):
    shell.sendline("stty -a | grep -oE -- '-*(echo|icanon) '; echo do''ne")
    shell.expect_exact("done")
    return re.findall(r"-*(?:echo|icanon)(?= )", shell.before.replace("(echo", ""))


def test_ctrl_z_gives_the_terminal_back_and_fg_goes_on(shell):
    before = modes(shell)
    shell.sendline('"$COFFER" otp --watch --password-fd 3 3<secret; echo status $?')
    shell.expect_exact(FOOT)
    shell.sendcontrol("z")
    shell.expect_exact("\x1b[?25h\x1b[?1049l")
    shell.expect_exact("Stopped")
    shell.expect_exact(READY)
    assert modes(shell) == before
    shell.sendline("fg")
    shell.expect_exact("\x1b[?1049h\x1b[?25l")
    shell.expect_exact(FOOT)
    shell.send("q")
    shell.expect_exact("\x1b[?25h\x1b[?1049l")
    shell.expect_exact(READY)
    assert modes(shell) == before


def test_a_watch_that_was_stopped_from_elsewhere_goes_on(shell):
    shell.sendline('"$COFFER" otp --watch --password-fd 3 3<secret')
    shell.expect_exact(FOOT)
    with open(f"/proc/{shell.pid}/task/{shell.pid}/children") as children:
        child = int(children.read().split()[0])
    subprocess.run(["kill", "-STOP", str(child)], check=True)
    shell.expect_exact(READY)
    shell.sendline("stty sane; fg")
    shell.expect_exact("\x1b[?1049h\x1b[?25l")
    shell.expect_exact(FOOT)
    shell.send("q")
    shell.expect_exact(READY)


def test_keys_pressed_for_it_are_not_for_the_shell(shell):
    shell.sendline('"$COFFER" otp --watch --password-fd 3 3<secret')
    shell.expect_exact(FOOT)
    shell.send("q\necho PWN''ED\n")
    shell.expect_exact(READY)
    shell.sendline("echo do''ne")
    shell.expect_exact("done")
    assert "PWNED" not in shell.before


# The screen


def many(vault, count):
    for number in range(count):
        vault.add(f"site {number:02}", "--username", f"user{number}")
        vault.ok("otp", "add", f"site {number:02}", "--uri-stdin", stdin=b"otpauth://totp/a?secret=" + KEY)


def test_more_codes_than_lines_are_counted(vault):
    many(vault, 6)
    watch = Watch(vault, lines=6)
    watch.wait_for("… and 5 more. q ends")
    assert len([row for row in watch.screen.rows if row]) == 6 and not watch.screen.has_scrolled
    watch.child.setwinsize(12, 80)
    watch.screen.height, watch.screen.rows = 12, watch.screen.rows + [""] * 6
    watch.wait_for("^q ends")
    assert len([row for row in watch.screen.rows if row]) == 11
    watch.child.send("q")
    assert watch.end() == 0


@pytest.mark.parametrize("lines, columns", [(1, 80), (2, 80), (3, 80), (24, 20), (24, 10), (2, 1), (24, 0), (0, 0)])
def test_every_size_is_respected(vault, lines, columns):
    many(vault, 2)
    watch = Watch(vault, lines=lines, columns=columns)
    watch.wait_for(r"^\S")
    watch.read(1.2)
    assert not watch.screen.has_scrolled
    if (columns or 80) >= 20:
        watch.wait_for(r"\d{6}")
    watch.child.send("q")
    assert watch.end() == 0


def test_a_code_is_never_cut(vault):
    watch = Watch(vault, "work/vk", columns=10)
    watch.wait_for("…")
    watch.read(1.2)
    assert not re.search(r"\d{3}", "".join(watch.screen.rows))
    watch.child.send("q")
    assert watch.end() == 0


def test_another_width_draws_at_once(vault):
    vault.ok("mv", "bank", "a title that is rather long for a narrow window, and longer")
    watch = Watch(vault, columns=120)
    watch.wait_for("and longer .*bob")
    watch.child.setwinsize(24, 50)
    watch.wait_for("^a title that i.*… +\\d{8}")
    watch.read(0.3)
    assert max(map(len, watch.screen.rows)) <= 50
    watch.child.send("q")
    assert watch.end() == 0


def test_hostile_titles_and_names_are_spelled_out(vault):
    vault.ok("mv", "bank", "\x1b[2J\u202ebank\n\u200b漢字")
    vault.ok("set", "work/vk", "username", "\x1b]0;x\x07")
    watch = Watch(vault, columns=120)
    watch.wait_for(re.escape(r"\u{1B}]0;x\u{7}"))
    assert "\u202e" not in watch.raw and "\x1b]" not in watch.raw and "\x07" not in watch.raw
    watch.child.send("q")
    assert watch.end() == 0


def test_colour_is_for_those_who_want_it(vault):
    plain = Watch(vault)
    plain.wait_for(FOOT)
    plain.child.send("q")
    assert plain.end() == 0
    assert not re.search(r"\x1b\[[1-9][0-9;]*m", plain.raw)
    coloured = Watch(vault, NO_COLOR="")
    coloured.wait_for(FOOT)
    coloured.child.send("q")
    assert coloured.end() == 0
    assert "\x1b[2m" in coloured.raw
    coloured.assert_restored()


# Refusals


@pytest.mark.parametrize("arguments", [
    ["--json"], ["--at", "0"], ["work/vk", "--next"], ["work/vk", "--fresh", "5"]])
def test_it_does_not_go_with_other_forms(vault, arguments):
    result = vault.run("otp", *arguments, "--watch", unlock=False)
    assert result.status == 64 and result.out == b"" and b"--watch" in result.err


def test_it_needs_a_terminal_and_says_so_before_it_asks(vault):
    for arguments in ([], ["work/vk"]):
        result = vault.run("otp", *arguments, "--watch", unlock=False)
        assert (result.status, result.out) == (64, b"")
        assert b"standard output is none" in result.err and b"coffer otp --json" in result.err


def test_a_dumb_terminal_is_refused(vault):
    watch = Watch(vault, TERM="dumb")
    assert watch.end() == 64
    assert "\x1b" not in watch.raw


def test_what_counts_cannot_be_watched(vault):
    watch = Watch(vault, "old")
    assert watch.end() == 64
    assert "--next" in watch.raw and "\x1b" not in watch.raw


def test_no_codes_at_all_are_told(coffer):
    coffer.add("plain")
    watch = Watch(coffer)
    assert watch.end() == 0
    assert "coffer otp add TITLE" in watch.raw and "\x1b" not in watch.raw


def test_a_terminal_that_goes_ends_it(vault):
    watch = Watch(vault, prefix="trap '' HUP; ")
    watch.wait_for(FOOT)
    number = watch.child.pid
    watch.child.ptyproc.fileobj.close()
    for _ in range(200):
        try:
            with open(f"/proc/{number}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    break
        except FileNotFoundError:
            break
        time.sleep(0.05)
    else:
        raise AssertionError("it goes on without a terminal")


def test_the_vault_is_opened_once_and_read_no_more(vault):
    watch = Watch(vault)
    watch.wait_for(FOOT)
    vault.vault.rename(vault.home / "moved")
    for _ in range(4):
        watch.read(1)
    assert watch.child.isalive()
    watch.wait_for(FOOT)
    watch.child.send("q")
    assert watch.end() == 0
