#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Memory, time, and the three descriptors that are there.
static const int allowed[] = {
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(fstat), SCMP_SYS(close), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
    SCMP_SYS(mlock), SCMP_SYS(munlock), SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sysinfo), SCMP_SYS(getpid),
    SCMP_SYS(gettid), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

// What a library may try without meaning harm, and lives without. Everything else ends the process.
static const int refused[] = {
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(creat), SCMP_SYS(stat), SCMP_SYS(lstat),
    SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(ioctl), SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(clone),
    SCMP_SYS(clone3), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),
};

static int limit(int resource, rlim_t maximum) {
    struct rlimit both = {.rlim_cur = maximum, .rlim_max = maximum};
    return setrlimit(resource, &both);
}

// With no rule that allows anything, no path can be opened, made or taken away. Returns 0 where the kernel has no Landlock.
static int shut_files(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return 0;
    // Each version knows some rights more: 13, 14, 15, and 16 from the fifth on.
    int rights = version == 1 ? 13 : version == 2 ? 14 : version < 5 ? 15 : 16;
    uint64_t handled = (UINT64_C(1) << rights) - 1;
    int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (rules < 0) return -1;
    int done = (int)syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
    return done < 0 ? -1 : COFFER_SANDBOX_FILES;
}

static int add_rules(scmp_filter_ctx filter) {
    int done = 0;
    for (size_t i = 0; done == 0 && i < sizeof allowed / sizeof allowed[0]; i++)
        done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; done == 0 && i < sizeof refused / sizeof refused[0]; i++)
        done = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
    // A signal to itself ends it after a fault; no other process gets one.
    struct scmp_arg_cmp own = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());
    struct scmp_arg_cmp other = SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid());
    if (done == 0) done = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &own);
    if (done == 0) done = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(tgkill), 1, &other);
    // Memory that can be run is what an attack would need next.
    struct scmp_arg_cmp plain = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    if (done == 0) done = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &plain);
    if (done == 0) done = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &plain);
    return done;
}

static int shut_system_calls(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter) {
        errno = ENOMEM;
        return -1;
    }
    int done = add_rules(filter);
    if (done == 0) done = seccomp_load(filter);
    seccomp_release(filter);
    if (done == 0) return COFFER_SANDBOX_SYSTEM_CALLS;
    errno = -done;
    return -1;
}

int coffer_sandbox_enter(unsigned long memory_maximum, unsigned seconds_maximum) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    if (limit(RLIMIT_AS, memory_maximum) != 0 || limit(RLIMIT_CPU, seconds_maximum) != 0) return -1;
    if (limit(RLIMIT_FSIZE, 0) != 0) return -1;
    int files = shut_files();
    if (files < 0) return -1;
    // The last descriptors are the standard ones; poll(2) refuses to watch more than may be open.
    if (limit(RLIMIT_NOFILE, STDERR_FILENO + 1) != 0) return -1;
    int calls = shut_system_calls();
    return calls < 0 ? -1 : files | calls;
}
