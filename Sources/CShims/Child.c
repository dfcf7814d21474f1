// Other programs beside this one: started with what they need and nothing else, and a process that outlives its command.
#define _GNU_SOURCE
#include "CShims.h"
#include "Spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

// Starts it with the pipes that are asked for; our ends do not block.
static int start(struct spawn how, int *input, int *output) {
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    // With SIGCHLD ignored, as a caller may have left it, nobody could wait for the child.
    signal(SIGCHLD, SIG_DFL);
    how.third = how.errors = -1;
    how.leads_session = 1;
    sigemptyset(&how.mask);
    int child = -1;
    if ((!input || (spawn_pipe(in) == 0 && fcntl(in[1], F_SETFL, O_NONBLOCK) == 0))
        && (!output || (spawn_pipe(out) == 0 && fcntl(out[0], F_SETFL, O_NONBLOCK) == 0))) {
        if (input) how.input = in[0];
        how.output = out[1];
        child = spawn_program(&how);
    }
    if (child < 0) {
        spawn_close(in);
        spawn_close(out);
        return -1;
    }
    if (input) {
        close(in[0]);
        *input = in[1];
    }
    if (output) {
        close(out[1]);
        *output = out[0];
    }
    return child;
}

int coffer_start(const char *path, char *const arguments[], int *input, int *output) {
    // What this program ignores, another one would go on ignoring.
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXFSZ, SIGCHLD};
    struct spawn how = {.path = path, .arguments = arguments, .environment = environ, .input = -1};
    sigemptyset(&how.defaults);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) sigaddset(&how.defaults, signals[i]);
    return start(how, input, output);
}

int coffer_start_filter(const char *path, char *const arguments[], int input, int *output) {
    char *const nothing[] = {NULL};
    struct spawn how = {
        .path = path, .arguments = arguments, .environment = nothing, .input = input, .folder = "/"};
    sigfillset(&how.defaults);
    return start(how, NULL, output);
}

int coffer_detach(void) {
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    // It is only taken where coffer_wait_guarding waits for it.
    if (sigprocmask(SIG_BLOCK, &end, NULL) != 0) return -1;
    signal(SIGHUP, SIG_IGN);
    pid_t child = fork();
    if (child > 0) _exit(0);
    return child < 0 || chdir("/") != 0 ? -1 : 0;
}

int coffer_wait_guarding(unsigned seconds) {
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    struct itimerspec time = {.it_value = {.tv_sec = seconds}};
    // CLOCK_BOOTTIME goes on while the machine is suspended.
    struct pollfd waits[2] = {
        {.fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC), .events = POLLIN},
        {.fd = signalfd(-1, &end, SFD_CLOEXEC), .events = POLLIN},
    };
    int done = waits[0].fd >= 0 && waits[1].fd >= 0 && timerfd_settime(waits[0].fd, 0, &time, NULL) == 0 ? 0 : -1;
    while (done == 0) {
        done = poll(waits, 2, -1);
        if (done < 0 && errno == EINTR) done = 0;
    }
    for (int i = 0; i < 2; i++)
        if (waits[i].fd >= 0) close(waits[i].fd);
    return done < 0 ? -1 : 0;
}
