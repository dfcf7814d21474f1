// The walls around a process that reads foreign bytes (docs/threat-model.md, "Foreign formats").
#pragma once

/// What coffer_sandbox_enter has put up, one bit each.
enum {
    COFFER_SANDBOX_SYSTEM_CALLS = 1,
    COFFER_SANDBOX_FILES = 2,
};

/// Gives up everything but computing, reading and writing the descriptors that are open, and ending: no file, socket, process or
/// privilege can be had any more, nor more than so many bytes of memory and seconds of computing. Landlock is left out where the
/// kernel has none. Returns the walls that stand, or -1 with errno.
int coffer_sandbox_enter(unsigned long memory_maximum, unsigned seconds_maximum);

/// What coffer_sandbox_try does.
enum {
    COFFER_SANDBOX_TRY_FILE,
    COFFER_SANDBOX_TRY_NEW_FILE,
    COFFER_SANDBOX_TRY_SOCKET,
    COFFER_SANDBOX_TRY_PROCESS,
    COFFER_SANDBOX_TRY_PROGRAM,
    COFFER_SANDBOX_TRY_SIGNAL,
    COFFER_SANDBOX_TRY_COUNT,
};

/// Tries one of the above. Returns 0 where it could be done, else errno.
int coffer_sandbox_try(int what);
