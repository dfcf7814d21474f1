// One question at a time: whoever would ask waits until nobody else asks (flock(2)).
#define _GNU_SOURCE
#include "CShims.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <unistd.h>

enum { pause_milliseconds = 20 };

// Stands still while we are in the background of the terminal: a stopped process must not hold the turn. The request itself does
// nothing; the kernel stops whoever makes it from the background.
static void await_foreground(int terminal) {
    while (terminal >= 0 && ioctl(terminal, TIOCCBRK) != 0 && errno == EINTR) continue;
}

int coffer_turn_take(int turn, int terminal, int milliseconds) {
    int result = 0;
    coffer_signals_begin();
    for (int waited = 0;; waited += pause_milliseconds) {
        await_foreground(terminal);
        if (flock(turn, LOCK_EX | LOCK_NB) == 0) break;
        if (errno != EWOULDBLOCK && errno != EINTR) {
            result = -1;
            break;
        }
        if (milliseconds >= 0 && waited >= milliseconds) {
            result = COFFER_TURN_OF_ANOTHER;
            break;
        }
        int signal = coffer_signals_wait(-1, (int64_t)pause_milliseconds * 1000000);
        if (signal == SIGINT) {
            result = COFFER_PROMPT_INTERRUPTED;
            break;
        }
        if (signal > 0 && signal != SIGCONT && signal != SIGWINCH) coffer_signals_pass_on(signal);
    }
    int reason = errno;
    coffer_signals_end();
    errno = reason;
    return result;
}

void coffer_turn_leave(int turn) { flock(turn, LOCK_UN); }

// Whether `path` is the terminal of this device number.
static int is_terminal(const char *path, dev_t device) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == device;
}

long long coffer_terminal_device(int descriptor) {
    unsigned int device;
    return ioctl(descriptor, TIOCGDEV, &device) == 0 ? (int64_t)device : -1;
}

int coffer_terminal_path(int descriptor, char *path, size_t count) {
    unsigned int kernel_device;
    // The name /dev/tty is every terminal's: the kernel tells which one it is.
    if (ioctl(descriptor, TIOCGDEV, &kernel_device) != 0) return -1;
    // The kernel's 32-bit form of a device number: 12 bits of the major number between 8 and 12 of the minor one.
    unsigned int major_number = kernel_device >> 8 & 0xFFF;
    unsigned int minor_number = (kernel_device & 0xFF) | (kernel_device >> 12 & 0xFFF00);
    dev_t device = makedev(major_number, minor_number);
    static const char *const forms[] = {"/dev/pts/%u", "/dev/tty%u", "/dev/ttyS%u", "/dev/hvc%u"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        unsigned int number = minor_number;
        // Numbers of pseudo-terminals go on in the next major number, those of serial lines begin at 64.
        if (i == 0 && major_number >= 136 && major_number <= 143) number += (major_number - 136) << 8;
        if (i == 2 && major_number == 4) number -= 64;
        int length = snprintf(path, count, forms[i], number);
        if (length > 0 && (size_t)length < count && is_terminal(path, device)) return 0;
    }
    // Anything else by one of our own descriptors.
    for (int own = 0; own < 3; own++) {
        char link[32];
        snprintf(link, sizeof link, "/proc/self/fd/%d", own);
        ssize_t length = readlink(link, path, count - 1);
        if (length <= 0) continue;
        path[length] = 0;
        if (is_terminal(path, device)) return 0;
    }
    errno = ENOENT;
    return -1;
}
