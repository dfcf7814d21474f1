// Variadic or macro-only C interfaces that Swift cannot call.
//
// The types are plain ones (int for pid_t, unsigned for mode_t, long for off_t and ssize_t): a system header included here
// would make its structures CShims' own in the eyes of Swift, and hide them from files that import Glibc alone.
#pragma once
#include <stddef.h>

/// prctl(PR_SET_DUMPABLE, 0). Returns 0, or -1 with errno.
int coffer_forbid_dumps(void);

/// The arguments of the process as the system gave them, the program's name first. Swift's own list is made from /proc, and is
/// empty where no descriptor is left to open that with.
int coffer_argument_count(void);
const char *coffer_argument(int position);

/// open(2) with a mode and O_CLOEXEC always added. Returns a descriptor, or -1 with errno.
int coffer_open(const char *path, int flags, unsigned mode);

/// Copies up to `count` bytes from `offset` of `source` to where `target` is written next, inside the kernel.
/// Returns the number of bytes copied, or -1 with errno.
long coffer_copy_range(int source, long offset, int target, size_t count);

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
long coffer_prompt_read(void *buffer, size_t count);

/// Gives the terminal and the signals back. Does nothing when no question is open.
void coffer_prompt_end(void);

/// The width of the terminal `descriptor` in columns, 0 when it has none.
int coffer_terminal_columns(int descriptor);

// Sockets of the agent. All descriptors are made with O_CLOEXEC and O_NONBLOCK.

/// The longest path of a socket in bytes, without the zero at its end.
enum { COFFER_SOCKET_PATH_MAXIMUM = 107 };

/// Binds a stream socket to `path` and listens. Returns a descriptor, or -1 with errno.
int coffer_socket_listen(const char *path, int backlog);

/// Connects to the stream socket at `path`. Returns a descriptor, or -1 with errno.
int coffer_socket_connect(const char *path);

/// accept4(2). Returns a descriptor, or -1 with errno.
int coffer_socket_accept(int listener);

/// The user on the other side, when it connected or listened (SO_PEERCRED). Returns 0, or -1 with errno.
int coffer_socket_peer(int descriptor, unsigned *user);

/// write(2) on a socket without SIGPIPE.
long coffer_socket_send(int descriptor, const void *bytes, size_t count);

// A process that ends when it is told to.

/// From now on SIGHUP, SIGINT and SIGTERM are only noticed, and only inside coffer_wait. Returns 0, or -1 with errno.
int coffer_notice_end_signals(void);

/// ppoll(2) in which those signals may come, of `count` structures pollfd. `milliseconds` below 0 waits for ever.
int coffer_wait(void *descriptors, size_t count, int milliseconds);

/// Whether one of them has come.
int coffer_is_told_to_end(void);

/// Starts `program` in a session of its own with standard input, output and error on /dev/null and `descriptor` as its
/// descriptor 3; all else is closed. Returns its process id, or -1 with errno.
int coffer_start_agent(const char *program, char *const arguments[], char *const environment[], int descriptor);

/// Fills memory that is freed with another pattern from now on, so that nothing of it can be read there later.
void coffer_wipe_freed_memory(void);

/// Starts the program at `path` in a session of its own, with default signals and no descriptor but the standard ones.
/// `input` and `output`, where they are not NULL, get our end of a pipe, which does not block; standard error goes where
/// standard output does. What has no pipe is /dev/null. Returns the process id, or -1 with errno.
int coffer_start(const char *path, char *const arguments[], int *input, int *output);

/// Goes on in a child process that ignores SIGHUP and keeps SIGTERM waiting; this process ends with status 0. Its folder is
/// the root, so that it keeps no other in use. Returns 0 in the child, or -1 with errno.
int coffer_detach(void);

/// Waits for `seconds`, counted while the machine is suspended too, or until SIGTERM. Returns 0, or -1 with errno when
/// nothing could be waited for.
int coffer_wait_guarding(unsigned seconds);
