// What the files of this module know of the signals that are watched.
#pragma once
#include <signal.h>

/// While they are watched still: lets those come that end a process, through `handler` where nobody else handles or ignores them.
/// It is called once and may raise the signal again. SIGTSTP waits for coffer_signals_end; `continued` is called after SIGCONT.
void coffer_signals_hand_over(void (*handler)(int), void (*continued)(int));

/// The signals that were blocked before they were watched.
sigset_t coffer_signals_mask(void);
