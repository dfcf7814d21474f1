// How the files of this module start other programs.
#pragma once
#include <signal.h>
#include <sys/types.h>

/// A program to be started; descriptors of -1 are /dev/null.
struct spawn {
    const char *path;
    char *const *arguments;
    char *const *environment;
    int input, output, errors;
    /// Descriptor 3 of the program; none if -1. All others are closed: our caller may have opened them for secrets.
    int third;
    /// Its signal mask, and the signals that get their default action.
    sigset_t mask, defaults;
    /// Whether it leads a session of its own.
    int leads_session;
    /// Its folder; ours if NULL.
    const char *folder;
};

/// Starts it. Returns its process id, or -1 with errno.
pid_t spawn_program(const struct spawn *how);

/// A pipe whose ends are none of the three standard descriptors, which a caller may have closed. Returns 0, or -1 with errno.
int spawn_pipe(int ends[2]);

/// Closes those of both that are open, and keeps errno.
void spawn_close(int ends[2]);
