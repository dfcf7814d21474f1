// Variadic or macro-only C interfaces that Swift cannot call.
#pragma once
#include <poll.h>
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
int coffer_socket_peer(int descriptor, uid_t *user);

/// write(2) on a socket without SIGPIPE.
ssize_t coffer_socket_send(int descriptor, const void *bytes, size_t count);

// A process that ends when it is told to.

/// From now on SIGHUP, SIGINT and SIGTERM are only noticed, and only inside coffer_wait. Returns 0, or -1 with errno.
int coffer_notice_end_signals(void);

/// ppoll(2) in which those signals may come. `milliseconds` below 0 waits for ever.
int coffer_wait(struct pollfd *descriptors, size_t count, int milliseconds);

/// Whether one of them has come.
int coffer_is_told_to_end(void);

/// Starts `program` in a session of its own with standard input, output and error on /dev/null and `descriptor` as its
/// descriptor 3; all else is closed. Returns its process id, or -1 with errno.
pid_t coffer_start(const char *program, char *const arguments[], char *const environment[], int descriptor);

/// Fills memory that is freed with another pattern from now on, so that nothing of it can be read there later.
void coffer_wipe_freed_memory(void);
