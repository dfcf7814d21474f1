"""A system that lets nobody lock memory is told of, once, and is no reason to refuse."""

import os

import pytest

NOBODY = 65534
WARNING = b"coffer: warning: the system did not lock the memory that held secrets"


@pytest.mark.parametrize("limit, warnings", [("0", 1), ("1000000", 0)])
def test_memory_that_cannot_be_locked_is_told_once(home, limit, warnings):
    # Root may lock whatever the limit says.
    unprivileged = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"] if os.geteuid() == 0 else []
    result = home.run("generate", "--count", "3", unlock=False, prefix=["prlimit", f"--memlock={limit}", *unprivileged])
    assert result.status == 0 and len(result.out.split()) == 3, result
    assert result.err.count(WARNING) == warnings, result
    assert result.err == b"" or result.err.count(b"\n") == 1, result
