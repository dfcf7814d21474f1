"""The agent's socket under attack: strangers, giants, sluggards, crowds (docs/agent.md, "The socket")."""

import contextlib
import os
import pathlib
import resource
import socket
import struct
import subprocess
import sys
import time

import pytest

from agent import Agent, frame, received, start_with_socket, wait_until
from conftest import MASTER_PASSWORD, PROGRAM

NOBODY = 65534
RESIDENT_MAXIMUM_BYTES = 64 << 20


@pytest.fixture
def agent(tmp_path):
    """A home with an unlocked vault of one entry."""
    home = Agent(tmp_path / "home").init()
    home.add("mail", password=b"second secret", fds={"--password-fd": MASTER_PASSWORD + b"\n"})
    return home.unlocked()


def still_serves(agent):
    start = time.monotonic()
    assert agent.ok("get", "mail", timeout=15) == b"second secret\n"
    return time.monotonic() - start


def resident(agent):
    """The agent's resident memory in bytes."""
    fields = pathlib.Path(f"/proc/{agent.pid}/statm").read_text().split()
    return int(fields[1]) * resource.getpagesize()


def ended(connection):
    """Whether the other side closes without a word."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


# MARK: Other users


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_is_not_served(agent):
    # An agent that did not make its socket does not look after its folder: that is opened to everybody, as a mistake might,
    # and the socket itself still tells who is there.
    agent.ok("lock")
    with start_with_socket(agent, subprocess.DEVNULL) as serving:
        agent.unlocked()
        agent.runtime.chmod(0o711)
        agent.socket_path.parent.chmod(0o711)
        agent.socket_path.chmod(0o777)
        stranger = (
            "import socket, sys\n"
            "s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(sys.argv[1])\n"
            "try:\n    s.sendall(bytes.fromhex(sys.argv[2])); got = s.recv(100)\n"
            "except (ConnectionResetError, BrokenPipeError): got = b''\n"
            "sys.exit(0 if got == b'' else 1)\n"
        )
        status = frame(bytes.fromhex("01") + b"\x65" + b"0.1.0" + bytes.fromhex("190103") + b"\x60")
        done = subprocess.run(
            ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "/usr/bin/python3", "-c", stranger,
             str(agent.socket_path), status.hex()], capture_output=True, cwd="/")
        assert done.returncode == 0, done
        # The same words from the right user are answered: the refusal is of the user, not of the words.
        with agent.connect() as connection:
            connection.sendall(status)
            assert str(agent.vault).encode() in received(connection)
        serving.terminate()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_a_server_of_another_user_is_told_nothing(agent):
    agent.ok("lock")
    assert wait_until(lambda: agent.pid is None)
    server = (
        "import os, socket, sys\n"
        "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o777)\n"
        f"os.setresuid({NOBODY}, {NOBODY}, {NOBODY}); s.listen(8); print('ready', flush=True)\n"
        "s.settimeout(20)\n"
        "c, _ = s.accept(); c.settimeout(20); print(c.recv(1000), flush=True)\n"
    )
    agent.socket_path.unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, "-c", server, str(agent.socket_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        result = agent.run("get", "mail")
        assert result.status == 5 and b"belongs to another user" in result.err
        assert process.stdout.readline() == b"b''\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an unprivileged user")
def test_an_unprivileged_user_is_served_alike(tmp_path):
    home = pathlib.Path("/tmp") / f"coffer-{os.getpid()}-{time.monotonic_ns()}"
    home.mkdir(mode=0o700)
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    try:
        agent = Agent(home / "home")
        for place in (home, agent.home, agent.runtime):
            os.chown(place, NOBODY, NOBODY)
        as_user = {"prefix": user}
        agent.init(**as_user)
        fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
        agent.add("mail", password=b"second secret", fds=fds, **as_user)
        assert agent.run("unlock", fds=fds, **as_user).status == 0
        assert agent.ok("get", "mail", **as_user) == b"second secret\n"
        # Root is another user too: it is not served, and says so.
        assert agent.run("get", "mail").status == 5
        agent.ok("lock", **as_user)
        assert agent.run("get", "mail", **as_user).status == 5
    finally:
        subprocess.run(["rm", "-rf", str(home)])


# MARK: Nonsense


@pytest.mark.parametrize("count", [64 * 1024 + 1, 1 << 30, (1 << 31) - 1])
@pytest.mark.parametrize("more", [False, True])
def test_a_frame_that_is_too_long_ends_the_connection(agent, count, more):
    with agent.connect() as connection:
        connection.sendall(struct.pack(">I", count | (0x80000000 if more else 0)) + b"x" * 1000)
        assert ended(connection)
    still_serves(agent)


def test_a_message_without_end_is_bounded(agent):
    before = resident(agent)
    with agent.connect() as connection:
        try:
            for _ in range(2000):
                connection.sendall(frame(b"x" * 65536, more=True))
        except (BrokenPipeError, ConnectionResetError):
            pass
        else:
            pytest.fail("more than a hundred megabytes were taken")
    still_serves(agent)
    assert resident(agent) - before < RESIDENT_MAXIMUM_BYTES


def test_empty_frames_without_end_are_refused(agent):
    with agent.connect() as connection:
        connection.sendall(frame(b"", more=True) * 100)
        assert ended(connection)
    still_serves(agent)


@pytest.mark.parametrize("message", [
    b"", b"\x00", b"\xff" * 100, b"\x01", b"\x01\x65xxxxx", b"\x02\x650.1.0\x01\x60", b"\x01\x650.1.0\x19\x01\x01\x60",
    b"\x01\x650.1.0\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x60", b"\x01\x65\xff\xfe\xfd\xfc\xfb\x01\x60",
    b"\x01\x7b\xff\xff\xff\xff\xff\xff\xff\xff", b"\x9b\x00\x00\x00\x00\xff\xff\xff\xff",
])
def test_nonsense_is_answered_without_an_echo(agent, message):
    marked = message + b"ECHOMARK"
    for sent in (message, marked):
        with agent.connect() as connection:
            connection.sendall(frame(sent))
            answer = received(connection)
            assert 0 < len(answer) < 64 and b"ECHOMARK" not in answer
    still_serves(agent)


def test_random_messages_do_not_harm(agent):
    import random

    draw = random.Random(4)
    head = b"\x01\x650.1.0"
    path = str(agent.vault).encode()
    for number in [*range(1, 32), 256, 257, 258, 259, 260]:
        if number == 258:
            continue
        for _ in range(6):
            body = bytes(draw.randrange(256) for _ in range(draw.randrange(60)))
            encoded = bytes([number]) if number < 24 else bytes([0x18, number]) if number < 256 else \
                b"\x19" + struct.pack(">H", number)
            with agent.connect() as connection:
                connection.sendall(frame(head + encoded + b"\x78" + bytes([len(path)]) + path + body))
                connection.settimeout(20)
                assert received(connection)
    still_serves(agent)
    assert agent.is_unlocked()


# MARK: Sluggards and crowds


def test_one_byte_a_second_keeps_nobody_waiting(agent):
    with agent.connect() as slow:
        start = time.monotonic()
        message = frame(b"x" * 1000)
        closed = False
        for byte in message[:12]:
            try:
                slow.sendall(bytes([byte]))
            except (BrokenPipeError, ConnectionResetError):
                closed = True
                break
            assert still_serves(agent) < 2
            time.sleep(max(0, 1 - (time.monotonic() - start) % 1))
        # A message that crawls is given up, however little at a time it moves.
        assert closed or wait_until(lambda: ended_now(slow), 20)


def ended_now(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_a_client_that_takes_no_answer_is_given_up(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    agent.ok("set", "mail", "notes", "-", stdin=b"n" * 900_000 + b"\n", fds=fds)
    path = str(agent.vault).encode()
    # FindEntry of id 1: name, no user name, live, not live first, everything.
    body = b"\x64mail\xf4\x81\x00\xf4\x02"
    with agent.connect() as greedy:
        greedy.sendall(frame(b"\x01\x650.1.0\x01\x78" + bytes([len(path)]) + path + body))
        assert wait_until(lambda: hung_up(greedy), 20)
    still_serves(agent)


def hung_up(connection):
    import select

    poll = select.poll()
    poll.register(connection, 0)
    return bool(poll.poll(0))


def test_a_thousand_connections_are_bounded(agent):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    before = resident(agent)
    crowd = []
    for _ in range(1000):
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            connection.connect(str(agent.socket_path))
        except BlockingIOError:
            connection.close()
            time.sleep(0.01)
            continue
        crowd.append(connection)
    assert still_serves(agent) < 15
    descriptors = len(list(pathlib.Path(f"/proc/{agent.pid}/fd").iterdir()))
    assert descriptors < 64
    assert resident(agent) - before < RESIDENT_MAXIMUM_BYTES
    for connection in crowd:
        connection.close()
    assert still_serves(agent) < 2


def test_a_thousand_gets_in_a_row_leave_nothing_behind(agent):
    for _ in range(50):
        agent.ok("get", "mail")
    before = (resident(agent), len(list(pathlib.Path(f"/proc/{agent.pid}/fd").iterdir())))
    for _ in range(950):
        subprocess.run([PROGRAM, "get", "mail"], env=agent.environment, check=True, capture_output=True)
    after = (resident(agent), len(list(pathlib.Path(f"/proc/{agent.pid}/fd").iterdir())))
    assert after[1] == before[1]
    assert after[0] <= before[0] + (1 << 20)


# MARK: The socket itself


def test_a_replaced_socket_is_noticed(agent):
    pid = agent.pid
    agent.socket_path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(agent.socket_path))
        other.listen(4)
        assert wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists())
        # What somebody else put there is not taken away either.
        assert agent.socket_path.exists()


def test_a_file_in_the_place_of_the_socket_is_no_agent(agent):
    agent.ok("lock")
    assert wait_until(lambda: agent.pid is None)
    agent.socket_path.write_bytes(b"")
    assert agent.run("get", "mail").status == 5
    agent.unlocked()
    still_serves(agent)


# MARK: Other versions


@contextlib.contextmanager
def speaking_for(agent, head):
    """A server that speaks for the real agent, whose answers begin with `head`: protocol and program version."""
    real = agent.socket_path.with_name("real.sock")
    server = (
        "import os, socket, struct, sys\n"
        "def message(s):\n"
        "    out = b''\n"
        "    while True:\n"
        "        head = s.recv(4, socket.MSG_WAITALL)\n"
        "        if len(head) < 4: return None\n"
        "        n = struct.unpack('>I', head)[0]\n"
        "        out += head + s.recv(n & 0x7fffffff, socket.MSG_WAITALL)\n"
        "        if not n >> 31: return out\n"
        "l = socket.socket(socket.AF_UNIX); l.bind(sys.argv[1]); l.listen(8); print('ready', flush=True)\n"
        "while True:\n"
        "    c, _ = l.accept()\n"
        "    r = socket.socket(socket.AF_UNIX); r.connect(sys.argv[2])\n"
        "    while (m := message(c)) is not None:\n"
        "        r.sendall(m); a = message(r)\n"
        f"        c.sendall(a.replace(b'\\x01\\x650.1.0', {head!r}, 1))\n"
    )
    agent.ok("lock")
    with start_with_socket(agent, subprocess.DEVNULL, real) as serving, subprocess.Popen(
            [sys.executable, "-c", server, str(agent.socket_path), str(real)], stdout=subprocess.PIPE) as between:
        assert between.stdout.readline() == b"ready\n"
        yield
        between.kill()
        serving.terminate()


def test_an_agent_of_another_version_still_answers(agent):
    with speaking_for(agent, b"\x01\x650.0.9"):
        agent.unlocked()
        result = agent.run("get", "mail")
    assert result.out == b"second secret\n", result
    assert b"the agent is of version 0.0.9" in result.err and b"coffer lock, then coffer unlock" in result.err


def test_an_agent_of_another_protocol_is_told_apart_from_a_broken_one_and_locked(agent):
    with speaking_for(agent, b"\x02\x650.9.0"):
        refused = agent.unlock()
        result = agent.run("get", "mail")
        locked = agent.run("lock")
    assert refused.status == 7 and b"The agent is of another version" in refused.err, refused
    assert result.status == 5 and b"the agent is of version 0.9.0" in result.err, result
    assert locked.status == 0 and b"busy" not in locked.err, locked
