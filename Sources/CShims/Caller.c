// What the caller had set before this process hardened itself: a program that takes its place gets all of it back.
#define _GNU_SOURCE
#include "CShims.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const int touched[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGQUIT, SIGPIPE, SIGXFSZ, SIGCHLD};
enum { touched_count = sizeof touched / sizeof touched[0] };

static struct sigaction actions[touched_count];
static sigset_t mask;
static struct rlimit core;
static mode_t creation_mask;

void coffer_remember_caller(void) {
    for (size_t i = 0; i < touched_count; i++) sigaction(touched[i], NULL, &actions[i]);
    sigprocmask(SIG_SETMASK, NULL, &mask);
    getrlimit(RLIMIT_CORE, &core);
    // There is no other way to ask for it.
    creation_mask = umask(077);
    umask(creation_mask);
}

static void restore_caller(void) {
    // Only what is ignored outlives exec; a handler, as a run-time system may have set one, becomes the default.
    for (size_t i = 0; i < touched_count; i++) signal(touched[i], actions[i].sa_handler == SIG_IGN ? SIG_IGN : SIG_DFL);
    setrlimit(RLIMIT_CORE, &core);
    umask(creation_mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

const char *coffer_environment(size_t position) {
    // Nobody counts them for us.
    for (size_t i = 0; i <= position; i++)
        if (!environ || !environ[i]) return NULL;
    return environ[position];
}

// The number of bytes of a variable's name.
static size_t name_length(const char *variable) { return strcspn(variable, "="); }

static int is_among(const char *variable, const char *names, size_t count) {
    size_t length = name_length(variable);
    const char *name = names;
    for (size_t i = 0; i < count; i++, name += strlen(name) + 1)
        if (name_length(name) == length && memcmp(name, variable, length) == 0) return 1;
    return 0;
}

int coffer_execute(
    char *const arguments[], char *assignments, size_t assignment_count, const char *unset, size_t unset_count) {
    size_t kept = 0;
    while (environ && environ[kept]) kept++;
    char **all = malloc((kept + assignment_count + 1) * sizeof *all);
    if (!all) return errno;
    size_t count = 0;
    for (size_t i = 0; i < kept; i++) {
        if (is_among(environ[i], assignments, assignment_count) || is_among(environ[i], unset, unset_count)) continue;
        all[count++] = environ[i];
    }
    char *next = assignments;
    for (size_t i = 0; i < assignment_count; i++, next += strlen(next) + 1) all[count++] = next;
    all[count] = NULL;
    restore_caller();
    execvpe(arguments[0], arguments, all);
    int reason = errno;
    free(all);
    return reason;
}
