/* Folders of a user who is not root, shared with a virtual machine: in a user namespace and a mount namespace of its own, which
 * unshare(1) has made, the folders are put together, each under its number, and the program that shares them is started in this
 * one's place. It is given the socket that it listens at. */
#include "agent.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

enum { LISTENING = 3, WAITING_MAX = 1 };

static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) return fail("the path %s is too long for a socket", path);
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return fail("%s: %s", path, strerror(errno));
    if (listen(fd, WAITING_MAX) < 0) return fail("%s: %s", path, strerror(errno));
    if (fd != LISTENING && dup2(fd, LISTENING) < 0) return fail("%s: %s", path, strerror(errno));
    return 0;
}

/* What is mounted below comes too: a namespace of a user's own must not uncover what the host has covered. */
static int place(const char *root, const char *number, bool writable, const char *source)
{
    struct stat about;
    int tree = open(source, O_PATH | O_CLOEXEC);
    if (tree < 0 || fstat(tree, &about) < 0) return fail("%s: %s", source, strerror(errno));
    char *target = text_of("%s/%s", root, number), *opened = text_of("/proc/self/fd/%d", tree);
    int made = S_ISDIR(about.st_mode) ? mkdir(target, 0755) : mknod(target, S_IFREG | 0600, 0);
    if (made < 0) return fail("%s: %s", target, strerror(errno));
    if (mount(opened, target, NULL, MS_BIND | MS_REC, NULL) < 0) return fail("sharing %s: %s", source, strerror(errno));
    struct mount_attr fixed = { .attr_set = MOUNT_ATTR_RDONLY };
    if (!writable && syscall(SYS_mount_setattr, AT_FDCWD, target, AT_RECURSIVE, &fixed, sizeof fixed) < 0) {
        return fail("sharing %s read-only: %s", source, strerror(errno));
    }
    close(tree);
    return 0;
}

#if defined __x86_64__
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined __riscv
#define OWN_ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined __powerpc64__
#define OWN_ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined __s390x__
#define OWN_ARCHITECTURE AUDIT_ARCH_S390X
#else
#define OWN_ARCHITECTURE 0
#endif

/* Where the namespace has one user only, whoever asks is that one: becoming another, and letting go of the user's groups, does
 * nothing and is no failure. virtiofsd ends otherwise, or refuses to make files. */
static int stay_one_user(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setgroups, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setresuid, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setresgid, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
    };
    struct sock_fprog program = { .len = sizeof rules / sizeof *rules, .filter = rules };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
        return fail("a filter of system calls: %s", strerror(errno));
    }
    return 0;
}

/* SOCKET ROOT one|many then for each folder NUMBER rw|ro PATH, then -- and the program, which is told of --fd=3. */
int share_command(int count, char **words)
{
    if (count < 3) return fail("usage: --share SOCKET ROOT one|many [NUMBER rw|ro PATH]... -- PROGRAM [WORD...]");
    const char *socket_path = words[0], *root = words[1];
    bool one = strcmp(words[2], "one") == 0;
    if (listen_at(socket_path) < 0) return -1;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return fail("mounts of its own: %s", strerror(errno));
    if (mount("shared", root, "tmpfs", MS_NODEV | MS_NOSUID | MS_NOEXEC, "mode=755,size=64k") < 0) {
        return fail("%s: %s", root, strerror(errno));
    }
    int at = 3;
    for (; at + 2 < count && strcmp(words[at], "--"); at += 3) {
        if (place(root, words[at], strcmp(words[at + 1], "rw") == 0, words[at + 2]) < 0) return -1;
    }
    if (at + 1 >= count || strcmp(words[at], "--")) return fail("no program is named");
    if (one && stay_one_user() < 0) return -1;
    execv(words[at + 1], words + at + 1);
    return fail("%s: %s", words[at + 1], strerror(errno));
}
