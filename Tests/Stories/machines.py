"""A second machine: a home of its own with a copy of a vault."""

import hashlib
import shutil

from conftest import Coffer


def named(coffer, machine):
    """Gives the home's machine a name, as `init --machine` does."""
    state = coffer.home / ".local/state/coffer"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    (state / "machine").write_text(f"{machine}\n{hashlib.md5(machine.encode()).hexdigest()}\n")
    return coffer


def clone(coffer, home, machine):
    """Another machine with the vault as it is now."""
    other = named(Coffer(home, coffer.password), machine)
    shutil.copy(coffer.vault, other.vault)
    return other
