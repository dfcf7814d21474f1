// Signals that end, stop or resize, while the program waits for a person.
//
// The handlers only note which signal came. All of them are blocked except while ppoll(2) waits, so none can come between
// looking at the notes and waiting.
#define _GNU_SOURCE
#include "Signals.h"
#include "CShims.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

// SIGTTIN and SIGTTOU keep their default: a question from the background stops until it is in the foreground.
static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
enum { watched_count = sizeof watched / sizeof watched[0] };

static volatile sig_atomic_t noted[watched_count];

static int are_watched;
static struct sigaction actions_before[watched_count];
static sigset_t mask_before;

static void note(int signal) {
    for (int i = 0; i < watched_count; i++)
        if (watched[i] == signal) noted[i] = 1;
}

static void block_signals(void) {
    sigset_t mask;
    sigemptyset(&mask);
    for (int i = 0; i < watched_count; i++) sigaddset(&mask, watched[i]);
    sigprocmask(SIG_BLOCK, &mask, &mask_before);
}

void coffer_signals_begin(void) {
    struct sigaction action;
    if (are_watched) return;
    block_signals();
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < watched_count; i++) {
        noted[i] = 0;
        sigaction(watched[i], NULL, &actions_before[i]);
        // A signal that our caller ignores (nohup) stays ignored.
        if (actions_before[i].sa_handler != SIG_IGN) sigaction(watched[i], &action, NULL);
    }
    are_watched = 1;
}

void coffer_signals_hand_over(void (*handler)(int), void (*continued)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESETHAND | SA_NODEFER};
    struct sigaction again = {.sa_handler = continued, .sa_flags = SA_RESTART};
    sigset_t mask = mask_before;
    if (!are_watched) return;
    sigemptyset(&action.sa_mask);
    sigemptyset(&again.sa_mask);
    sigaddset(&mask, SIGTSTP);
    sigaction(SIGCONT, &again, NULL);
    for (int i = 0; i < watched_count; i++) {
        if (watched[i] == SIGTSTP || watched[i] == SIGCONT || watched[i] == SIGWINCH) continue;
        int is_free = actions_before[i].sa_handler == SIG_DFL;
        sigaction(watched[i], is_free ? &action : &actions_before[i], NULL);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    // One that was only noted until now comes after all.
    for (int i = 0; i < watched_count; i++) {
        if (!noted[i] || watched[i] == SIGCONT || watched[i] == SIGWINCH) continue;
        noted[i] = 0;
        raise(watched[i]);
    }
}

void coffer_signals_end(void) {
    if (!are_watched) return;
    for (int i = 0; i < watched_count; i++) sigaction(watched[i], &actions_before[i], NULL);
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    are_watched = 0;
}

void coffer_signals_pass_on(int signal) {
    coffer_signals_end();
    raise(signal);
    // Here again after `fg`, or when somebody else's handler took the signal.
    coffer_signals_begin();
}

sigset_t coffer_signals_mask(void) {
    sigset_t mask;
    if (are_watched) return mask_before;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    return mask;
}

static int next_noted(void) {
    for (int i = 0; i < watched_count; i++) {
        if (!noted[i]) continue;
        noted[i] = 0;
        return watched[i];
    }
    return 0;
}

int coffer_signals_wait(int descriptor, long long nanoseconds) {
    struct pollfd wait = {.fd = descriptor, .events = POLLIN};
    struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    for (;;) {
        int signal = next_noted();
        if (signal != 0) return signal;
        int ready = ppoll(&wait, 1, nanoseconds < 0 ? NULL : &limit, &mask_before);
        if (ready > 0) return COFFER_SIGNALS_READY;
        if (ready == 0) return COFFER_SIGNALS_TIME;
        if (errno != EINTR) return -1;
    }
}
