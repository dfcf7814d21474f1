"""Machines that share a vault through a folder."""

import re

from conftest import Coffer
from machines import named


def share(coffer, folder):
    """Puts the vault into the folder, which is made if it is not there. The password of a test is a weak one."""
    folder.mkdir(exist_ok=True)
    coffer.ok("sync", folder, "--accept-weak-password")


def join(folder, home, machine, password, *arguments, **options):
    """A new machine with the vault of the folder."""
    coffer = named(Coffer(home, password), machine)
    coffer.ok("sync", folder, "--join", *arguments, **options)
    return coffer


def pair(first, tmp_path):
    """Two machines, `pc` and `laptop`, with what the vault of `first` holds, and their folder."""
    folder = tmp_path / "shared"
    share(named(first, "pc"), folder)
    return first, join(folder, tmp_path / "laptop", "laptop", first.password), folder


def sync_all(*machines):
    """Syncs until nobody has anything new; all vaults are the same bytes then.

    A machine that a password of the others opens by now has that one from then on.
    """
    passwords = [machine.password for machine in machines]
    for _ in range(2):
        for machine in machines:
            for machine.password in [machine.password, *passwords]:
                result = machine.run("sync")
                if result.status != 3:
                    break
            assert result.status == 0, result
    assert len({machine.vault.read_bytes() for machine in machines}) == 1


def replicas(folder):
    """The vault files in the folder."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".coffer")


def content(folder):
    """Everything in the folder: names and bytes."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def recovery_key(sheet):
    return re.search(rb"CR1(-[0-9A-Z]{4}){9}", sheet.read_bytes()).group()


def opens(coffer, password, *arguments):
    """Whether the password opens the vault; nothing but a wrong password is a no."""
    result = coffer.run("ls", *arguments, fds={"--password-fd": password + b"\n"})
    assert result.status in (0, 3), result
    return result.status == 0
