// What the files of this module know of the signals that are watched.
#pragma once
#include <signal.h>

/// The signals that were blocked before they were watched.
sigset_t coffer_signals_mask(void);
