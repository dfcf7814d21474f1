// Variadic or macro-only C interfaces that Swift cannot call.
#pragma once
#include <stddef.h>
#include <stdint.h>
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
/// echo is off until the end. Watches the signals that end or stop a process; while it is stopped, others have the turn,
/// unless that is -1. Returns 0, or -1 with errno.
int coffer_prompt_begin(int descriptor, int hide, int turn);

/// Waits for a line and reads at most `count` bytes of it. SIGTERM, SIGHUP, SIGQUIT and SIGTSTP find the terminal as it
/// was before the question.
ssize_t coffer_prompt_read(void *buffer, size_t count);

/// Gives the terminal and the signals back. Does nothing when no question is open.
void coffer_prompt_end(void);

/// The width of the terminal `descriptor` in columns, 0 when it has none.
int coffer_terminal_columns(int descriptor);

/// The height of the terminal `descriptor` in lines, 0 when it has none.
int coffer_terminal_lines(int descriptor);

/// The kernel's number of the terminal `descriptor`, which /dev/tty has too; -1 when it is none.
int64_t coffer_terminal_device(int descriptor);

/// Writes the path of the terminal `descriptor` to `path`, never /dev/tty. Returns 0, or -1 with errno.
int coffer_terminal_path(int descriptor, char *path, size_t count);

/// What coffer_signals_wait returns beside a signal's number, and -1 with errno.
enum { COFFER_SIGNALS_READY = 0, COFFER_SIGNALS_TIME = -2 };

/// Watches SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT and SIGWINCH until the end: they are kept for
/// coffer_signals_wait. Those that the caller ignores stay ignored.
void coffer_signals_begin(void);
void coffer_signals_end(void);

/// Waits until `descriptor` can be read (none if -1), a signal came, or the time is over (never if negative).
int coffer_signals_wait(int descriptor, int64_t nanoseconds);

/// Lets `signal` act as if it had not been watched, then goes on watching.
void coffer_signals_pass_on(int signal);

/// What coffer_turn_take returns when another process has the turn still.
enum { COFFER_TURN_OF_ANOTHER = 1 };

/// Takes the turn to ask, a lock on the open file `turn`, when nobody else has it; on the terminal `terminal` (or -1) only in its
/// foreground. Waits so long at most, for ever if negative. Returns 0, COFFER_TURN_OF_ANOTHER, COFFER_PROMPT_INTERRUPTED after
/// SIGINT, or -1 with errno.
int coffer_turn_take(int turn, int terminal, int milliseconds);

/// Gives the turn back; so does the end of the process.
void coffer_turn_leave(int turn);

/// Starts the program at `path` without arguments, with a pipe each as its standard input and output and no other descriptor
/// of ours. `talk` (which does not block) is where it reads from, `listen` where it writes to. Returns its number, or -1 with
/// errno.
pid_t coffer_start_program(const char *path, int *talk, int *listen);
