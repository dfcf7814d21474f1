// Asking on a terminal: echo off while a secret is typed, and the terminal as it was before whatever happens.
#define _GNU_SOURCE
#include "CShims.h"
#include "Signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// One question at a time: this is its state.
static int terminal = -1;
static int turn = -1;
static int hides;
static int settings_known;
static struct termios settings_before;

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

int coffer_prompt_begin(int descriptor, int hide, int turn_descriptor) {
    terminal = descriptor;
    turn = turn_descriptor;
    hides = hide;
    settings_known = 0;
    coffer_signals_begin();
    if (hide_typing() == 0) return 0;
    int reason = errno;
    coffer_prompt_end();
    errno = reason;
    return -1;
}

void coffer_prompt_end(void) {
    if (terminal < 0) return;
    show_typing();
    coffer_signals_end();
    terminal = -1;
}

static void show_and_raise(int signal) {
    show_typing();
    raise(signal);
}

// Stopped by SIGSTOP and continued: the shell may have changed everything.
static void hide_again(int signal) {
    int reason = errno;
    (void)signal;
    hide_typing();
    errno = reason;
}

void coffer_prompt_answered(void) {
    if (terminal >= 0) coffer_signals_hand_over(show_and_raise, hide_again);
}

// Lets `signal` act as if no question had been asked, then goes on asking.
static int pass_on(int signal) {
    int descriptor = terminal, hidden = hides, turn_descriptor = turn;
    coffer_prompt_end();
    // Whoever asks while we are stopped must not wait for us.
    if (turn_descriptor >= 0) coffer_turn_leave(turn_descriptor);
    raise(signal);
    // Here again after `fg`, or when somebody else's handler took the signal.
    if (turn_descriptor >= 0) {
        int result = coffer_turn_take(turn_descriptor, descriptor, -1);
        if (result != 0) return result;
    }
    // The settings are read anew: the person may have changed them meanwhile.
    return coffer_prompt_begin(descriptor, hidden, turn_descriptor) == 0 ? COFFER_PROMPT_AGAIN : -1;
}

long coffer_prompt_read(void *buffer, size_t count) {
    for (;;) {
        int signal = coffer_signals_wait(terminal, -1);
        switch (signal) {
        case -1: return -1;
        case COFFER_SIGNALS_READY: break;
        case SIGINT: return COFFER_PROMPT_INTERRUPTED;
        case SIGWINCH: continue;
        case SIGCONT:
            // Stopped by SIGSTOP and continued: the shell may have turned echo on.
            hide_typing();
            return COFFER_PROMPT_AGAIN;
        default: return pass_on(signal);
        }
        ssize_t got = read(terminal, buffer, count);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        return got;
    }
}
