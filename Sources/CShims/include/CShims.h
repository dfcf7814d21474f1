// Variadic or macro-only C interfaces that Swift cannot call.
#pragma once
#include <stddef.h>
#include <sys/types.h>

/// prctl(PR_SET_DUMPABLE, 0). Returns 0, or -1 with errno.
int coffer_forbid_dumps(void);

/// open(2) with a mode and O_CLOEXEC always added. Returns a descriptor, or -1 with errno.
int coffer_open(const char *path, int flags, mode_t mode);

/// Copies up to `count` bytes from `offset` of `source` to the end of `target` inside the kernel.
/// Returns the number of bytes copied, or -1 with errno.
ssize_t coffer_copy_range(int source, off_t offset, int target, size_t count);

/// Turns terminal echo on or off for `descriptor`. Returns 0, or -1 with errno.
int coffer_echo(int descriptor, int on);

/// The width of the terminal `descriptor` in columns, 0 when it has none.
int coffer_terminal_columns(int descriptor);
