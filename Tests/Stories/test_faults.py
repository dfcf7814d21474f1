"""Each system call of a save fails in turn: the vault is wholly old or wholly new, and nothing untrue is claimed.

The faults are made by strace, and by a library put before the C library (a dynamic program is needed for that: $COFFER
itself, or the debug build).
"""

import os
import re
import resource
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

import conftest
from conftest import Coffer
from fault_injection import calls, fail, trace

ADD = ["add", "new", "--password-stdin"]
SAVE = {"stdin": b"s3cret\n"}
OLD_TITLES = {"one", "two", "three"}

# Calls that bring nothing new onto the disk, as does listing a folder: a save may go on, or fail, when they do.
MAY_SUCCEED = {"close", "getdents64", "unlink", "unlinkat", "copy_file_range", "newfstatat", "lstat", "stat", "readlink"}
# What a full disk or quota can make fail.
SPACE = {"openat", "open", "write", "copy_file_range", "fsync", "link", "linkat", "rename", "renameat", "renameat2",
         "mkdir", "mkdirat", "close"}
# What a signal can interrupt.
INTERRUPTIBLE = {"openat", "open", "write", "copy_file_range", "fsync", "pread64", "flock", "link", "linkat", "rename",
                 "renameat", "renameat2", "mkdir", "unlink"}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A vault of three entries and thirteen backups, so that a save also removes one; with its folder's content."""
    coffer = in_folder(tmp_path_factory.mktemp("faults") / "home")
    coffer.init()
    for title in sorted(OLD_TITLES):
        coffer.add(title)
    for number in range(10):
        shutil.copy(coffer.vault, backups(coffer) / f"{90 + number:08}-{1_700_000_000 + number}.coffer")
    return coffer


def in_folder(home):
    """A home whose vault has a folder of its own."""
    coffer = Coffer(home)
    coffer.vault = coffer.home / "vaults" / "v.coffer"
    coffer.vault.parent.mkdir(exist_ok=True)
    return coffer


def copy_of(original, home):
    """The same home in another place, hard links and the order of names included."""
    subprocess.run(["cp", "-a", original.home, home], check=True)
    return in_folder(home)


def backups(coffer):
    return coffer.vault.with_name("v.coffer.backups")


def titles(coffer):
    """The titles in the vault, or why it does not open."""
    result = coffer.run("ls")
    if result.status != 0:
        return result
    return {line.split(b"\t")[0].decode() for line in result.out.splitlines()}


def temporary_files(coffer):
    return [p.name for p in coffer.vault.parent.rglob("*") if ".tmp-" in p.name or p.name.endswith(".unfinished")]


def says_what_to_do(result):
    """One line with the number of the error, what happened, and what to do."""
    text = result.err.decode()
    return (
        re.search(rf"^coffer: error {result.status}: \S.*\. \S.*", text, re.MULTILINE)
        and re.search(r"\b(try again|check|make room|choose|name|create|give|use|use another|raise)\b", text, re.IGNORECASE)
    )


def check_after_fault(coffer, before, result, may_succeed):
    """What is wrong after a save in which one call failed; None when nothing is."""
    now = coffer.vault.read_bytes()
    found = titles(coffer)
    claimed = b"Added" in result.err
    if claimed != (result.status == 0):
        return f"claimed {claimed} with status {result.status}"
    if result.status < 0:
        return f"ended by signal {-result.status}"
    if result.status == 0:
        if not may_succeed:
            return "success although the call failed"
        if found != OLD_TITLES | {"new"}:
            return f"success, but there is {found}"
        return None
    if not says_what_to_do(result):
        return "no clear error"
    if now == before:
        return None if found == OLD_TITLES else f"the old file does not open: {found}"
    if found != OLD_TITLES | {"new"}:
        return f"neither old nor new: {found}"
    if b"was saved, but" not in result.err:
        return "the vault is new, and the error does not say so"
    return None


def check_next_save(coffer):
    """What is wrong after the next save without a fault."""
    result = coffer.run("add", "next", "--password-stdin", stdin=b"s3cret\n")
    if result.status != 0:
        return f"the next save failed: {result}"
    if not OLD_TITLES | {"next"} <= titles(coffer):
        return f"after the next save there is {titles(coffer)}"
    left = temporary_files(coffer)
    return f"left behind: {left}" if left else None


def may_succeed(call):
    return call.name in MAY_SUCCEED or "O_NONBLOCK|O_CLOEXEC|O_DIRECTORY" in call.line


def until_it_hits(original, home, action):
    """A copy of the home, and what the action on it gave: a result, and whether the fault reached its call.

    Where the random id of the new entry sorts decides whether the old ones are copied in one call or in two.
    """
    for _ in range(40):
        coffer = copy_of(original, home)
        result, hit = action(coffer)
        if hit:
            break
        shutil.rmtree(home)
    return coffer, result, hit


def inject_everywhere(original, tmp_path, wanted):
    """Makes each call of a save fail with the errors that `wanted` has for it. Prints how many calls and faults."""
    before = original.vault.read_bytes()
    sample = copy_of(original, tmp_path / "sample")
    result, lines = trace(sample, ADD, **SAVE)
    assert result.status == 0, result
    targets = [(call, error) for call in calls(lines, sample.vault.parent) for error in wanted(call)]
    assert targets

    def attempt(job):
        number, (call, error) = job
        coffer, result, hit = until_it_hits(
            original, tmp_path / str(number), lambda coffer: fail(coffer, call, error, ADD, **SAVE))
        if not hit:
            return hit, f"{error} at {call.line}\n    the fault did not reach the call"
        fault = check_after_fault(coffer, before, result, may_succeed(call)) or check_next_save(coffer)
        shutil.rmtree(coffer.home)
        return hit, fault and f"{error} at {call.line}\n    {fault}\n    {result.err.decode()}"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(attempt, enumerate(targets)))
    injected = sum(hit for hit, _ in outcomes)
    print(f"calls: {len(targets)}, faults injected: {injected}")
    faults = [fault for _, fault in outcomes if fault]
    assert not faults, "\n".join(faults)
    assert injected == len(targets)


def test_an_input_output_error_at_any_call_leaves_the_vault_whole(original, tmp_path):
    inject_everywhere(original, tmp_path, lambda call: ["EIO"])


def test_a_full_disk_or_quota_at_any_call_leaves_the_vault_whole(original, tmp_path):
    inject_everywhere(original, tmp_path, lambda call: ["ENOSPC", "EDQUOT"] if call.name in SPACE else [])


def test_an_interruption_of_any_call_is_no_failure(original, tmp_path):
    """EINTR: the call is made again, and the save goes on."""
    sample = copy_of(original, tmp_path / "sample")
    _, lines = trace(sample, ADD, **SAVE)
    targets = [call for call in calls(lines, sample.vault.parent) if call.name in INTERRUPTIBLE]

    def attempt(job):
        number, call = job
        coffer, result, hit = until_it_hits(
            original, tmp_path / str(number), lambda coffer: fail(coffer, call, "EINTR", ADD, **SAVE))
        good = hit and result.status == 0 and titles(coffer) == OLD_TITLES | {"new"}
        return hit, None if good else f"EINTR at {call.line}: {result}"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(attempt, enumerate(targets)))
    injected = sum(hit for hit, _ in outcomes)
    print(f"calls: {len(targets)}, faults injected: {injected}")
    faults = [fault for _, fault in outcomes if fault]
    assert not faults, "\n".join(faults)
    assert injected == len(targets) > 10


def test_no_success_is_claimed_after_a_failed_fsync(original, tmp_path):
    """Of the file: the old vault stays. Of the folder: the new one is there, and the error says that it may not last."""
    for number, expected in [(1, OLD_TITLES), (2, OLD_TITLES | {"new"})]:
        coffer = copy_of(original, tmp_path / str(number))
        result, lines = trace(coffer, ADD, ["fsync"], f"fsync:error=EIO:when={number}", **SAVE)
        assert sum("(INJECTED)" in line for line in lines) == 1
        assert result.status == 1 and b"Added" not in result.err, result
        assert (b"was saved, but the system did not confirm" in result.err) == (number == 2), result
        assert titles(coffer) == expected
        # It is not asked again: the kernel would say yes for pages that it has dropped.
        assert len([line for line in lines if "fsync(" in line]) == number


def test_init_claims_nothing_that_the_fsync_of_the_folder_did_not_confirm(tmp_path):
    coffer = in_folder(tmp_path / "home")
    words = ["init", "--unsafe-test-kdf", "--iterations", "1", "--no-recovery-key"]
    options = {"fds": {"--new-password-fd": b"a password\n"}, "unlock": False}
    result, lines = trace(coffer, words, ["fsync"], "fsync:error=EIO:when=3", **options)
    assert [line for line in lines if "(INJECTED)" in line and str(coffer.vault.parent) in line], lines
    assert result.status == 1 and b"Made the vault" not in result.err, result


def test_the_folder_is_synchronised_after_the_rename_and_before_success_is_told(original, tmp_path):
    """And before the rename: the file is synchronised, read back, and the old state has its backup."""
    coffer = copy_of(original, tmp_path / "home")
    result, lines = trace(coffer, ADD, **SAVE)
    assert result.status == 0
    folder = re.escape(str(coffer.vault.parent))
    steps = [
        rf"flock\(\d+<{folder}/v.coffer.lock>, LOCK_EX",
        rf'openat\(.*"{folder}/\.v\.coffer\.tmp-[0-9a-f]{{16}}", O_RDWR\|O_CREAT\|O_EXCL\|O_NOFOLLOW\|O_CLOEXEC, 0600\)',
        rf"write\(\d+<{folder}/\.v\.coffer\.tmp-",
        rf"fsync\(\d+<{folder}/\.v\.coffer\.tmp-",
        rf"pread64\(\d+<{folder}/\.v\.coffer\.tmp-",
        rf'link(at)?\(.*"{folder}/v.coffer".*"{folder}/v.coffer.backups/\d{{8}}-\d+\.coffer"',
        rf'rename(at2?)?\(.*"{folder}/\.v\.coffer\.tmp-[0-9a-f]+".*"{folder}/v.coffer"',
        rf"fsync\(\d+<{folder}>\)",
        r'write\(2.*"Added',
    ]
    position = -1
    for step in steps:
        found = [number for number, line in enumerate(lines) if number > position and re.search(step, line)]
        assert found, f"no {step} after line {position} of\n" + "\n".join(lines)
        position = found[0]
    # Nothing of the new file is written once it has been synchronised.
    synchronised = next(n for n, line in enumerate(lines) if re.search(steps[3], line))
    assert not [line for line in lines[synchronised:] if re.search(steps[2], line)]


def test_a_backup_on_a_file_system_without_hard_links_is_a_whole_copy(original, tmp_path):
    coffer = copy_of(original, tmp_path / "home")
    before = coffer.vault.read_bytes()
    known = set(backups(coffer).iterdir())
    result, lines = trace(coffer, ADD, ["link", "linkat"], "link,linkat:error=EPERM", **SAVE)
    assert result.status == 0, result
    [made] = set(backups(coffer).iterdir()) - known
    assert made.read_bytes() == before and made.stat().st_mode & 0o777 == 0o600
    assert not temporary_files(coffer)


def test_a_limit_on_file_sizes_is_an_error_and_not_the_end(original, tmp_path):
    """SIGXFSZ would kill the program half-way through; the write that goes over the limit is a short one before."""
    for limit in [0, 100, 700, 1200]:
        coffer = copy_of(original, tmp_path / str(limit))
        before = coffer.vault.read_bytes()
        limits = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        result = coffer.run(*ADD, **SAVE, preexec_fn=limits)
        assert result.status == 1 and b"ulimit -f" in result.err, result
        assert coffer.vault.read_bytes() == before
        assert not temporary_files(coffer)
        assert check_next_save(coffer) is None


# --- Faults that strace cannot make

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_new_state(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, path, sizeof path - 1);
    if (count < 0) return 0;
    path[count] = 0;
    return strstr(path, ".tmp-") != NULL;
}

/* SHIM=short: at most half of what was asked, and every other call is interrupted.
   SHIM=flip, FLIP=n: the nth write to a temporary file puts one other bit onto the disk. */
ssize_t write(int descriptor, const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    static int writes, calls;
    if (!real) real = dlsym(RTLD_NEXT, "write");
    const char *kind = getenv("SHIM");
    if (!kind || !is_new_state(descriptor)) return real(descriptor, bytes, count);
    if (!strcmp(kind, "short")) {
        if (calls++ % 2) { errno = EINTR; return -1; }
        return real(descriptor, bytes, (count + 1) / 2);
    }
    if (++writes != atoi(getenv("FLIP"))) return real(descriptor, bytes, count);
    unsigned char *copy = malloc(count);
    memcpy(copy, bytes, count);
    copy[count / 2] ^= 1;
    ssize_t written = real(descriptor, copy, count);
    free(copy);
    fprintf(stderr, "[flipped]\n");
    return written;
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    static ssize_t (*real)(int, void *, size_t, off_t);
    static int calls;
    if (!real) real = dlsym(RTLD_NEXT, "pread");
    const char *kind = getenv("SHIM");
    if (!kind || strcmp(kind, "short")) return real(descriptor, bytes, count, offset);
    if (calls++ % 2) { errno = EINTR; return -1; }
    return real(descriptor, bytes, (count + 1) / 2, offset);
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off_t offset) { return pread(descriptor, bytes, count, offset); }

/* Everything through this process, where the shim sees it; or a little at a time. */
ssize_t copy_file_range(int source, off_t *from, int target, off_t *to, size_t count, unsigned flags) {
    static ssize_t (*real)(int, off_t *, int, off_t *, size_t, unsigned);
    if (!real) real = dlsym(RTLD_NEXT, "copy_file_range");
    const char *kind = getenv("SHIM");
    if (kind && !strcmp(kind, "flip")) { errno = ENOSYS; return -1; }
    return real(source, from, target, to, kind ? (count + 1) / 2 : count, flags);
}
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """The program and the environment in which the faults of SHIM happen to it."""
    program = conftest.DYNAMIC_PROGRAM
    if not os.path.exists(program) or not is_dynamic(program):
        pytest.fail("these faults need a dynamic program: build the debug one (swift build --product coffer)")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "shim.c").write_text(SHIM)
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", folder / "shim.so", folder / "shim.c", "-ldl"], check=True)
    return SimpleNamespace(program=program, library=str(folder / "shim.so"))


def is_dynamic(program):
    headers = subprocess.run(["readelf", "-lW", program], capture_output=True, text=True).stdout
    return "INTERP" in headers


def run_shimmed(coffer, shim, monkeypatch, **environment):
    monkeypatch.setattr(conftest, "PROGRAM", shim.program)
    return coffer.run(*ADD, **SAVE, env={"LD_PRELOAD": shim.library, **environment})


def test_short_writes_and_reads_are_completed(original, tmp_path, shim, monkeypatch):
    coffer = copy_of(original, tmp_path / "home")
    result = run_shimmed(coffer, shim, monkeypatch, SHIM="short")
    assert result.status == 0, result
    assert titles(coffer) == OLD_TITLES | {"new"}
    for title in OLD_TITLES:
        assert coffer.ok("get", title) == b"a password\n"


def test_a_garbled_write_is_found_by_reading_back_and_the_old_vault_stays(original, tmp_path, shim, monkeypatch):
    """One bit of each write to the new file is flipped in turn: header, index, entries old and new. What the machine remembers
    is written nowhere: it would be among the writes."""
    flipped = 0
    for number in range(1, 100):
        coffer = copy_of(original, tmp_path / str(number))
        before = coffer.vault.read_bytes()
        result = run_shimmed(coffer, shim, monkeypatch, SHIM="flip", FLIP=str(number), XDG_STATE_HOME="/proc/nowhere")
        if b"[flipped]" not in result.err:
            break
        flipped += 1
        assert result.status == 1, f"write {number}: {result}"
        assert b"read back" in result.err and b"Added" not in result.err, result
        assert coffer.vault.read_bytes() == before
        assert titles(coffer) == OLD_TITLES and not temporary_files(coffer)
    assert result.status == 0 and flipped >= 5, (flipped, result)
