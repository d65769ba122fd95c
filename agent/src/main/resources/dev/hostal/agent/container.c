/* The agent beside a container, on the host: it makes the root, lets an OCI runtime start programs in it, and takes
 * them as its own children when the runtime has ended.
 *
 * Users. A container may have numbers of its own (container/OwnUsers.java): its root is nobody on the host. The layers and what
 * is written over them are mounted with their numbers shifted, so that the files themselves stay as they are.
 *
 * Mounts. Each layer is mounted once on the host and shared; whoever needs it first mounts it. The overlay of them is
 * mounted in a namespace of the agent's own, so that it is gone when the agent and the container are, however they end.
 *
 * Programs. The runtime starts this same binary in the container: see inside.c. */
#include "agent.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <dirent.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 4
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

enum { ORPHANS = 64, SPARE_FD = 10, NETWORK_FD = 100, FIXED_ARGUMENTS = 8, OPTIONS_MAX = 4096, COPIED_MAX = 1 << 20 };

/* Where the configuration binds this binary in the container. */
#define INSIDE "/dev/.hostal"
#define CGROUPS "/sys/fs/cgroup"

bool container;

static const char *runtime, *runtime_state, *bundle, *name, *layers_folder, *root, *upper, *work;
static char **layers;               /* file and folder of each, the lowest first */
static int layer_words;
static int own_network = -1, new_network = -1;
static int users = -1;              /* The container's users, where they are not the host's. */
static bool joined;                 /* The network is another container's, and is set up. */
static unsigned launches;
static struct { pid_t pid; int status; } orphans[ORPHANS];
static unsigned orphan_count;

/* A network that belongs to the container's users, made by a child of theirs. */
static int make_network_of_users(void)
{
    int ready[2], go[2], status;
    char byte = 0;
    if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0) return -1;
    pid_t pid = fork();
    if (pid == 0) {
        close(go[1]);
        if (setns(users, CLONE_NEWUSER) == 0 && unshare(CLONE_NEWNET) == 0 && write(ready[1], &byte, 1) == 1) _exit(read(go[0], &byte, 1) < 0);
        _exit(1);
    }
    close(ready[1]);
    close(go[0]);
    char *path = text_of("/proc/%d/ns/net", pid);
    int there = pid > 0 && read(ready[0], &byte, 1) == 1 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    new_network = there < 0 ? -1 : fcntl(there, F_DUPFD_CLOEXEC, NETWORK_FD);
    free(path);
    close_fd(&there);
    close(ready[0]);
    close(go[1]);
    if (pid > 0) waitpid(pid, &status, 0);
    return new_network < 0 ? -1 : 0;
}

/* The container's network, made before the container so that the daemon can put NICs into it: it finds it as a
 * descriptor of a number that it knows. */
static int make_network(void)
{
    if (users >= 0) return make_network_of_users();
    if (unshare(CLONE_NEWNET) < 0) return -1;
    int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    new_network = here < 0 ? -1 : fcntl(here, F_DUPFD_CLOEXEC, NETWORK_FD);
    close_fd(&here);
    return new_network < 0 ? -1 : setns(own_network, CLONE_NEWNET);
}

/* The network of another container, which runs. */
static int join_network(const char *path)
{
    int there = open(path, O_RDONLY | O_CLOEXEC);
    new_network = there < 0 ? -1 : fcntl(there, F_DUPFD_CLOEXEC, NETWORK_FD);
    close_fd(&there);
    joined = true;
    return new_network < 0 ? -1 : 0;
}

void container_arguments(int count, char **words)
{
    if (count < FIXED_ARGUMENTS + 2 || (count - FIXED_ARGUMENTS) % 2) {
        say("--container RUNTIME STATE BUNDLE NAME LAYERS ROOT UPPER WORK {FILE FOLDER}...");
        exit(2);
    }
    runtime = words[0];
    runtime_state = words[1];
    bundle = words[2];
    name = words[3];
    layers_folder = words[4];
    root = words[5];
    upper = words[6];
    work = words[7];
    layers = words + FIXED_ARGUMENTS;
    layer_words = count - FIXED_ARGUMENTS;
    container = true;
    own_network = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (own_network < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
        say("beside a container: %s", strerror(errno));
        exit(2);
    }
    if (getenv("HOSTAL_USERS") && (users = idmap_namespace(getenv("HOSTAL_USERS"))) < 0) {
        say("users of the container's own: %s", problem);
        exit(2);
    }
    if (getenv("HOSTAL_OWN_NETWORK") && make_network() < 0) {
        say("a network for the container: %s", strerror(errno));
        exit(2);
    }
    const char *other = getenv("HOSTAL_JOINED_NETWORK");
    if (other && join_network(other) < 0) {
        say("the other container's network: %s", strerror(errno));
        exit(2);
    }
    int spared = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (spared < 0 || write(spared, "-800", 4) < 0) say("not spared when memory is short");
    close_fd(&spared);
}

/* ---- the root */

static bool is_mounted(const char *folder)
{
    struct stat here, above;
    return layers_folder && stat(folder, &here) == 0 && stat(layers_folder, &above) == 0 && here.st_dev != above.st_dev;
}

int mount_layer(const char *file, const char *folder)
{
    char device[32] = "";
    if (mkdir(folder, 0700) < 0 && errno != EEXIST) return fail("%s: %s", folder, strerror(errno));
    if (is_mounted(folder)) return 0;
    int loop = attach_loop(file, false, device, sizeof device);
    if (loop < 0) return -1;
    int result = mount(device, folder, "squashfs", MS_RDONLY, NULL);
    if (result < 0) fail("mounting the layer %s: %s", file, strerror(errno));
    close(loop);
    return result;
}

static int mount_layers(void)
{
    char *path = text_of("%s/lock", layers_folder);
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), result = 0;
    if (lock < 0 || flock(lock, LOCK_EX) < 0) result = fail("%s: %s", path, strerror(errno));
    for (int i = 0; result == 0 && i < layer_words; i += 2) result = mount_layer(layers[i], layers[i + 1]);
    close_fd(&lock);
    free(path);
    return result;
}

/* Appends a path with what is special in a list of options escaped. */
void append_path(char *options, const char *path, size_t size)
{
    size_t used = strlen(options);
    for (; *path && used < size - 3; path++) {
        if (strchr("\\,:", *path)) options[used++] = '\\';
        options[used++] = *path;
    }
    options[used] = 0;
}

static int mount_overlay(void)
{
    static char options[OPTIONS_MAX];
    size_t prefix = strlen(layers_folder) + 1;
    if (chdir(layers_folder) < 0) return fail("%s: %s", layers_folder, strerror(errno));
    strcpy(options, "lowerdir=");
    for (int i = layer_words - 1; i > 0; i -= 2) {
        append_path(options, layers[i] + prefix, sizeof options);       /* Relative: there is room for one page of them. */
        if (i > 1) strncat(options, ":", sizeof options - strlen(options) - 1);
    }
    strncat(options, ",upperdir=", sizeof options - strlen(options) - 1);
    append_path(options, upper, sizeof options);
    strncat(options, ",workdir=", sizeof options - strlen(options) - 1);
    append_path(options, work, sizeof options);
    int result = strlen(options) >= OPTIONS_MAX - 3 ? fail("the image has too many layers")
            : mount("overlay", root, "overlay", 0, options) < 0 ? fail("mounting the root: %s", strerror(errno)) : 0;
    if (chdir("/") < 0) return fail("/: %s", strerror(errno));
    return result;
}

/* The overlay holds its layers by itself; the names of all of them would keep those of others busy. */
static void forget_layers(void)
{
    DIR *folder = opendir(layers_folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (*entry->d_name == '.') continue;
        char *path = text_of("%s/%s", layers_folder, entry->d_name);
        while (umount2(path, MNT_DETACH) == 0) {}
        free(path);
    }
    if (folder) closedir(folder);
}

/* The same folder, with its numbers shifted, over itself: in the agent's own mounts. */
static int shift(const char *folder)
{
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, folder, OPEN_TREE_CLONE | O_CLOEXEC);
    if (tree < 0) return fail("%s: %s", folder, strerror(errno));
    int result = idmap_tree(tree, users, folder);
    if (result == 0 && syscall(SYS_move_mount, tree, "", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
        result = fail("placing %s: %s", folder, strerror(errno));
    }
    close(tree);
    return result;
}

/* The upper and the work folder lie side by side, and must stay in one mount. */
static int shift_layers(void)
{
    if (users < 0) return 0;
    for (int i = 0; i < layer_words; i += 2) if (shift(layers[i + 1]) < 0) return -1;
    char *both = text_of("%s/..", upper);
    int result = shift(both);
    free(both);
    return result;
}

/* What the container's root is on the host; 0 where it has the host's users. */
static uid_t first_user(void)
{
    const char *map = getenv("HOSTAL_USERS"), *first = map ? strchr(map, ' ') : NULL;
    return first ? (uid_t)strtoul(first, NULL, 10) : 0;
}

/* Makes files in that user's name, whom shifted mounts know, with all that root may: an overlay keeps both for ever. */
static int make_files_as(uid_t user)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    setfsgid(user);
    setfsuid(user);
    if (syscall(SYS_capget, &header, data) < 0) return fail("capabilities: %s", strerror(errno));
    for (int i = 0; i < 2; i++) data[i].effective = data[i].permitted;
    return syscall(SYS_capset, &header, data) < 0 ? fail("capabilities: %s", strerror(errno)) : 0;
}

/* Where the runtime finds root and users: what it does as the container's root must not lead through folders that are
 * closed to that. Source: container/OwnUsers.java */
#define USERS_ROOT "/mnt/root"
static int show_to_users(void)
{
    if (users < 0) return 0;
    char *file = text_of("%s/users", bundle), *here = text_of("/proc/self/fd/%d", users);
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), result = 0;
    if (fd < 0 || mount(here, file, NULL, MS_BIND, NULL) < 0) result = fail("%s: %s", file, strerror(errno));
    else if (mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64k") < 0 || mkdir(USERS_ROOT, 0755) < 0
            || mount(root, USERS_ROOT, NULL, MS_BIND, NULL) < 0) result = fail("a place for the root: %s", strerror(errno));
    close_fd(&fd);
    free(file);
    free(here);
    return result;
}

int own_mounts(void)
{
    if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0) return 0;
    return fail("a namespace for the root: %s", strerror(errno));
}

/* crun refuses hosts with hierarchies of both versions, and needs nothing of the second where the first has all. */
static void hide_unified(void)
{
    struct statfs all, unified;
    if (statfs(CGROUPS, &all) == 0 && all.f_type == TMPFS_MAGIC && statfs(CGROUPS "/unified", &unified) == 0
            && unified.f_type == CGROUP2_SUPER_MAGIC) umount2(CGROUPS "/unified", MNT_DETACH);
}

/* Runs a runtime with the mounts that it has beside a container: to find out whether it works. */
_Noreturn void container_try(char **argv)
{
    if (own_mounts() == 0) {
        hide_unified();
        execv(argv[0], argv);
        fail("%s: %s", argv[0], strerror(errno));
    }
    dprintf(2, "hostal: %s\n", problem);
    _exit(125);
}

/* Addresses and routes, and a name under which the runtime finds the network. It is in the agent's own mounts only. */
static int set_up_network(const struct configuration *config)
{
    if (new_network < 0) return 0;
    char *file = text_of("%s/network", bundle), *here = text_of("/proc/self/fd/%d", new_network);
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int result = fd < 0 || mount(here, file, NULL, MS_BIND, NULL) < 0 ? fail("%s: %s", file, strerror(errno)) : 0;
    close_fd(&fd);
    free(file);
    free(here);
    if (joined) return result;
    if (result == 0 && setns(new_network, CLONE_NEWNET) < 0) result = fail("the container's network: %s", strerror(errno));
    if (result == 0) {
        result = network_up(config);
        if (setns(own_network, CLONE_NEWNET) < 0) result = fail("the host's network: %s", strerror(errno));
    }
    return result;
}

/* The /dev/shm of the container whose IPC is shared. Mounts can be taken only from within their own namespace; what is
 * on the way there is that container's business, and no link is followed. */
static int share_memory(void)
{
    const char *mounts = getenv("HOSTAL_SHARED_MEMORY_OF"), *place = getenv("HOSTAL_SHARED_MEMORY");
    if (!mounts || !place) return 0;
    int here = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), there = open(mounts, O_RDONLY | O_CLOEXEC), tree = -1;
    int result = here < 0 || there < 0 || setns(there, CLONE_NEWNS) < 0 ? fail("the other container's mounts: %s", strerror(errno)) : 0;
    if (result == 0) {
        tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/dev/shm", OPEN_TREE_CLONE | O_CLOEXEC | AT_SYMLINK_NOFOLLOW);
        if (tree < 0) result = fail("the other container's /dev/shm: %s", strerror(errno));
        if (setns(here, CLONE_NEWNS) < 0 || chdir("/") < 0) result = fail("the agent's own mounts: %s", strerror(errno));
    }
    if (result == 0 && syscall(SYS_move_mount, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
        result = fail("placing the other container's /dev/shm: %s", strerror(errno));
    }
    close_fd(&here);
    close_fd(&there);
    close_fd(&tree);
    return result;
}

int container_root(const struct configuration *config)
{
    if (mount_layers() < 0 || mounts_open(bundle) < 0 || own_mounts() < 0) return -1;
    hide_unified();
    if (users >= 0 && make_files_as(first_user()) < 0) return -1;
    int placed = shift_layers() < 0 || mount_overlay() < 0 || show_to_users() < 0 || mounts_place(root) < 0 ? -1 : 0;
    if (users >= 0 && make_files_as(0) < 0) return -1;
    if (placed < 0 || share_memory() < 0 || set_up_network(config) < 0) return -1;
    forget_layers();
    return 0;
}

/* ---- starting a program: the agent's side */

static void put_text(FILE *file, const char *text) { fwrite(text, 1, strlen(text) + 1, file); }

static void put_list(FILE *file, char **list)
{
    size_t count = 0;
    while (list[count]) count++;
    fprintf(file, "%zu%c", count, 0);
    for (size_t i = 0; i < count; i++) put_text(file, list[i]);
}

/* The program as texts, each with its zero. */
static int describe(const struct program *program)
{
    int fd = (int)syscall(SYS_memfd_create, "program", MFD_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(dup(fd), "w");
    if (!file) { close_fd(&fd); return fail("memory for a program: %s", strerror(errno)); }
    fprintf(file, "%d%c%d%c%d%c", program->tty, 0, program->columns, 0, program->rows, 0);
    put_text(file, program->user);
    put_text(file, program->workdir);
    put_list(file, program->argv);
    put_list(file, program->env);
    if (fclose(file) != 0 || lseek(fd, 0, SEEK_SET) < 0) { close_fd(&fd); return fail("memory for a program: %s", strerror(errno)); }
    return fd;
}

static char *pid_file(unsigned launch) { return text_of("%s/pid-%u", bundle, launch); }

/* /dev/stdout is opened anew by its path, by users who must own what is behind it. */
static void give_streams(void)
{
    uid_t user = first_user();
    for (int fd = 0; user && fd <= 2; fd++) {
        struct stat about;
        if (fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode) && fchown(fd, user, user) < 0) continue;
    }
}

/* Whether the container's program is not started but goes on from a checkpoint. */
static bool restores(void) { return !state.main_started && getenv("HOSTAL_RESTORE"); }

/* Where runc connects to with the terminal of a program that goes on; as long as the agent's own socket. */
static char *console_place(void) { return text_of("%s/tty", bundle); }

static int listen_for_console(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char *place = console_place();
    int fd = -1;
    if (strlen(place) < sizeof address.sun_path) fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(address.sun_path, place, fd < 0 ? 0 : strlen(place));
    unlink(place);
    if (fd >= 0 && (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0)) close_fd(&fd);
    free(place);
    return fd;
}

/* Becomes a copy of the runtime that nobody can change. A runtime that finds itself to be none makes one, by mounts where it can,
 * and begins anew, which takes as long as all else that it does. Of a large one the copy would take longer. Returns where
 * that is impossible. Source: runc and crun, cloned_binary.c; memfd_create(2), of MFD_EXEC and hosts that forbid it */
static void become_copy(char **argv)
{
    struct stat about;
    int source = open(runtime, O_RDONLY | O_CLOEXEC), copy = -1;
    if (source < 0 || fstat(source, &about) < 0 || about.st_size > COPIED_MAX) { close_fd(&source); return; }
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    copy = (int)syscall(SYS_memfd_create, "runtime", flags | MFD_EXEC);
    if (copy < 0 && errno == EINVAL) copy = (int)syscall(SYS_memfd_create, "runtime", flags);
    if (copy >= 0 && sendfile(copy, source, NULL, (size_t)about.st_size) == about.st_size
            && fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0) {
        syscall(SYS_execveat, copy, "", argv, environ, AT_EMPTY_PATH);
    }
    close_fd(&copy);
    close_fd(&source);
}

/* In the child: becomes the runtime, with descriptors for the program in the container. */
_Noreturn static void run_runtime(const struct program *program, int description, int ready, int console, unsigned launch)
{
    char preserved[2] = { program->tty ? '3' : '2', 0 }, *pid = pid_file(launch);
    char *global[] = { (char *)runtime, "--root", (char *)runtime_state, "--log", "/dev/null" };
    char *run[] = { "run", "--detach", "--preserve-fds", preserved, "--pid-file", pid, "--bundle", (char *)bundle, (char *)name, NULL };
    char *place = console_place(), *named = (char *)name;
    char *restore[] = { "--criu", getenv("HOSTAL_CRIU"), "restore", "--detach", "--tcp-established", "--file-locks", "--pid-file", pid,
        "--image-path", getenv("HOSTAL_RESTORE"), "--work-path", getenv("HOSTAL_RESTORE_WORK"), "--bundle", (char *)bundle,
        program->tty ? "--console-socket" : named, program->tty ? place : NULL, named, NULL };
    char *exec[] = { "exec", "--detach", "--preserve-fds", preserved, "--pid-file", pid, (char *)name, INSIDE, "--inside", NULL };
    char *argv[32], **more = state.main_started ? exec : restores() ? restore : run;
    size_t count = sizeof global / sizeof *global;
    memcpy(argv, global, sizeof global);
    do argv[count++] = *more; while (*more++);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    give_streams();
    int high = fcntl(description, F_DUPFD_CLOEXEC, SPARE_FD), high_console = console < 0 ? -1 : fcntl(console, F_DUPFD_CLOEXEC, SPARE_FD);
    int high_ready = fcntl(ready, F_DUPFD_CLOEXEC, SPARE_FD);
    dup2(high, PROGRAM_FD);
    dup2(high_ready, READY_FD);
    if (high_console >= 0) dup2(high_console, CONSOLE_FD);
    become_copy(argv);
    execv(runtime, argv);
    dprintf(2, "hostal: %s: %s\n", runtime, strerror(errno));
    _exit(125);
}

/* With a terminal the runtime's own words go to a piece of memory, read when no terminal came. */
static int fork_for_console(struct ends *ends, int *theirs)
{
    bool listens = restores();
    int pair[2] = { listens ? listen_for_console() : -1, -1 };
    int said = (int)syscall(SYS_memfd_create, "said", MFD_CLOEXEC), null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (said < 0 || null < 0 || (listens ? pair[0] : socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) < 0) {
        fail("a terminal for a program: %s", strerror(errno));
        close_fd(&pair[0]);
        close_fd(&said);
        close_fd(&null);
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        *theirs = pair[1];
        own_streams(null, null, said);
        return 0;
    }
    close(null);
    close_fd(&pair[1]);
    *ends = (struct ends){ .pid = pid, .in = -1, .out = pair[0], .err = -1, .tty = true, .console = true, .said = said };
    if (pid > 0) return 1;
    close(pair[0]);
    close(said);
    return fail("a process for a program: %s", strerror(errno));
}

int container_spawn(const struct program *program, struct ends *ends)
{
    int ready[2], console = -1, description = describe(program);
    if (description < 0) return -1;
    if (pipe2(ready, O_CLOEXEC) < 0) { close(description); return fail("a pipe for a program: %s", strerror(errno)); }
    unsigned launch = ++launches;
    int role = program->tty ? fork_for_console(ends, &console) : fork_with_pipes(program->stdin_open, ends);
    if (role == 0) run_runtime(program, description, ready[1], console, launch);
    close(description);
    close(ready[1]);
    if (role < 0) { close(ready[0]); return -1; }
    ends->launch = launch;
    ends->ready = ready[0];
    return 0;
}

/* One that goes on from a checkpoint still has the name of whom it was taken of. */
static void give_name(pid_t pid)
{
    const char *hostname = getenv("HOSTAL_HOSTNAME");
    if (!hostname) return;
    char *path = text_of("/proc/%d/ns/uts", pid);
    int own = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), theirs = open(path, O_RDONLY | O_CLOEXEC);
    if (own < 0 || theirs < 0 || setns(theirs, CLONE_NEWUTS) < 0 || sethostname(hostname, strlen(hostname)) < 0) {
        say("the container keeps its name: %s", strerror(errno));
    }
    if (own >= 0 && setns(own, CLONE_NEWUTS) < 0) say("the host's name: %s", strerror(errno));
    close_fd(&own);
    close_fd(&theirs);
    free(path);
}

/* The program that a runtime has started; -1 where it has not. */
pid_t container_started(unsigned launch)
{
    char text[32] = "", *path = pid_file(launch);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof text - 1) < 0) *text = 0;
    close_fd(&fd);
    unlink(path);
    free(path);
    int pid = atoi(text);
    if (pid > 1 && launch == 1 && getenv("HOSTAL_RESTORE")) give_name(pid);
    return pid > 1 ? pid : -1;
}

/* A child that nobody knows: it may be a program that ended before its runtime did. */
void container_orphan(pid_t pid, int status)
{
    orphans[orphan_count % ORPHANS].pid = pid;
    orphans[orphan_count++ % ORPHANS].status = status;
}

bool container_was_orphan(pid_t pid, int *status)
{
    for (unsigned i = 0; i < ORPHANS; i++) {
        if (orphans[i].pid != pid) continue;
        orphans[i].pid = 0;
        *status = orphans[i].status;
        return true;
    }
    return false;
}

/* The master of a terminal from the program's side: -1 when it will not come, -2 when not yet. */
int container_console(int socket)
{
    char byte, control[CMSG_SPACE(sizeof(int))];
    struct iovec data = { &byte, 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    int master = -1, listens = 0;
    socklen_t size = sizeof listens;
    if (getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens) {
        int connection = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
        if (connection < 0) return errno == EAGAIN || errno == EINTR ? -2 : -1;
        dup3(connection, socket, O_CLOEXEC);
        close(connection);
    }
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EINTR ? -2 : -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (count > 0 && header && header->cmsg_type == SCM_RIGHTS) memcpy(&master, CMSG_DATA(header), sizeof master);
    return master;
}

/* ---- entering the container, for what the agent does itself */

static int namespace_of(const char *kind)
{
    if (main_pid() <= 0) return fail("the container's program does not run");
    char *path = text_of("/proc/%d/ns/%s", main_pid(), kind);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    free(path);
    return fd < 0 ? fail("the container: %s", strerror(errno)) : fd;
}

/* In a child: its files are the container's from here on, and it may do to them what a container's root may. */
static int enter_files(void)
{
    static const unsigned KEPT = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH | 1U << CAP_FOWNER
            | 1U << CAP_FSETID | 1U << CAP_MKNOD | 1U << CAP_SETFCAP;
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { { KEPT, KEPT, 0 }, { 0, 0, 0 } };
    int files = namespace_of("mnt"), theirs = first_user() ? namespace_of("user") : -1;
    if (files < 0 || (first_user() && theirs < 0)) return -1;
    if (theirs >= 0 && (setns(theirs, CLONE_NEWUSER) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)) {
        return fail("the container's users: %s", strerror(errno));
    }
    close_fd(&theirs);
    int result = setns(files, CLONE_NEWNS);
    close(files);
    if (result < 0 || chdir("/") < 0) return fail("entering the container: %s", strerror(errno));
    return syscall(SYS_capset, &header, data) < 0 ? fail("giving up capabilities: %s", strerror(errno)) : 0;
}

int container_tar_read(const char *path) { return enter_files() < 0 ? -1 : tar_read(path); }

int container_tar_write(const char *folder) { return enter_files() < 0 ? -1 : tar_write(folder); }

/* What a file's absence in the container is: an errno, or 0 where it is there. */
int container_absence(const char *path, bool follow)
{
    struct stat about;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (enter_files() < 0) _exit(EIO);
        _exit((follow ? stat(path, &about) : lstat(path, &about)) < 0 ? errno & 0xff : 0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status)) return EIO;
    return WEXITSTATUS(status);
}

int container_network(bool enter)
{
    int fd = enter ? namespace_of("net") : own_network;
    if (fd < 0) return -1;
    int result = setns(fd, CLONE_NEWNET) < 0 ? fail("the container's network: %s", strerror(errno)) : 0;
    if (enter) close(fd);
    return result;
}

/* The file that the container sees, which must stay the same one. */
int container_resolver(const char *text)
{
    char *path = text_of("%s/../etc/resolv.conf", bundle);
    int result = write_text(path, text) < 0 ? fail("%s: %s", path, strerror(errno)) : 0;
    free(path);
    return result;
}

/* Names are written from outside. */
int container_nics(const struct configuration *config)
{
    if (new_network < 0) return 0;
    if (setns(new_network, CLONE_NEWNET) < 0) return fail("the container's network: %s", strerror(errno));
    int result = network_renew(config);
    return setns(own_network, CLONE_NEWNET) < 0 ? fail("the host's network: %s", strerror(errno)) : result;
}
