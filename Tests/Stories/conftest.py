"""What every story needs: the program under test, a throw-away home, and a vault in it.

The program is $COFFER, else the debug build of this tree.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading

import pytest

# A shell starts what runs in its background with these ignored, and programs inherit that: Ctrl-C would do nothing.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)

TREE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("COFFER") or str(TREE / ".build/debug/coffer")
# Some faults can only be made in a program that loads libraries, and only there the runtime has its crash printer.
DYNAMIC_PROGRAM = str(TREE / ".build/debug/coffer")
MASTER_PASSWORD = b"correct horse battery staple"
# How commands reach the vault: each opens it itself, or the agent holds it. Both give the same output.
ROAD = os.environ.get("COFFER_ROAD", "process")
# What opens the vault itself on either road: it makes keys, or looks at files with them.
ALWAYS_ITSELF = {"init", "passwd", "rotate", "keys", "slots", "kit", "verify", "backups", "git-merge", "unlock"}


# All that a test makes, so that no agent outlives it.
HOMES = []


class Result:
    """How a command ended: its status, and what it wrote to both outputs, in bytes."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"<status {self.status}, out {self.out!r}, err {self.err!r}>"


def pipe_with(content):
    """The reading end of a pipe that gives `content` and ends."""
    reading, writing = os.pipe()

    def write():
        try:
            with os.fdopen(writing, "wb") as file:
                file.write(content)
        except BrokenPipeError:
            pass  # the reader did not want all of it

    if len(content) < 4096:
        write()
    else:
        threading.Thread(target=write, daemon=True).start()
    return reading


class Coffer:
    """A home of its own with a vault, and the commands that are run there."""

    road = ROAD

    def __init__(self, home, password=MASTER_PASSWORD):
        self.home = pathlib.Path(home)
        self.home.mkdir(mode=0o700, exist_ok=True)
        self.vault = self.home / "vault.coffer"
        self.password = password
        # A socket's path is short.
        self.runtime = pathlib.Path(tempfile.mkdtemp(prefix="coffer-run-")) if self.road == "agent" else None
        HOMES.append(self)

    @property
    def environment(self):
        return {
            "HOME": str(self.home),
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "COFFER_VAULT": str(self.vault),
            **({"XDG_RUNTIME_DIR": str(self.runtime)} if self.runtime else {}),
        }

    def prepare(self, arguments, unlock, env=None):
        """On the agent's road: has the agent hold the vault that a command is about, or not, as the command is to find it.
        Returns whether the password must be given to the command itself."""
        if self.road != "agent":
            return unlock
        words = [str(word) for word in arguments]
        vault = ["--vault", words[words.index("--vault") + 1]] if "--vault" in words else []
        environment = {**self.environment, **(env or {})}
        # A first sync with a folder weighs the password.
        opens_itself = words[0] in ALWAYS_ITSELF or {"--recovery-key", "--key-file", "--help"} & {*words} or (
            words[0] == "sync" and words[1:2] not in ([], ["status"]) and not words[1].startswith("--")
            # An export proves the password anew.
            or words[1:2] == ["export-google"]
            or {"--accept-older", "--accept-rotation", "--other-password-fd"} & {*words})
        if opens_itself and unlock:
            return True
        if not unlock:
            subprocess.run([PROGRAM, "lock"], env=environment, capture_output=True, cwd=self.home, timeout=60)
            return False
        password = pipe_with(self.password + b"\n")
        try:
            held = subprocess.run(
                [PROGRAM, "unlock", "--bulk", "--timeout", "5m", *vault, "--password-fd", str(password)],
                capture_output=True, pass_fds=[password], start_new_session=True, env=environment, cwd=self.home,
                timeout=60)
        finally:
            os.close(password)
        return held.returncode != 0

    def end(self):
        """Ends the agent, if there is one."""
        if self.runtime:
            subprocess.run([PROGRAM, "lock"], env=self.environment, capture_output=True, timeout=60)
            shutil.rmtree(self.runtime, ignore_errors=True)

    def run(self, *arguments, stdin=b"", fds=None, unlock=True, env=None, timeout=60, prefix=(), **options):
        """Runs a command without a terminal.

        `fds` maps an option to the bytes that come through the descriptor it names. With `unlock`, the master
        password comes that way too, unless `fds` says how the vault opens. `prefix` is a program that runs the command.
        """
        fds = dict(fds or {})
        if not {"--password-fd", "--recovery-key-fd"} & fds.keys():
            unlock = self.prepare(arguments, unlock, env)
        if unlock and not {"--password-fd", "--recovery-key-fd"} & fds.keys():
            fds["--password-fd"] = self.password + b"\n"
        words = [str(word) for word in arguments]
        descriptors = {option: pipe_with(content) for option, content in fds.items()}
        given = [word for option, number in descriptors.items() for word in (option, str(number))]
        # Options belong before a `--`, after which everything is a word.
        end = words.index("--") if "--" in words else len(words)
        try:
            done = subprocess.run(
                [*map(str, prefix), PROGRAM, *words[:end], *given, *words[end:]],
                input=stdin, capture_output=True, pass_fds=list(descriptors.values()), start_new_session=True,
                env={**self.environment, **(env or {})}, cwd=self.home, timeout=timeout, **options)
        finally:
            for number in descriptors.values():
                os.close(number)
        return Result(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments, **options):
        """Runs a command that must succeed; returns what it printed."""
        result = self.run(*arguments, **options)
        assert result.status == 0, result
        return result.out

    def init(self, *arguments, **options):
        """Makes the vault with a KDF that costs nothing."""
        fds = {"--new-password-fd": self.password + b"\n"}
        recovery = [] if "--kit" in arguments else ["--no-recovery-key"]
        self.ok(
            "init", "--unsafe-test-kdf", "--iterations", "1", *recovery, *arguments, fds=fds, unlock=False, **options)
        return self

    def add(self, title, *arguments, password=b"a password", **options):
        self.ok("add", title, "--password-stdin", *arguments, stdin=password + b"\n", **options)


@pytest.fixture(autouse=True)
def end_agents():
    yield
    while HOMES:
        HOMES.pop().end()


@pytest.fixture
def home(tmp_path):
    """A Coffer home without a vault."""
    return Coffer(tmp_path / "home")


@pytest.fixture
def coffer(home):
    """A Coffer home with an empty vault."""
    return home.init()
