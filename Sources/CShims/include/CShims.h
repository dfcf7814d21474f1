// C interfaces that Swift cannot call (variadic functions, macros), signals, and starting programs.
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
/// echo is off until the end. Watches the signals that end or stop a process; while it is stopped, others have the turn,
/// unless that is -1. Returns 0, or -1 with errno.
int coffer_prompt_begin(int descriptor, int hide, int turn);

/// Waits for a line and reads at most `count` bytes of it. SIGTERM, SIGHUP, SIGQUIT and SIGTSTP find the terminal as it
/// was before the question.
long coffer_prompt_read(void *buffer, size_t count);

/// After the last answer: what is typed stays hidden until coffer_prompt_end, while something takes its time. Signals that end the
/// process find the terminal as it was before.
void coffer_prompt_answered(void);

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

/// The user and the process on the other side, when it connected or listened (SO_PEERCRED). Returns 0, or -1 with errno.
int coffer_socket_peer(int descriptor, unsigned *user, int *process);

/// write(2) on a socket without SIGPIPE.
long coffer_socket_send(int descriptor, const void *bytes, size_t count);

// A process that ends when it is told to.

/// From now on SIGHUP, SIGINT, SIGTERM and SIGALRM are only noticed, and only inside coffer_wait and during work. Returns 0, or -1
/// with errno.
int coffer_notice_end_signals(void);

/// ppoll(2) in which those signals may come, of `count` structures pollfd. `milliseconds` below 0 waits for ever.
int coffer_wait(void *descriptors, size_t count, int milliseconds);

/// Begins work that must not keep the process from ending: one of those signals ends it at once, and so does the end of
/// `seconds`.
void coffer_begin_work(unsigned seconds);
void coffer_end_work(void);

/// Whether one of them has come.
int coffer_is_told_to_end(void);

/// Starts `program` in a session of its own with standard input, output and error on /dev/null and `descriptor` as its
/// descriptor 3; all else is closed. Returns its process id, or -1 with errno.
int coffer_start_agent(const char *program, char *const arguments[], char *const environment[], int descriptor);

/// Fills memory that is freed with another pattern from now on, so that nothing of it can be read there later.
void coffer_wipe_freed_memory(void);

/// Starts the program at `path` in a session of its own, with default signals and no descriptor but the standard ones.
/// `input` and `output`, where they are not NULL, get our end of a pipe, which does not block. What has no pipe, standard error
/// among it, is /dev/null. Returns the process id, or -1 with errno.
int coffer_start(const char *path, char *const arguments[], int *input, int *output);

/// Starts the program at `path` in a session of its own, without an environment, which reads from `input`. `output` gets our end
/// of the pipe that it writes to, which does not block; its standard error is /dev/null. Returns the process id, or -1 with
/// errno.
int coffer_start_filter(const char *path, char *const arguments[], int input, int *output);

/// Goes on in a child process that ignores SIGHUP and keeps SIGTERM waiting; this process ends with status 0. Its folder is
/// the root, so that it keeps no other in use. Returns 0 in the child, or -1 with errno.
int coffer_detach(void);

/// Waits for `seconds`, counted while the machine is suspended too, or until SIGTERM. Returns 0, or -1 with errno when
/// nothing could be waited for.
int coffer_wait_guarding(unsigned seconds);

/// The height of the terminal `descriptor` in lines, 0 when it has none.
int coffer_terminal_lines(int descriptor);

/// The kernel's number of the terminal `descriptor`, which /dev/tty has too; -1 when it is none.
long long coffer_terminal_device(int descriptor);

/// Writes the path of the terminal `descriptor` to `path`, never /dev/tty. Returns 0, or -1 with errno.
int coffer_terminal_path(int descriptor, char *path, size_t count);

/// What coffer_signals_wait returns beside a signal's number, and -1 with errno.
enum { COFFER_SIGNALS_READY = 0, COFFER_SIGNALS_TIME = -2 };

/// Watches SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT and SIGWINCH until the end: they are kept for
/// coffer_signals_wait. Those that the caller ignores stay ignored.
void coffer_signals_begin(void);
void coffer_signals_end(void);

/// Waits until `descriptor` can be read (none if -1), a signal came, or the time is over (never if negative).
int coffer_signals_wait(int descriptor, long long nanoseconds);

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
int coffer_start_program(const char *path, int *talk, int *listen);

/// Keeps what the caller has set of signals, limits and the mask of new files: to be called before any of it is changed.
void coffer_remember_caller(void);

/// The variable at `position` of the environment, NAME=value; NULL behind the last one.
const char *coffer_environment(size_t position);

/// Becomes the program `arguments[0]`, looked for in PATH, with what the caller had set. Its environment is ours without the
/// variables named in `unset`, and with `assignments`: both are so many texts NAME or NAME=value, each with a zero at its end.
/// Returns only where that fails, with errno.
int coffer_execute(
    char *const arguments[], char *assignments, size_t assignment_count, const char *unset, size_t unset_count);
