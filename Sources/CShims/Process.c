// A process in the background: how it is started, how it is told to end, and what stays in its memory.
#define _GNU_SOURCE
#include "CShims.h"
#include "Spawn.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static const int end_signals[] = {SIGHUP, SIGINT, SIGTERM, SIGALRM};
enum { end_signals_count = sizeof end_signals / sizeof end_signals[0] };

static volatile sig_atomic_t is_told_to_end, is_working;
static sigset_t outside, blocked;

static void note(int number) {
    (void)number;
    is_told_to_end = 1;
    if (is_working) _exit(0);
}

int coffer_notice_end_signals(void) {
    struct sigaction action = {.sa_handler = note};
    sigemptyset(&action.sa_mask);
    sigemptyset(&blocked);
    for (size_t i = 0; i < end_signals_count; i++) {
        if (sigaction(end_signals[i], &action, NULL) != 0) return -1;
        sigaddset(&blocked, end_signals[i]);
    }
    if (sigprocmask(SIG_BLOCK, &blocked, &outside) != 0) return -1;
    // Whoever started the process may have blocked them.
    for (size_t i = 0; i < end_signals_count; i++) sigdelset(&outside, end_signals[i]);
    return 0;
}

void coffer_begin_work(unsigned seconds) {
    is_working = 1;
    alarm(seconds);
    sigprocmask(SIG_SETMASK, &outside, NULL);
}

void coffer_end_work(void) {
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    alarm(0);
    is_working = 0;
}

int coffer_wait(void *descriptors, size_t count, int milliseconds) {
    struct timespec limit = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
    return ppoll(descriptors, count, milliseconds < 0 ? NULL : &limit, &outside);
}

int coffer_is_told_to_end(void) { return is_told_to_end; }

int coffer_start_agent(const char *program, char *const arguments[], char *const environment[], int descriptor) {
    struct spawn how = {
        .path = program, .arguments = arguments, .environment = environment, .input = -1, .output = -1, .errors = -1,
        .third = descriptor, .leads_session = 1, .folder = "/"};
    sigemptyset(&how.mask);
    sigfillset(&how.defaults);
    return spawn_program(&how);
}

void coffer_wipe_freed_memory(void) { mallopt(M_PERTURB, 0xFF); }
