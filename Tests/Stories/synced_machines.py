"""Machines that share one vault through a folder, and looks at that folder."""

import os
import stat

from conftest import Coffer
from machines import named

WEAK = "--accept-weak-password"  # the vaults of stories have a password that is worth nothing


def sync(machine, *arguments, status=0, **options):
    """Runs `coffer sync` and requires its status; the result."""
    result = machine.run("sync", *arguments, WEAK, **options)
    assert result.status == status, result
    return result


def by_hand(*machines):
    """Lets these machines sync only when they are told to."""
    for machine in machines:
        machine.ok("config", "set", "sync.auto", "off", unlock=False)


def machines(folder, home, *names):
    """Machines with the same vault, `mail` and `work/vk` in it, in step through `folder`; they sync when told to."""
    folder.mkdir(exist_ok=True)
    first = named(Coffer(home / names[0]), names[0]).init()
    first.add("work/vk", "--username", "anna", password=b"first")
    first.add("mail", password=b"mail-1")
    sync(first, folder)
    others = []
    for name in names[1:]:
        other = named(Coffer(home / name), name)
        sync(other, folder, "--join")
        others.append(other)
    by_hand(first, *others)
    # Each has seen all others' files.
    for machine in (first, *others):
        sync(machine)
    return [first, *others]


def change(machine, password, title="mail"):
    machine.ok("set", title, "password", "-", stdin=password + b"\n")


def value(machine, title="mail"):
    return machine.ok("get", title).removesuffix(b"\n")


def in_step(*machines):
    """Whether all vaults are the same bytes."""
    return len({machine.vault.read_bytes() for machine in machines}) == 1


def settle(*machines):
    """Syncs until nothing changes; all vaults are the same bytes then."""
    for _ in range(2):
        for machine in machines:
            sync(machine)
    assert in_step(*machines)


def own_replica(machine):
    """The path of this machine's own file in the folder."""
    status = machine.run("sync", "status", "--json").json()
    [own] = [found["file"] for found in status["machines"] if found["own"]]
    return os.path.join(status["place"], own)


def replicas(folder):
    """The vault files in the folder, ascending."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".coffer")


def snapshot(*roots, content=True):
    """Everything under the roots: kind, permissions, inode, times and bytes of every file, the target of every link."""
    seen = {}
    for root in roots:
        for path in [root, *root.rglob("*")]:
            status = path.lstat()
            seen[path] = [stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode), status.st_ino]
            if stat.S_ISREG(status.st_mode):
                small = content and status.st_size < 1 << 20
                seen[path] += [status.st_mtime_ns, status.st_size, path.read_bytes() if small else None]
            elif stat.S_ISLNK(status.st_mode):
                seen[path].append(os.readlink(path))
    return seen


def differences(before, after):
    """The paths that two snapshots have differently."""
    return sorted(str(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path))
