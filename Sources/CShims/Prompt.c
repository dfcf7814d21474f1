// Asking on a terminal: echo off while a secret is typed, and the terminal as it was before whatever happens.
//
// The signal handlers only note which signal came. All signals of interest are blocked except while ppoll(2) waits,
// so none can come between looking at the notes and waiting.
#define _GNU_SOURCE
#include "CShims.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// SIGTTIN and SIGTTOU keep their default: a question from the background stops until it is in the foreground.
static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT};
enum { watched_count = sizeof watched / sizeof watched[0] };

static volatile sig_atomic_t noted[watched_count];

// One question at a time: this is its state.
static int terminal = -1;
static int hides;
static int settings_known;
static struct termios settings_before;
static struct sigaction actions_before[watched_count];
static sigset_t mask_before;

static void note(int signal) {
    for (int i = 0; i < watched_count; i++)
        if (watched[i] == signal) noted[i] = 1;
}

static int hide_typing(void) {
    struct termios settings;
    if (!hides) return 0;
    if (!settings_known) {
        if (tcgetattr(terminal, &settings_before) != 0) return -1;
        settings_known = 1;
    }
    settings = settings_before;
    settings.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    // A terminal that some program left raw still reads lines here.
    settings.c_lflag |= ICANON | ISIG;
    settings.c_iflag |= ICRNL;
    // What was typed ahead was visible: it is thrown away.
    return tcsetattr(terminal, TCSAFLUSH, &settings);
}

static void show_typing(void) {
    // What was pasted beyond the line would go to the shell as commands: it is thrown away.
    if (hides && settings_known) tcsetattr(terminal, TCSAFLUSH, &settings_before);
}

static void watch_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < watched_count; i++) {
        noted[i] = 0;
        sigaction(watched[i], NULL, &actions_before[i]);
        // A signal that our caller ignores (nohup) stays ignored.
        if (actions_before[i].sa_handler != SIG_IGN) sigaction(watched[i], &action, NULL);
    }
}

static void leave_signals(void) {
    for (int i = 0; i < watched_count; i++) sigaction(watched[i], &actions_before[i], NULL);
}

static void block_signals(void) {
    sigset_t mask;
    sigemptyset(&mask);
    for (int i = 0; i < watched_count; i++) sigaddset(&mask, watched[i]);
    sigprocmask(SIG_BLOCK, &mask, &mask_before);
}

int coffer_prompt_begin(int descriptor, int hide) {
    terminal = descriptor;
    hides = hide;
    settings_known = 0;
    block_signals();
    watch_signals();
    if (hide_typing() == 0) return 0;
    int reason = errno;
    coffer_prompt_end();
    errno = reason;
    return -1;
}

void coffer_prompt_end(void) {
    if (terminal < 0) return;
    show_typing();
    leave_signals();
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    terminal = -1;
}

// Lets `signal` act as if no question had been asked, then goes on asking.
static void pass_on(int signal) {
    int descriptor = terminal, hidden = hides;
    coffer_prompt_end();
    raise(signal);
    // Here again after `fg`, or when somebody else's handler took the signal.
    // The settings are read anew: the person may have changed them meanwhile.
    coffer_prompt_begin(descriptor, hidden);
}

long coffer_prompt_read(void *buffer, size_t count) {
    for (;;) {
        for (int i = 0; i < watched_count; i++) {
            if (!noted[i]) continue;
            noted[i] = 0;
            switch (watched[i]) {
            case SIGINT: return COFFER_PROMPT_INTERRUPTED;
            case SIGCONT:
                // Stopped by SIGSTOP and continued: the shell may have turned echo on.
                hide_typing();
                return COFFER_PROMPT_AGAIN;
            default: pass_on(watched[i]); return terminal < 0 ? -1 : COFFER_PROMPT_AGAIN;
            }
        }
        struct pollfd wait = {.fd = terminal, .events = POLLIN};
        if (ppoll(&wait, 1, NULL, &mask_before) < 0) {
            if (errno == EINTR) continue;
            return -1;
        }
        ssize_t got = read(terminal, buffer, count);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        return got;
    }
}
