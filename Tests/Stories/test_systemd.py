"""The unit files for the user's own systemd: systemd itself reads them without a complaint."""

import pathlib
import re
import subprocess

import pytest

UNITS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "systemd"


def complaints(folder, *names):
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *(str(folder / name) for name in names)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "XDG_RUNTIME_DIR": str(runtime)}, capture_output=True,
        text=True)
    return done.stdout + done.stderr + ("" if done.returncode == 0 else f"status {done.returncode}")


@pytest.fixture
def units(tmp_path):
    """Both unit files, and a program where they expect one."""
    program = tmp_path / ".local/bin/coffer-agent"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS.iterdir():
        # Specifiers are of the user who verifies: the home is root's, whatever HOME says.
        text = unit.read_text().replace("%h/", f"{tmp_path}/")
        (tmp_path / unit.name).write_text(text)
    return tmp_path


def test_the_units_have_no_fault(units):
    assert complaints(units, "coffer-agent.socket", "coffer-agent.service") == ""


def test_a_fault_would_be_seen(units):
    socket = units / "coffer-agent.socket"
    socket.write_text(socket.read_text().replace("ListenStream=", "ListenStreem="))
    assert "ListenStreem" in complaints(units, "coffer-agent.socket", "coffer-agent.service")


def test_the_socket_lies_where_the_program_looks():
    text = (UNITS / "coffer-agent.socket").read_text()
    assert re.search(r"^ListenStream=%t/coffer/agent\.sock$", text, re.M)
    assert re.search(r"^DirectoryMode=0700$", text, re.M)
