// Sockets of the agent: what Swift would need structures and macros of C for.
#define _GNU_SOURCE
#include "CShims.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int make(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    if (length > COFFER_SOCKET_PATH_MAXIMUM) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int closed_with_error(int descriptor) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

int coffer_socket_listen(const char *path, int backlog) {
    struct sockaddr_un address;
    int descriptor = make(path, &address);
    if (descriptor < 0) return -1;
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 || listen(descriptor, backlog) != 0)
        return closed_with_error(descriptor);
    return descriptor;
}

int coffer_socket_connect(const char *path) {
    struct sockaddr_un address;
    int descriptor = make(path, &address);
    if (descriptor < 0) return -1;
    // A local socket connects at once, or its queue is full (EAGAIN).
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) return closed_with_error(descriptor);
    return descriptor;
}

int coffer_socket_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int coffer_socket_peer(int descriptor, unsigned *user, int *process) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    *user = peer.uid;
    *process = peer.pid;
    return 0;
}

long coffer_socket_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL);
}
