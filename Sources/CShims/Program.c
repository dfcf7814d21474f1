// Starting another program that talks with us over pipes.
#define _GNU_SOURCE
#include "CShims.h"
#include "Signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

extern char **environ;

// A pipe whose ends are none of the three standard descriptors, which a caller may have closed.
static int make_pipe(int ends[2]) {
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0) return -1;
    ends[0] = fcntl(low[0], F_DUPFD_CLOEXEC, 3);
    ends[1] = fcntl(low[1], F_DUPFD_CLOEXEC, 3);
    int reason = errno;
    close(low[0]);
    close(low[1]);
    if (ends[0] >= 0 && ends[1] >= 0) return 0;
    if (ends[0] >= 0) close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
    errno = reason;
    return -1;
}

static int start(const char *path, int input, int output, pid_t *child) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t mask = coffer_signals_mask(), defaults;
    char *arguments[] = {(char *)path, NULL};
    int reason = posix_spawn_file_actions_init(&actions);
    if (reason != 0) return reason;
    if ((reason = posix_spawnattr_init(&attributes)) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return reason;
    }
    // What we ignore for our own sake; what our caller ignores stays so.
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    if ((reason = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)) == 0
        && (reason = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)) == 0
        && (reason = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)) == 0
        // Descriptors that our caller opened for us may hold secrets (--value-fd).
        && (reason = posix_spawn_file_actions_addclosefrom_np(&actions, 3)) == 0
        && (reason = posix_spawnattr_setsigmask(&attributes, &mask)) == 0
        && (reason = posix_spawnattr_setsigdefault(&attributes, &defaults)) == 0
        && (reason = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)) == 0)
        reason = posix_spawn(child, path, &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

int coffer_start_program(const char *path, int *talk, int *listen) {
    int there[2], back[2];
    pid_t child = -1;
    if (make_pipe(there) != 0) return -1;
    if (make_pipe(back) != 0) {
        int reason = errno;
        close(there[0]);
        close(there[1]);
        errno = reason;
        return -1;
    }
    int reason = start(path, there[0], back[1], &child);
    close(there[0]);
    close(back[1]);
    // A program that does not listen must not keep us.
    if (reason == 0 && fcntl(there[1], F_SETFL, O_NONBLOCK) != 0) reason = errno;
    *talk = there[1];
    *listen = back[0];
    if (reason == 0) return child;
    close(there[1]);
    close(back[0]);
    errno = reason;
    return -1;
}
