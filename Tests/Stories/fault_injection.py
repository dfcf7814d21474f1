"""Makes single system calls of a command fail, or kills the command there, with strace.

Only calls that touch the vault's folder count: what the loader and the runtime do before is not Coffer's.
"""

import os
import re
from dataclasses import dataclass

# A question mark lets strace pass over a call that this machine does not have.
NAMES = (
    "open openat close read pread64 write pwrite64 fsync fdatasync rename renameat renameat2 link linkat unlink unlinkat"
    " mkdir mkdirat ftruncate fallocate copy_file_range flock fcntl stat lstat fstat newfstatat statx getdents64 readlink"
    " readlinkat chmod fchmod"
).split()


# Set by scripts/prove, which takes its time.
IS_THOROUGH = os.environ.get("COFFER_THOROUGH") == "1"


def share(items, step):
    """Every `step`th of `items`, all of them where there is time for it."""
    return items[::1 if IS_THOROUGH else step]


@dataclass(frozen=True)
class Call:
    """The `ordinal`th call of `name` in a command (from 1), with its line in the trace."""

    name: str
    ordinal: int
    line: str


def trace(coffer, arguments, names=NAMES, inject=None, **options):
    """Runs a command under strace; its result and the lines of the trace, without the process ids."""
    log = coffer.home / "trace"
    what = ",".join("?" + name for name in names)
    faults = ["-e", "inject=" + inject] if inject else []
    prefix = ["strace", "-f", "-qq", "-y", "-s", "64", "-o", log, "-e", "trace=" + what, *faults]
    result = coffer.run(*arguments, prefix=prefix, **options)
    lines = [re.sub(r"^\d+ +", "", line) for line in log.read_text(errors="replace").splitlines()]
    log.unlink()
    return result, lines


def calls(lines, folder):
    """The calls of a trace that touch the folder, each with its place among the calls of its name."""
    counts, found = {}, []
    for line in lines:
        name = re.match(r"(\w+)\(", line)
        if not name:
            continue
        counts[name[1]] = counts.get(name[1], 0) + 1
        if str(folder) in line:
            found.append(Call(name[1], counts[name[1]], line))
    return found


def fail(coffer, call, error, arguments, **options):
    """Runs a command in which the call fails with the error; its result and whether the fault reached that call."""
    inject = f"{call.name}:error={error}:when={call.ordinal}"
    result, lines = trace(coffer, arguments, [call.name], inject, **options)
    hit = [line for line in lines if "(INJECTED)" in line]
    return result, len(hit) == 1 and str(coffer.vault.parent) in hit[0]


def kill(coffer, call, arguments, **options):
    """Runs a command that is killed when it is about to make the call; whether it was."""
    inject = f"{call.name}:signal=KILL:when={call.ordinal}"
    result, lines = trace(coffer, arguments, [call.name], inject, **options)
    return any("killed by SIGKILL" in line for line in lines)
