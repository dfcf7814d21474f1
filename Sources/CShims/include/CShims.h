// Variadic or macro-only C interfaces that Swift cannot call.
#pragma once
#include <stddef.h>
#include <sys/types.h>

/// prctl(PR_SET_DUMPABLE, 0). Returns 0, or -1 with errno.
int coffer_forbid_dumps(void);

/// The arguments of the process as the system gave them, the program's name first. Swift's own list is made from /proc, and is
/// empty where no descriptor is left to open that with.
int coffer_argument_count(void);
const char *coffer_argument(int position);

/// open(2) with a mode and O_CLOEXEC always added. Returns a descriptor, or -1 with errno.
int coffer_open(const char *path, int flags, mode_t mode);

/// Copies up to `count` bytes from `offset` of `source` to where `target` is written next, inside the kernel.
/// Returns the number of bytes copied, or -1 with errno.
ssize_t coffer_copy_range(int source, off_t offset, int target, size_t count);

/// renameat2(2) with RENAME_EXCHANGE. Returns 0, or -1 with errno.
int coffer_exchange(const char *one, const char *two);

/// What coffer_prompt_read returns beside a count, 0 for the end, and -1 with errno.
enum {
    /// The question stood still (Ctrl-Z, SIGSTOP) or the screen is another: show it again, forget what was read of it.
    COFFER_PROMPT_AGAIN = -2,
    /// SIGINT came. coffer_prompt_end is still to be called.
    COFFER_PROMPT_INTERRUPTED = -3,
};

/// Begins a question on the terminal `descriptor` (opened with O_NONBLOCK), one at a time in a process; with `hide`,
/// echo is off until the end. Watches the signals that end or stop a process. Returns 0, or -1 with errno.
int coffer_prompt_begin(int descriptor, int hide);

/// Waits for a line and reads at most `count` bytes of it. SIGTERM, SIGHUP, SIGQUIT and SIGTSTP find the terminal as it
/// was before the question.
ssize_t coffer_prompt_read(void *buffer, size_t count);

/// Gives the terminal and the signals back. Does nothing when no question is open.
void coffer_prompt_end(void);

/// The width of the terminal `descriptor` in columns, 0 when it has none.
int coffer_terminal_columns(int descriptor);
