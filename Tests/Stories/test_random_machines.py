"""Random histories of several machines, with the real program: whatever happened, merging ends with the same bytes on all of
them, and with what the independent model says.

COFFER_SEED repeats a history, COFFER_MACHINE_HISTORIES says how many there are (scripts/prove runs more).
"""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import pipe_with
from machines import clone, named

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Independent"))
import vault_forge as forge  # noqa: E402

HISTORIES = int(os.environ.get("COFFER_MACHINE_HISTORIES", "8"))
STEPS = 45
TITLES = ["bank", "mail", "work/vk"]
# Done, not found, a conflict that a script must not guess in, and what is refused (a duplicate, a purge of what is live).
ALLOWED = {0, 2, 8, 9}


def command(draw):
    """A random command: its words and what it reads."""
    title = draw.choice(TITLES)
    text = f"{draw.randrange(4)}\n".encode()
    return draw.choice([
        (["add", title, "--username", draw.choice("ab"), "--password-stdin"], text),
        (["set", title, "password", "-"], text), (["set", title, "password", "-"], text),
        (["set", title, "username", draw.choice("abc"), "--duplicate"], b""),
        (["set", title, "region", draw.choice("xyz"), "--plain"], b""), (["set", title, "region", "--remove"], b""),
        (["set", title, "tag", draw.choice("tu"), "--add"], b""), (["set", title, "tag", draw.choice("tu"), "--remove"], b""),
        (["set", title, "url", f"https://{draw.choice('pq')}.example", "--add"], b""),
        (["undo", title, "password"], b""), (["undo", title, "tag"], b""),
        (["rm", title], b""), (["restore", title, "--duplicate"], b""), (["purge", title, "--yes"], b""),
        (["mv", title, draw.choice(TITLES), "--duplicate"], b""), (["join", *draw.sample(TITLES, 2)], b""),
        (["codes", "add", title, "-"], b"3f9a01c7 7f34038e beae0555"), (["codes", "next", title], b""),
        (["codes", "undo", title], b""), (["codes", "replace", title, "-", "--yes"], b"fe68071c 3dc208e3 7d1c0aaa"),
        (["otp", "add", title, "--uri-stdin", "--yes"], b"otpauth://hotp/t?secret=JBSWY3DPEHPK3PXP&counter=%d" % draw.randrange(9)),
        (["otp", title, "--next"], b""), (["otp", "remove", title, "--yes"], b""),
        (["resolve", title, "password", "--pick", "newest"], b""),
        (["backups", "restore", str(draw.randint(1, 9))], b""),
    ])


def versions_of(coffer):
    """The versions of each entry, as the forge takes the file apart."""
    data = coffer.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, coffer.password))
    return {item.id: item.content for item in vault.entries}


def union(arrays):
    """Every version of any; a full one takes the place of its trimmed form."""
    found = {}
    for version in (version for array in arrays for version in array):
        known = found.get(version[0])
        assert known is None or len(known) != len(version) or known == version
        if known is None or len(known) < len(version):
            found[version[0]] = version
    return list(found.values())


@pytest.mark.timeout(600)
@pytest.mark.parametrize("history", range(HISTORIES))
def test_machines_that_merge_end_with_the_same_bytes(home, tmp_path, history):
    seed = int(os.environ.get("COFFER_SEED", random.randrange(2**32)))
    draw = random.Random(seed)
    print(f"seed {seed}")
    home.init("--machine", "m0")
    machines = [named(home, "m0")]
    home.add("bank", "--username", "a", password=b"first")
    machines += [clone(home, tmp_path / f"m{number}", f"m{number}") for number in (1, 2)]
    seen = []
    for step in range(STEPS):
        machine = draw.choice(machines)
        if draw.random() < 0.12:
            other = draw.choice(machines)
            result = machine.run("merge", other.vault)
            assert result.status == 0, (seed, step, result)
        else:
            words, stdin = command(draw)
            result = machine.run(*words, stdin=stdin)
            # Two names may mean one entry already.
            assert result.status in ALLOWED | ({64} if words[0] == "join" else set()), (seed, step, words, result)
        if draw.random() < 0.05:
            # A backup that comes back, or a clone that lives on: everybody of the past is still somebody.
            copy = tmp_path / f"old-{step}.coffer"
            shutil.copy(machine.vault, copy)
            seen.append(copy)

    before = [versions_of(machine) for machine in machines]
    files = []
    for number, machine in enumerate(machines):
        files.append(tmp_path / f"final-{number}.coffer")
        shutil.copy(machine.vault, files[-1])
    for machine in machines:
        others = files + seen
        draw.shuffle(others)
        for path in others:
            assert machine.run("merge", path).status == 0, (seed, path)
    assert len({machine.vault.read_bytes() for machine in machines}) == 1, f"seed {seed}"

    # The survivors, history included, are those of the independent model: old copies are ancestors and add nothing.
    after = versions_of(home)
    for id in after:
        assert after[id] == forge.trim(union(machine.get(id, []) for machine in before)), f"seed {seed}, {id.hex()}"
    assert set(after) == {id for machine in before for id in machine}
    home.ok("verify", "--deep")
    descriptor = pipe_with(home.password + b"\n")
    shown = subprocess.run(
        ["/usr/bin/python3", forge.READER, home.vault, "--password-fd", str(descriptor)], pass_fds=[descriptor],
        capture_output=True, timeout=60)
    assert shown.returncode == 0, (seed, shown)
