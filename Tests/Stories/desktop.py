"""A desktop for stories: an X server of our own, one clipboard program in PATH, and the guards that Coffer leaves."""

import os
import pathlib
import select
import shutil
import subprocess
import time

WAIT_SECONDS = 20


class Desktop:
    """An X server without a screen."""

    def __init__(self):
        reading, writing = os.pipe()
        program = shutil.which("Xvfb")
        assert program, "Xvfb is not installed; scripts/test does that"
        self.process = subprocess.Popen(
            [program, "-displayfd", str(writing), "-screen", "0", "64x64x8", "-nolisten", "tcp", "-noreset"],
            pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writing)
        assert select.select([reading], [], [], WAIT_SECONDS)[0], "Xvfb does not start"
        with os.fdopen(reading, "rb") as file:
            self.display = ":" + file.readline().decode().strip()
        self.environment = {"DISPLAY": self.display}

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def copy(self, text):
        """Somebody else copies."""
        subprocess.run(
            ["/usr/bin/xclip", "-selection", "clipboard", "-in"], input=text, env=self.environment, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=WAIT_SECONDS)

    def held(self):
        """What would be pasted now."""
        done = subprocess.run(
            ["/usr/bin/xclip", "-selection", "clipboard", "-out"], env=self.environment, capture_output=True,
            timeout=WAIT_SECONDS)
        return done.stdout


def only(folder, *tools):
    """A PATH in which of all programs only these are."""
    folder.mkdir()
    for tool in tools:
        (folder / tool).symlink_to(f"/usr/bin/{tool}")
    return str(folder)


def fake(folder, tool, script):
    """Puts a shell script in the place of a tool; it may use what is in /bin."""
    folder.mkdir(exist_ok=True)
    file = folder / tool
    file.write_text("#!/bin/sh\nPATH=/usr/bin:/bin\n" + script)
    file.chmod(0o755)
    return str(folder)


def guards(seconds):
    """The processes that clear a clipboard after so many seconds."""
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:3] == [b"coffer", b"clipboard-guard", str(seconds).encode()]:
            found.append(int(folder.name))
    return found


def wait_until(condition):
    """Waits for it; returns whether it came about."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def said(result):
    """What a command said, without the warning about the vault's KDF."""
    return [line for line in result.err.splitlines() if b"--unsafe-test-kdf" not in line]
