"""Stops a program at its system calls and looks for secrets in everything it has in memory.

Uses ptrace(2) directly (x86-64). The files of /proc are opened right after execve, before the program makes itself
undumpable: that is why no privilege is needed.
"""

import ctypes
import os
import re
import signal
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long

TRACEME, GETREGS, SYSCALL, SETOPTIONS = 0, 12, 24, 0x4200
TRACESYSGOOD, EXITKILL = 1, 1 << 20
SYSCALL_STOP = signal.SIGTRAP | 0x80

WRITE, PRCTL, EXIT_GROUP, PPOLL = 1, 157, 231, 271
# Memory is searched in parts, for most of it is empty or unchanged.
PART = 4096
ZEROS = bytes(PART)
CALL_NAMES = {0: "read", WRITE: "write", PRCTL: "prctl", EXIT_GROUP: "exit", PPOLL: "ppoll"}


class Registers(ctypes.Structure):
    """struct user_regs_struct of <sys/user.h>."""

    _fields_ = [
        (name, ctypes.c_ulonglong)
        for name in (
            "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base"
            " ds es fs gs"
        ).split()
    ]


def ptrace(request, pid, data=None):
    if libc.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), f"ptrace request {request}")


class Map:
    """One mapping of /proc/PID/smaps, and what was in it."""

    def __init__(self, line):
        words = line.split(maxsplit=5)
        self.start, self.end = (int(end, 16) for end in words[0].split("-"))
        self.rights = words[1]
        self.name = words[5].strip() if len(words) > 5 else "anonymous"
        self.flags = ()
        self.content = b""

    @property
    def is_locked(self):
        return "lo" in self.flags

    @property
    def can_hold_secrets(self):
        # What is mapped from a file and cannot be written holds what is in that file.
        is_file = self.name.startswith("/") and "w" not in self.rights
        return "r" in self.rights and not is_file and self.name not in ("[vvar]", "[vsyscall]", "[vdso]")


class Find:
    """Eight bytes of a secret in a place where they should not be."""

    def __init__(self, name, map, offset, at):
        self.name, self.place, self.address, self.at = name, map.name, map.start + offset, at
        self.around = map.content[max(0, offset - 48):offset + 80]

    def __repr__(self):
        return f"{self.name} in {self.place} at {self.address:#x}, {self.at}: {self.around!r}"


class Canaries:
    """Secrets to look for, by name.

    The allocator overwrites a part of freed memory, so every eight bytes of a secret are looked for.
    """

    def __init__(self, secrets):
        self.names = {}
        for name, secret in secrets.items():
            assert len(secret) >= 8, f"{name} is too short to be looked for"
            for start in range(0, len(secret) - 7, 8):
                self.names[secret[start:start + 8]] = name
        self.pattern = re.compile(b"|".join(map(re.escape, self.names)))

    def search(self, at, maps, locked_finds, seen=None):
        """The finds outside locked memory; names of those in locked memory go to `locked_finds`.

        `seen` remembers pages between calls: those that did not change are not searched again.
        """
        finds = []
        for map in maps:
            for start, content in self._changed(map, seen):
                for match in self.pattern.finditer(content):
                    name = self.names[match.group()]
                    if map.is_locked:
                        locked_finds.add(name)
                    else:
                        finds.append(Find(name, map, start + match.start(), at))
        return finds

    @staticmethod
    def _changed(map, seen):
        """The parts of `map` that are to be searched: where each starts, and its content."""
        for start in range(0, len(map.content), PART):
            content = map.content[start:start + PART]
            if content == ZEROS:
                continue
            if seen is not None:
                place = (map.start + start, map.is_locked)
                if seen.get(place) == content:
                    continue
                seen[place] = content
            # A secret may lie across the end of a part.
            yield start, content + map.content[start + PART:start + PART + 7]


class MemoryWatch:
    """Runs a program, and keeps what is in its memory before each of its outputs and before its end.

    `fds` become its descriptors from 0 on. With `terminal`, that becomes its controlling terminal, and `answer` is
    called whenever the program waits there.
    """

    def __init__(self, program, arguments, environment, fds, folder, terminal=None, answer=None):
        self.kept = []
        self.answer = answer
        self.is_hardened = False
        # The dynamic loader saves the vector registers on the stack when it first looks a function up, with whatever
        # memcpy left in them. The program that is installed is static and has no such loader.
        environment = {**environment, "LD_BIND_NOW": "1"}
        self.pid = os.fork()
        if self.pid == 0:
            self._become(program, arguments, environment, fds, folder, terminal)
        _, status = os.waitpid(self.pid, 0)
        assert os.WIFSTOPPED(status), "the program did not start"
        ptrace(SETOPTIONS, self.pid, TRACESYSGOOD | EXITKILL)
        self.memory = os.open(f"/proc/{self.pid}/mem", os.O_RDONLY)
        self.maps_file = os.open(f"/proc/{self.pid}/smaps", os.O_RDONLY)

    @staticmethod
    def _become(program, arguments, environment, fds, folder, terminal):
        try:
            os.setsid()
            os.chdir(folder)
            if terminal:
                os.open(terminal, os.O_RDWR)  # the first terminal of a session is the controlling one
            # First above all of them, so that none is overwritten.
            for number, descriptor in enumerate(fds):
                os.dup2(descriptor, number + 100)
            for number in range(len(fds)):
                os.dup2(number + 100, number)
            os.closerange(len(fds), 1024)
            ptrace(TRACEME, 0)
            os.execve(program, [program, *arguments], environment)
        finally:
            os._exit(127)

    def maps(self):
        """The program's memory as it is now."""
        os.lseek(self.maps_file, 0, os.SEEK_SET)
        text = b""
        while part := os.read(self.maps_file, 1 << 16):
            text += part
        maps = []
        for line in text.decode(errors="replace").splitlines():
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                maps.append(Map(line))
            elif line.startswith("VmFlags:"):
                maps[-1].flags = line.split()[1:]
        maps = [map for map in maps if map.can_hold_secrets]
        for map in maps:
            try:
                map.content = os.pread(self.memory, map.end - map.start, map.start)
            except OSError:
                pass  # libsodium makes some pages unreadable
        return maps

    def run(self, everywhere=None):
        """Lets the program run to its end and returns the status, negative for a signal.

        `everywhere` is called with the maps before each system call from the hardening on, before which the program
        reads nothing: it names the moment a secret appears.
        """
        registers = Registers()
        entering, delivered = True, 0
        while True:
            ptrace(SYSCALL, self.pid, delivered)
            delivered = 0
            _, status = os.waitpid(self.pid, 0)
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                os.close(self.memory)
                os.close(self.maps_file)
                return os.waitstatus_to_exitcode(status)
            stop = os.WSTOPSIG(status)
            if stop != SYSCALL_STOP:
                delivered = stop
                continue
            if entering:
                libc.ptrace(GETREGS, self.pid, None, ctypes.byref(registers))
                self._call(registers.orig_rax, registers.rdi, everywhere)
            entering = not entering

    def _call(self, call, first, everywhere):
        at = f"{CALL_NAMES.get(call, call)}({first})"
        self.is_hardened = self.is_hardened or call == PRCTL
        if call in (WRITE, EXIT_GROUP):
            self.kept.append((f"{at}, output {len(self.kept)}", self.maps()))
        elif everywhere and self.is_hardened:
            everywhere(at, self.maps())
        if call == PPOLL and self.answer:
            self.answer()
            time.sleep(0.02)  # the answer passes through the terminal's line discipline

    def search(self, canaries):
        """Looks for `canaries` in all that was kept; returns the finds and the names found in locked memory."""
        locked_finds = set()
        finds = [find for at, maps in self.kept for find in canaries.search(at, maps, locked_finds)]
        return finds, locked_finds
