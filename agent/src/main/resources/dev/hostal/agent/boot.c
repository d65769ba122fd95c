/* From the kernel's hand-over to a root out of layers. */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <linux/magic.h>

enum { DEVICE_WAIT_MILLIS = 10000, PAUSE_MICROS = 2000 };

int scratch_fd = -1;

/* In place: a file that is emptied first is written to its disk as soon as it is closed. Source: ext4(5), auto_da_alloc. */
int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) return -1;
    struct stat about;
    off_t length = (off_t)strlen(text);
    int result = write_all(fd, text, strlen(text)) < 0 || fstat(fd, &about) < 0 ? -1 : 0;
    if (result == 0 && about.st_size > length) result = ftruncate(fd, length);
    close(fd);
    return result;
}

/* Reads a small file without its newline; empty where there is none. */
char *read_text(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd < 0 ? 0 : read(fd, text, size - 1);
    close_fd(&fd);
    text[count > 0 ? count : 0] = 0;
    text[strcspn(text, "\n")] = 0;
    return text;
}

static int mount_at(const char *type, const char *target, unsigned long flags, const char *options)
{
    mkdir(target, 0755);
    if (mount(type, target, type, flags, options) == 0) return 0;
    say("mounting %s: %s", target, strerror(errno));
    return -1;
}

/* ---- modules and ports */

static void load_module(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST)) say("module %s: %s", path, strerror(errno));
    close_fd(&fd);
}

void load_modules(const char *list_path)
{
    FILE *list = fopen(list_path, "re");
    if (!list) return;
    char line[512];
    while (fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = 0;
        if (*line) load_module(line);
    }
    fclose(list);
}

/* The device of the port with that name; false where it is not there yet. */
static bool find_port(const char *name, char *device, size_t size)
{
    DIR *ports = opendir("/sys/class/virtio-ports");
    if (!ports) return false;
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(ports));) {
        char path[300], text[64];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", entry->d_name);
        found = strcmp(read_text(path, text, sizeof text), name) == 0;
        if (found) snprintf(device, size, "/dev/%s", entry->d_name);
    }
    closedir(ports);
    return found;
}

/* Ports get their names by a message from the host, some time after the driver has found them. */
static int open_port(const char *name, int flags, int patience_millis)
{
    uint64_t until = now_millis() + (uint64_t)patience_millis;
    char device[300];
    while (!find_port(name, device, sizeof device)) {
        if (now_millis() >= until) return fail("there is no port %s", name);
        usleep(PAUSE_MICROS);
    }
    int fd = open(device, flags | O_CLOEXEC);
    return fd < 0 ? fail("opening %s: %s", device, strerror(errno)) : fd;
}

static void open_console(void)
{
    int fd = open("/dev/console", O_RDWR | O_NOCTTY);
    if (fd < 0) fd = open("/dev/null", O_RDWR);
    for (int wanted = 0; wanted <= 2; wanted++) if (fd != wanted) dup2(fd, wanted);
    if (fd > 2) close(fd);
}

void boot_early(void)
{
    mkdir("/dev", 0755);
    mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL);
    open_console();
    mount_at("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount_at("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    reboot(RB_DISABLE_CAD);
    write_text("/proc/self/oom_score_adj", "-1000");
    load_modules("/lib/hostal/modules");
    bool bootable = own_disk_known();
    wire.fd = bootable && !own_disk_has_host() ? -1 : open_port("dev.hostal.agent", O_RDWR | O_NONBLOCK, DEVICE_WAIT_MILLIS);
    if (wire.fd < 0 && bootable) own_disk_alone();
    if (wire.fd < 0) {
        say("%s; there is nothing to do without it", problem);
        power_off();
    }
    log_fd = open_port("dev.hostal.log", O_WRONLY, 0);
}

/* ---- the root */

static int find_disk(const char *serial, char *device, size_t size)
{
    uint64_t until = now_millis() + DEVICE_WAIT_MILLIS;
    for (;; usleep(PAUSE_MICROS)) {
        DIR *disks = opendir("/sys/block");
        for (struct dirent *entry; disks && (entry = readdir(disks));) {
            char path[300], text[64];
            snprintf(path, sizeof path, "/sys/block/%s/serial", entry->d_name);
            if (entry->d_name[0] == '.' || strcmp(read_text(path, text, sizeof text), serial)) continue;
            snprintf(device, size, "/dev/%s", entry->d_name);
            closedir(disks);
            return 0;
        }
        if (disks) closedir(disks);
        if (now_millis() >= until) return fail("the guest has no disk %s", serial);
    }
}

int mount_disk(const char *serial, const char *type, const char *target, unsigned long flags, const char *options)
{
    char device[300];
    if (find_disk(serial, device, sizeof device) < 0) return -1;
    mkdir(target, 0755);
    if (mount(device, target, type, flags, options) < 0) return fail("mounting the disk %s as %s: %s", serial, type, strerror(errno));
    return 0;
}

static int mount_layers(unsigned count, char *lower, size_t size)
{
    size_t used = (size_t)snprintf(lower, size, "lowerdir=");
    mkdir("/l", 0755);
    for (unsigned i = 0; i < count; i++) {
        char serial[16], target[16];
        snprintf(serial, sizeof serial, "layer%u", i);
        snprintf(target, sizeof target, "/l/%u", i);
        if (mount_disk(serial, "squashfs", target, MS_RDONLY | MS_NODEV, NULL) < 0) return -1;
    }
    /* overlayfs wants the uppermost first. */
    for (unsigned i = count; i-- > 0 && used < size;) used += (size_t)snprintf(lower + used, size - used, "/l/%u%s", i, i ? ":" : "");
    return used < size ? 0 : fail("%u layers are too many for one mount", count);
}

static int mount_root(const struct configuration *config)
{
    static char options[4096];      /* One page is what mount(2) takes. */
    if (config->layers == 0) return own_disk_mount();
    if (mount_disk("scratch", "ext4", "/s", MS_NOATIME, NULL) < 0) return -1;
    mkdir("/s/upper", 0755);
    mkdir("/s/work", 0755);
    mkdir("/r", 0755);
    if (mount_layers(config->layers, options, sizeof options - 64) < 0) return -1;
    strcat(options, ",upperdir=/s/upper,workdir=/s/work");
    if (mount("overlay", "/r", "overlay", MS_NOATIME, options) < 0) return fail("mounting the root out of %u layers: %s", config->layers, strerror(errno));
    scratch_fd = open("/s", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return 0;
}

/* Frees the memory of the initramfs; mounts in it are not entered. */
static void empty(int folder, dev_t device)
{
    DIR *entries = fdopendir(folder);
    if (!entries) { close(folder); return; }
    for (struct dirent *entry; (entry = readdir(entries));) {
        struct stat about;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (fstatat(dirfd(entries), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0 || about.st_dev != device) continue;
        bool is_folder = S_ISDIR(about.st_mode);
        if (is_folder) {
            int below = openat(dirfd(entries), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (below >= 0) empty(below, device);
        }
        unlinkat(dirfd(entries), entry->d_name, is_folder ? AT_REMOVEDIR : 0);
    }
    closedir(entries);
}

/* Makes /r the root for good. Source: what switch_root(8) of util-linux does, kernel's ramfs-rootfs-initramfs.rst. */
int switch_root(void)
{
    static const char *const MOVED[] = { "/proc", "/sys", "/dev" };
    struct stat about;
    struct statfs fs;
    for (size_t i = 0; i < sizeof MOVED / sizeof *MOVED; i++) {
        char target[16];
        snprintf(target, sizeof target, "/r%s", MOVED[i]);
        mkdir(target, 0755);
        if (mount(MOVED[i], target, NULL, MS_MOVE, NULL) < 0) return fail("moving %s: %s", MOVED[i], strerror(errno));
    }
    int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (chdir("/r") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0) {
        return fail("changing the root: %s", strerror(errno));
    }
    if (fstat(old, &about) == 0 && fstatfs(old, &fs) == 0
            && ((uint32_t)fs.f_type == RAMFS_MAGIC || (uint32_t)fs.f_type == TMPFS_MAGIC)) empty(old, about.st_dev);
    else close(old);
    return 0;
}

/* ---- inside the new root */

static void link_once(const char *target, const char *path)
{
    if (symlink(target, path) < 0 && errno != EEXIST) say("%s: %s", path, strerror(errno));
}

void furnish(bool boot_init)
{
    mkdir("/dev/pts", 0755);
    mkdir("/dev/shm", 01777);
    mkdir("/run", 0755);
    mkdir("/tmp", 01777);
    mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=0620,gid=5,ptmxmode=0666");
    mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
    link_once("/proc/self/fd", "/dev/fd");
    link_once("/proc/self/fd/0", "/dev/stdin");
    link_once("/proc/self/fd/1", "/dev/stdout");
    link_once("/proc/self/fd/2", "/dev/stderr");
    chmod("/dev/ptmx", 0666);
    if (boot_init) {
        /* What an init expects of an initramfs; the rest is its own business. */
        mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
        return;
    }
    mkdir("/dev/mqueue", 01777);
    mount("mqueue", "/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, "nsdelegate");
    /* As in containers: the program may listen on any port and ping, whoever it runs as. */
    write_text("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    write_text("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
}

/* A link there may point to what a service that does not run would have made. */
static int replace_file(const char *path, const char *text)
{
    struct stat about;
    /* What was written at the configuration is written again in place, which is quicker by half. */
    if (!state.configured || lstat(path, &about) < 0 || !S_ISREG(about.st_mode) || about.st_nlink != 1) unlink(path);
    return write_text(path, text) < 0 ? fail("writing %s: %s", path, strerror(errno)) : 0;
}

int write_resolver(const char *text)
{
    if (container) return container_resolver(text);
    return replace_file("/etc/resolv.conf", text);
}

static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list values;
    va_start(values, format);
    vsnprintf(text + used, size - used, format, values);
    va_end(values);
}

int write_names(const struct configuration *config)
{
    static const char SEARCH[] = "search ";
    static char hosts[8192], resolv[4096], search[1024];
    char line[128];
    const char *name = config->hostname;
    hosts[0] = resolv[0] = search[0] = 0;
    if (sethostname(name, strlen(name)) < 0) return fail("setting the host name: %s", strerror(errno));
    append(hosts, sizeof hosts, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
    bool named = false, moves = config->renamed;
    for (size_t i = 0; i < config->nic_count; i++) {
        moves |= config->nics[i].moves;
        for (char **address = config->nics[i].addresses; *address; address++, named = true) {
            append(hosts, sizeof hosts, "%.*s\t%s\n", (int)strcspn(*address, "/"), *address, name);
        }
        for (char **server = config->nics[i].dns; *server; server++) {
            if (strncmp(*server, SEARCH, strlen(SEARCH)) == 0) append(search, sizeof search, " %s", *server + strlen(SEARCH));
            else append(resolv, sizeof resolv, "nameserver %s\n", *server);
        }
    }
    if (*search) append(resolv, sizeof resolv, "search%s\n", search);
    if (!named) append(hosts, sizeof hosts, "127.0.1.1\t%s\n", name);
    snprintf(line, sizeof line, "%s\n", name);
    if (!state.configured) mkdir("/etc", 0755);
    if (replace_file("/etc/hostname", line) < 0 || replace_file("/etc/hosts", hosts) < 0) return -1;
    return *resolv && moves ? write_resolver(resolv) : 0;
}

int boot_root(const struct configuration *config)
{
    if (container) return container_root(config);
    if (testing) return 0;
    if (volumes_open(config) < 0 || mount_root(config) < 0 || switch_root() < 0) return -1;
    furnish(config->boot_init);
    if (write_names(config) < 0 || network_up(config) < 0) return -1;
    return volumes_mount(config);
}

/* ---- the image's own init */

const char *find_init(void)
{
    static const char *const INITS[] = { "/sbin/init", "/lib/systemd/systemd", "/usr/lib/systemd/systemd", "/etc/init", "/bin/init" };
    for (size_t i = 0; i < sizeof INITS / sizeof *INITS; i++) if (access(INITS[i], X_OK) == 0) return INITS[i];
    return NULL;
}

/* Becomes the image's init; an errno where it cannot. */
int become_init(const char *path)
{
    char *argv[] = { (char *)path, NULL }, *env[] = { "HOME=/", "TERM=linux", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    write_text("/proc/self/oom_score_adj", "0");
    execve(path, argv, env);
    return errno;
}

/* The agent goes on in a child; PID 1 becomes the image's init. In the child: 0, or -1 when there is no init. */
int boot_init_program(void)
{
    int told[2], error = 0;
    const char *path = find_init();
    if (testing) return 0;
    if (!path) return fail("the image has no init");
    if (pipe2(told, O_CLOEXEC) < 0) return fail("a pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0) return fail("a process: %s", strerror(errno));
    if (pid > 0) {
        close(told[0]);
        error = become_init(path);
        if (write(told[1], &error, sizeof error) < 0) say("%s: %s", path, strerror(error));
        for (;;) pause();       /* The host reads why and kills the machine. */
    }
    close(told[1]);
    setsid();
    ssize_t count = read(told[0], &error, sizeof error);
    close(told[0]);
    return count > 0 ? fail("running the image's %s: %s", path, strerror(error)) : 0;
}
