// A program that talks with us over two pipes, on the terminal that we are on.
#define _GNU_SOURCE
#include "CShims.h"
#include "Signals.h"
#include "Spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

int coffer_start_program(const char *path, int *talk, int *listen) {
    int there[2] = {-1, -1}, back[2] = {-1, -1};
    int child = -1;
    // A program that does not listen must not keep us.
    if (spawn_pipe(there) == 0 && fcntl(there[1], F_SETFL, O_NONBLOCK) == 0 && spawn_pipe(back) == 0) {
        char *arguments[] = {(char *)path, NULL};
        struct spawn how = {
            .path = path, .arguments = arguments, .environment = environ, .input = there[0], .output = back[1],
            .errors = -1, .third = -1, .mask = coffer_signals_mask()};
        // What we ignore for our own sake; what our caller ignores stays so.
        sigemptyset(&how.defaults);
        sigaddset(&how.defaults, SIGPIPE);
        sigaddset(&how.defaults, SIGXFSZ);
        child = spawn_program(&how);
    }
    if (child < 0) {
        spawn_close(there);
        spawn_close(back);
        return -1;
    }
    close(there[0]);
    close(back[1]);
    *talk = there[1];
    *listen = back[0];
    return child;
}
