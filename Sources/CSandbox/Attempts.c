// What must not succeed inside the walls: for the tests that look at them.
#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int try_process(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, NULL, 0);
    return child;
}

static int attempt(int what) {
    char *const none[] = {NULL};
    switch (what) {
    case COFFER_SANDBOX_TRY_FILE: return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    case COFFER_SANDBOX_TRY_NEW_FILE: return open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    case COFFER_SANDBOX_TRY_SOCKET: return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    case COFFER_SANDBOX_TRY_PROCESS: return try_process();
    case COFFER_SANDBOX_TRY_PROGRAM: return execve("/bin/true", none, none);
    // Signal 0 only asks whether one could be sent.
    case COFFER_SANDBOX_TRY_SIGNAL: return (int)syscall(SYS_tgkill, 1, 1, 0);
    default: errno = EINVAL; return -1;
    }
}

int coffer_sandbox_try(int what) { return attempt(what) < 0 ? errno : 0; }
