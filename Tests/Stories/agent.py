"""A home whose vault an agent holds, and the agent's process and socket themselves."""

import contextlib
import os
import pathlib
import re
import socket
import struct
import subprocess
import tempfile
import time

import pytest

from conftest import MASTER_PASSWORD, PROGRAM, Coffer

AGENT = str(pathlib.Path(PROGRAM).with_name("coffer-agent"))


class Agent(Coffer):
    """A home with a runtime folder of its own; commands give no password unless they are told to."""

    road = "own"

    def __init__(self, home, *arguments, **options):
        super().__init__(home, *arguments, **options)
        self.runtime = pathlib.Path(tempfile.mkdtemp(prefix="coffer-run-"))

    def run(self, *arguments, unlock=False, **options):
        return super().run(*arguments, unlock=unlock, **options)

    def unlock(self, *arguments, password=None):
        """`coffer unlock` with the master password."""
        return self.run("unlock", *arguments, fds={"--password-fd": (password or self.password) + b"\n"})

    def unlocked(self, *arguments):
        result = self.unlock(*arguments)
        assert result.status == 0, result
        return self

    def is_unlocked(self):
        return self.run("status", "--check").status == 0

    @property
    def socket_path(self):
        return self.runtime / "coffer" / "agent.sock"

    @property
    def pid(self):
        """The process that serves the socket."""
        return next(iter(pids_of(self.runtime)), None)

    def connect(self):
        """A connection of a stranger who knows the protocol or not."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(20)
        connection.connect(str(self.socket_path))
        return connection


@pytest.fixture
def agent(tmp_path):
    """A home with a vault of two entries, locked; for a test to import."""
    home = Agent(tmp_path / "home").init()
    password = {"--password-fd": MASTER_PASSWORD + b"\n"}
    home.add("work/vk", "--username", "me", password=b"first secret", fds=password)
    home.add("mail", password=b"second secret", fds=password)
    return home


def pids_of(runtime):
    """The agents that have `runtime` in their environment."""
    wanted = f"XDG_RUNTIME_DIR={runtime}".encode()
    found = []
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if process.joinpath("comm").read_text().strip() != "coffer-agent":
                continue
            if wanted in process.joinpath("environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def memory_of(pid):
    """Every readable byte of a process, which only root may look at."""
    pieces = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) (....)", line)
            if not match or "r" not in match[3] or line.rstrip().endswith(("[vvar]", "[vsyscall]")):
                continue
            start, end = int(match[1], 16), int(match[2], 16)
            with contextlib.suppress(OSError, ValueError, OverflowError):
                memory.seek(start)
                pieces.append(memory.read(end - start))
    return b"".join(pieces)


def frame(content, more=False):
    """One frame of a message."""
    return struct.pack(">I", len(content) | (0x80000000 if more else 0)) + content


def received(connection):
    """One whole message, b"" when the other side closes first."""
    content = b""
    while True:
        head = connection.recv(4, socket.MSG_WAITALL)
        if len(head) < 4:
            return b""
        word, = struct.unpack(">I", head)
        content += connection.recv(word & 0x7FFFFFFF, socket.MSG_WAITALL)
        if not word >> 31:
            return content


def start_with_socket(agent, stderr, path=None):
    """The agent as systemd starts it: with a socket that listens already, its own error output, and as our child."""
    path = path or agent.socket_path
    path.parent.mkdir(mode=0o700, exist_ok=True)
    old = os.umask(0o077)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        os.umask(old)
        listener.listen(16)
        number = listener.fileno()
        script = f'[ {number} = 3 ] || exec 3<&{number}; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$0"'
        return subprocess.Popen(
            ["/bin/bash", "-c", script, AGENT], env=agent.environment, stderr=stderr, pass_fds=[number],
            cwd=agent.home)
