/* What is mounted into a container beside its image. The runtime is given places that the agent has made out of
 * descriptors, so that no name is looked up twice: whoever exchanges a file for a link meanwhile changes nothing. */
#include "agent.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 4
#endif

enum { MOUNTS_MAX = 1024 };

/* One line of the file that the daemon has written: texts that end with a zero. */
static struct placed { const char *place, *source, *below, *flags, *target, *idmap; int folder, tree; } *all;
static size_t count;

static const char *next_text(char **at, char *end)
{
    char *text = *at, *zero = memchr(text, 0, (size_t)(end - text));
    if (!zero) return NULL;
    *at = zero + 1;
    return text;
}

static int read_mounts(const char *file)
{
    struct stat about;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? 0 : fail("%s: %s", file, strerror(errno));
    char *at = fstat(fd, &about) < 0 || about.st_size == 0 ? MAP_FAILED : mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (at == MAP_FAILED) return 0;
    all = calloc(MOUNTS_MAX, sizeof *all);
    for (char *end = at + about.st_size; all && at < end && count < MOUNTS_MAX; count++) {
        struct placed *one = &all[count];
        const char **texts[] = { &one->place, &one->source, &one->below, &one->flags, &one->target, &one->idmap };
        one->folder = one->tree = -1;
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) if (!(*texts[i] = next_text(&at, end))) return fail("%s is damaged", file);
    }
    return all ? 0 : fail("no memory for mounts");
}

/* Opens a path below a folder, whatever links lie on the way. */
static int open_below(int folder, const char *path, uint64_t flags, uint64_t resolve)
{
    struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = resolve | RESOLVE_NO_MAGICLINKS };
    return (int)syscall(SYS_openat2, folder, *path ? path : ".", &how, sizeof how);
}

static int write_map(pid_t pid, const char *name, const char *map)
{
    char *path = text_of("/proc/%d/%s", pid, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int result = fd < 0 || write(fd, map, strlen(map)) < 0 ? fail("the map %s of users: %s", map, strerror(errno)) : 0;
    close_fd(&fd);
    free(path);
    return result;
}

/* The user namespace that maps numbers in the container to those of the files; it needs a process for its making. */
int idmap_namespace(const char *map)
{
    int ready[2], go[2], status;
    char byte = 0;
    if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0) return fail("a pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        close(go[1]);
        if (unshare(CLONE_NEWUSER) == 0 && write(ready[1], &byte, 1) == 1) _exit(read(go[0], &byte, 1) < 0);
        _exit(1);
    }
    close(ready[1]);
    close(go[0]);
    int fd = -1;
    if (pid < 0 || read(ready[0], &byte, 1) != 1) {
        fail("a user namespace cannot be made here");
    } else if (write_map(pid, "uid_map", map) == 0 && write_map(pid, "gid_map", map) == 0) {
        char *path = text_of("/proc/%d/ns/user", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        free(path);
        if (fd < 0) fail("a user namespace: %s", strerror(errno));
    }
    close(ready[0]);
    close(go[1]);
    if (pid > 0) waitpid(pid, &status, 0);
    return fd;
}

/* Numbers of the files in the mount are seen as that namespace maps them. */
int idmap_tree(int tree, int namespace, const char *what)
{
    struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)namespace };
    long result = syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes);
    return result < 0 ? fail("%s cannot be mapped to other users here: %s", what, strerror(errno)) : 0;
}

static int map_ids(const struct placed *one)
{
    int namespace = idmap_namespace(one->idmap);
    if (namespace < 0) return -1;
    int result = idmap_tree(one->tree, namespace, one->source);
    close(namespace);
    return result;
}

static int open_source(struct placed *one)
{
    if (strchr(one->flags, 'd')) return 0;
    int folder = open(one->source, O_PATH | O_CLOEXEC);
    if (folder < 0) return fail("%s: %s", one->source, strerror(errno));
    if (*one->below) {
        int below = open_below(folder, one->below, O_PATH, RESOLVE_BENEATH);
        int error = errno;
        close(folder);
        if (below < 0) return error == EXDEV ? fail("%s leaves the volume by a link", one->below) : fail("%s in the volume: %s", one->below, strerror(error));
        folder = below;
    }
    unsigned flags = OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | (strchr(one->flags, 'r') ? AT_RECURSIVE : 0);
    one->folder = folder;
    one->tree = (int)syscall(SYS_open_tree, folder, "", flags);
    if (one->tree < 0) return fail("mounting %s: %s", one->source, strerror(errno));
    return *one->idmap ? map_ids(one) : 0;
}

/* In the host's namespace, so that what is shared with it stays so. */
int mounts_open(const char *bundle)
{
    char *file = text_of("%s/mounts", bundle);
    int result = read_mounts(file);
    for (size_t i = 0; result == 0 && i < count; i++) result = open_source(&all[i]);
    free(file);
    return result;
}

static int fill(const struct placed *one, int root)
{
    int from = open_below(root, one->target + 1, O_RDONLY | O_DIRECTORY, RESOLVE_IN_ROOT);
    if (from < 0) return 0;         /* The image has nothing there. */
    int volume = openat(one->tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = volume < 0 ? fail("opening the volume: %s", strerror(errno)) : fill_volume(from, volume);
    close(from);
    close_fd(&volume);
    return result;
}

/* A disk with a file system: gone with the namespace, and its loop device with it. */
static int place_disk(const struct placed *one)
{
    char device[32] = "";
    bool writable = !strchr(one->flags, 'R');
    if (mkdir(one->place, 0700) < 0 && errno != EEXIST) return fail("%s: %s", one->place, strerror(errno));
    int loop = attach_loop(one->source, writable, device, sizeof device);
    if (loop < 0) return -1;
    int result = mount(device, one->place, "ext4", MS_NOSUID | MS_NODEV | (writable ? 0 : MS_RDONLY), NULL);
    if (result < 0) fail("mounting the disk %s: %s", one->source, strerror(errno));
    close(loop);
    return result;
}

static int place(const struct placed *one)
{
    struct stat about;
    if (strchr(one->flags, 'd')) return place_disk(one);
    if (fstat(one->folder, &about) < 0) return fail("%s: %s", one->source, strerror(errno));
    if (S_ISDIR(about.st_mode)) {
        if (mkdir(one->place, 0700) < 0 && errno != EEXIST) return fail("%s: %s", one->place, strerror(errno));
    } else {
        int fd = open(one->place, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0) return fail("%s: %s", one->place, strerror(errno));
        close(fd);
    }
    if (syscall(SYS_move_mount, one->tree, "", AT_FDCWD, one->place, MOVE_MOUNT_F_EMPTY_PATH) < 0) return fail("placing %s: %s", one->source, strerror(errno));
    return 0;
}

/* In the namespace of the container's root, which is mounted. */
int mounts_place(const char *root_path)
{
    int root = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (strchr(all[i].flags, 'f')) result = fill(&all[i], root);
        if (result == 0) result = place(&all[i]);
        close_fd(&all[i].folder);
        close_fd(&all[i].tree);
    }
    close_fd(&root);
    return result;
}
