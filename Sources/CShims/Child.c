// Other programs beside this one: started with what they need and nothing else, and a process that outlives its command.
#define _GNU_SOURCE
#include "CShims.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void close_both(int ends[2]) {
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0) close(ends[i]);
}

// A pipe whose end number `ours` does not block. Neither end is a standard descriptor, which a caller may have closed.
static int make_pipe(int ends[2], int ours) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    for (int i = 0; i < 2; i++) {
        if (ends[i] > STDERR_FILENO) continue;
        int low = ends[i];
        ends[i] = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        close(low);
        if (ends[i] < 0) return -1;
    }
    return fcntl(ends[ours], F_SETFL, O_NONBLOCK);
}

// Puts `descriptor`, or nothing at all, in the place of `standard`.
static int place(posix_spawn_file_actions_t *actions, int descriptor, int standard, int flags) {
    if (descriptor >= 0) return posix_spawn_file_actions_adddup2(actions, descriptor, standard);
    return posix_spawn_file_actions_addopen(actions, standard, "/dev/null", flags, 0);
}

static int spawn(pid_t *child, const char *path, char *const arguments[], int input, int output) {
    // What this program ignores, another one would go on ignoring.
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXFSZ, SIGCHLD};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) sigaddset(&defaults, signals[i]);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    int reason = place(&actions, input, STDIN_FILENO, O_RDONLY);
    if (reason == 0) reason = place(&actions, output, STDOUT_FILENO, O_WRONLY);
    if (reason == 0) reason = place(&actions, output, STDERR_FILENO, O_WRONLY);
    // A descriptor that our caller opened, for a password perhaps, is not closed on exec.
    if (reason == 0) reason = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if (reason == 0) reason = posix_spawn(child, path, &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return reason;
}

int coffer_start(const char *path, char *const arguments[], int *input, int *output) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, reason = 0;
    pid_t child = -1;
    // With SIGCHLD ignored, as a caller may have left it, nobody could wait for the child.
    signal(SIGCHLD, SIG_DFL);
    if ((input && make_pipe(in, 1) != 0) || (output && make_pipe(out, 0) != 0)) reason = errno;
    if (reason == 0) reason = spawn(&child, path, arguments, in[0], out[1]);
    if (reason != 0) {
        close_both(in);
        close_both(out);
        errno = reason;
        return -1;
    }
    if (input) {
        close(in[0]);
        *input = in[1];
    }
    if (output) {
        close(out[1]);
        *output = out[0];
    }
    return child;
}

int coffer_detach(void) {
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    // It is only taken where coffer_wait_guarding waits for it.
    if (sigprocmask(SIG_BLOCK, &end, NULL) != 0) return -1;
    signal(SIGHUP, SIG_IGN);
    pid_t child = fork();
    if (child > 0) _exit(0);
    return child < 0 || chdir("/") != 0 ? -1 : 0;
}

int coffer_wait_guarding(unsigned seconds) {
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    struct itimerspec time = {.it_value = {.tv_sec = seconds}};
    // CLOCK_BOOTTIME goes on while the machine is suspended.
    struct pollfd waits[2] = {
        {.fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC), .events = POLLIN},
        {.fd = signalfd(-1, &end, SFD_CLOEXEC), .events = POLLIN},
    };
    int done = waits[0].fd >= 0 && waits[1].fd >= 0 && timerfd_settime(waits[0].fd, 0, &time, NULL) == 0 ? 0 : -1;
    while (done == 0) {
        done = poll(waits, 2, -1);
        if (done < 0 && errno == EINTR) done = 0;
    }
    for (int i = 0; i < 2; i++)
        if (waits[i].fd >= 0) close(waits[i].fd);
    return done < 0 ? -1 : 0;
}
