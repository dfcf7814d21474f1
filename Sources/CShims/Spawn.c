// Starting another program with what it needs and nothing else.
#define _GNU_SOURCE
#include "Spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

void spawn_close(int ends[2]) {
    int reason = errno;
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0) close(ends[i]);
        ends[i] = -1;
    }
    errno = reason;
}

int spawn_pipe(int ends[2]) {
    int low[2];
    ends[0] = ends[1] = -1;
    if (pipe2(low, O_CLOEXEC) != 0) return -1;
    for (int i = 0; i < 2; i++) ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int is_whole = ends[0] >= 0 && ends[1] >= 0;
    spawn_close(low);
    if (is_whole) return 0;
    spawn_close(ends);
    return -1;
}

// Puts `descriptor`, or nothing at all, in the place of a standard one.
static int place(posix_spawn_file_actions_t *actions, int descriptor, int standard, int flags) {
    if (descriptor >= 0) return posix_spawn_file_actions_adddup2(actions, descriptor, standard);
    return posix_spawn_file_actions_addopen(actions, standard, "/dev/null", flags, 0);
}

static int place_all(posix_spawn_file_actions_t *actions, const struct spawn *how) {
    int reason = 0;
    // First, for it may lie where a standard one is to be.
    if (how->third >= 0) reason = posix_spawn_file_actions_adddup2(actions, how->third, STDERR_FILENO + 1);
    if (reason == 0) reason = place(actions, how->input, STDIN_FILENO, O_RDONLY);
    if (reason == 0) reason = place(actions, how->output, STDOUT_FILENO, O_WRONLY);
    if (reason == 0) reason = place(actions, how->errors, STDERR_FILENO, O_WRONLY);
    int kept = how->third >= 0 ? 4 : 3;
    if (reason == 0) reason = posix_spawn_file_actions_addclosefrom_np(actions, kept);
    if (reason == 0 && how->folder) reason = posix_spawn_file_actions_addchdir_np(actions, how->folder);
    return reason;
}

static int set_signals(posix_spawnattr_t *attributes, const struct spawn *how) {
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (how->leads_session) flags |= POSIX_SPAWN_SETSID;
    int reason = posix_spawnattr_setsigmask(attributes, &how->mask);
    if (reason == 0) reason = posix_spawnattr_setsigdefault(attributes, &how->defaults);
    return reason == 0 ? posix_spawnattr_setflags(attributes, flags) : reason;
}

pid_t spawn_program(const struct spawn *how) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t child = -1;
    int reason = posix_spawn_file_actions_init(&actions);
    if (reason == 0) {
        reason = posix_spawnattr_init(&attributes);
        if (reason == 0) {
            reason = place_all(&actions, how);
            if (reason == 0) reason = set_signals(&attributes, how);
            if (reason == 0)
                reason = posix_spawn(&child, how->path, &actions, &attributes, how->arguments, how->environment);
            posix_spawnattr_destroy(&attributes);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    if (reason == 0) return child;
    errno = reason;
    return -1;
}
