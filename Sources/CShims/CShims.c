#define _GNU_SOURCE
#include "CShims.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

static int argument_count;
static char **arguments;

// The C library calls functions of this kind with main's arguments, before main.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
}

int coffer_argument_count(void) { return argument_count; }

const char *coffer_argument(int position) {
    return position >= 0 && position < argument_count ? arguments[position] : NULL;
}

int coffer_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int coffer_open(const char *path, int flags, unsigned mode) { return open(path, flags | O_CLOEXEC, mode); }

long coffer_copy_range(int source, long offset, int target, size_t count) {
    return copy_file_range(source, &offset, target, NULL, count, 0);
}

int coffer_exchange(const char *one, const char *two) {
    return renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE);
}

int coffer_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int coffer_terminal_lines(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}
