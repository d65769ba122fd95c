/* A guest whose root is on the disk that it has booted from. With a host that speaks to it, it is a machine like any other,
 * whose root is that disk instead of layers; alone, it runs its image's init or its program, and ends with that. */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
    ROOT_WAIT_MILLIS = 30000,           /* Disks of old kinds are looked for beside everything else. */
    PAUSE_MICROS = 5000,
    TEXT_MAX = 256 << 10, WORDS_MAX = 4096,
    SUPERBLOCK = 1024, MAGIC_AT = 0x38, UUID_AT = 0x68,     /* Source: Linux, ext4.h, struct ext4_super_block. */
};

static const char KNOWN[] = "/lib/hostal/disk";

/* What the disk was made with: texts that end with a zero, lists behind their length. */
static struct { char *uuid, *hostname, *boot; struct program program; } own;
static pid_t main_program;

/* ---- what it was made with */

static char *next_text(char **at, char *end)
{
    char *text = *at, *zero = text < end ? memchr(text, 0, (size_t)(end - text)) : NULL;
    if (!zero) return NULL;
    *at = zero + 1;
    return text;
}

static char **next_list(char **at, char *end)
{
    const char *length = next_text(at, end);
    long count = length ? strtol(length, NULL, 10) : -1;
    if (count < 0 || count > WORDS_MAX) return NULL;
    char **list = calloc((size_t)count + 1, sizeof *list);
    for (long i = 0; list && i < count; i++) if (!(list[i] = next_text(at, end))) return NULL;
    return list;
}

static bool understand(char *text, char *end)
{
    own.hostname = next_text(&text, end);
    own.boot = next_text(&text, end);
    own.program.user = next_text(&text, end);
    own.program.workdir = next_text(&text, end);
    own.program.argv = next_list(&text, end);
    own.program.env = next_list(&text, end);
    own.program.tty = true;
    return own.program.env != NULL && own.program.argv != NULL && own.program.workdir != NULL;
}

bool own_disk_known(void)
{
    static char text[TEXT_MAX];
    int fd = open(KNOWN, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t count = read(fd, text, sizeof text);
    close(fd);
    char *at = text, *end = text + (count > 0 ? count : 0);
    own.uuid = next_text(&at, end);
    if (own.uuid && strlen(own.uuid) == 36 && understand(at, end)) return true;
    say("%s is damaged", KNOWN);
    own.uuid = NULL;
    return false;
}

/* Whether there is a device with ports at all: it is there as soon as its driver is. Source: virtio, device ID 3. */
bool own_disk_has_host(void)
{
    DIR *devices = opendir("/sys/bus/virtio/devices");
    bool found = false;
    for (struct dirent *entry; devices && !found && (entry = readdir(devices));) {
        char path[300], text[32];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/sys/bus/virtio/devices/%s/device", entry->d_name);
        found = strtol(read_text(path, text, sizeof text), NULL, 16) == 3;
    }
    if (devices) closedir(devices);
    return found;
}

/* ---- the root */

static bool has_root(const char *device)
{
    uint8_t block[1024];
    char text[37], *at = text;
    int fd = open(device, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd < 0 ? 0 : pread(fd, block, sizeof block, SUPERBLOCK);
    close_fd(&fd);
    if (count != (ssize_t)sizeof block || block[MAGIC_AT] != 0x53 || block[MAGIC_AT + 1] != 0xef) return false;
    for (int i = 0; i < 16; i++) at += sprintf(at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", block[UUID_AT + i]);
    return strcmp(text, own.uuid) == 0;
}

static bool find_root(char *device, size_t size)
{
    DIR *all = opendir("/sys/class/block");
    bool found = false;
    for (struct dirent *entry; all && !found && (entry = readdir(all));) {
        if (entry->d_name[0] == '.') continue;
        snprintf(device, size, "/dev/%s", entry->d_name);
        found = has_root(device);
    }
    if (all) closedir(all);
    return found;
}

int own_disk_mount(void)
{
    char device[300];
    if (!own.uuid) return fail("the machine has neither layers nor a disk with a root");
    for (uint64_t until = now_millis() + ROOT_WAIT_MILLIS; !find_root(device, sizeof device); usleep(PAUSE_MICROS)) {
        if (now_millis() >= until) return fail("no disk has the file system %s", own.uuid);
    }
    mkdir("/r", 0755);
    if (mount(device, "/r", "ext4", MS_NOATIME, NULL) < 0) return fail("mounting %s: %s", device, strerror(errno));
    mkdir("/r/proc", 0755);
    mkdir("/r/sys", 0755);
    mkdir("/r/dev", 0755);
    scratch_fd = open("/r", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return 0;
}

/* ---- without a host */

_Noreturn static void cannot_go_on(const char *what)
{
    say("%s; the machine ends", what);
    power_off();
    for (;;) pause();
}

static void forward(int number)
{
    if (main_program > 0) kill(main_program, number == SIGINT ? SIGTERM : number);
}

/* The last one that the kernel writes to is the one that programs see. */
static int open_terminal(void)
{
    char text[128], path[160];
    read_text("/sys/class/tty/console/active", text, sizeof text);
    const char *last = strrchr(text, ' ');
    snprintf(path, sizeof path, "/dev/%s", last ? last + 1 : text);
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return fd < 0 ? open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC) : fd;
}

static void ask_for_addresses(void)
{
    static struct configuration config;
    static char macs[NICS_MAX][18], *none[] = { NULL };
    struct if_nameindex *all = if_nameindex();
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (struct if_nameindex *one = all; fd >= 0 && one && one->if_index && config.nic_count < NICS_MAX; one++) {
        struct ifreq request = { 0 };
        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", one->if_name);
        if (ioctl(fd, SIOCGIFHWADDR, &request) < 0 || request.ifr_hwaddr.sa_family != 1) continue;      /* Ethernet */
        const uint8_t *m = (const uint8_t *)request.ifr_hwaddr.sa_data;
        snprintf(macs[config.nic_count], 18, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
        config.nics[config.nic_count] = (struct nic){ .moves = true, .was = "", .mac = macs[config.nic_count], .addresses = none, .gateways = none, .dns = none };
        config.nic_count++;
    }
    if (all) if_freenameindex(all);
    close_fd(&fd);
    config.hostname = own.hostname;
    if (write_names(&config) < 0) say("%s", problem);
    if (network_up(&config) < 0) say("%s", problem);
}

static int run_alone(void)
{
    int terminal = open_terminal(), status;
    signal(SIGTERM, forward);
    signal(SIGINT, forward);
    main_program = fork();
    if (main_program == 0) {
        own_streams(terminal, terminal, terminal);
        run_program(&own.program);
    }
    if (main_program < 0) cannot_go_on("there is no process for the program");
    for (pid_t pid; (pid = waitpid(-1, &status, 0)) != main_program;) if (pid < 0 && errno != EINTR) cannot_go_on("the program is lost");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

_Noreturn void own_disk_alone(void)
{
    bool boots = strcmp(own.boot, "init") == 0;
    if (own_disk_mount() < 0 || switch_root() < 0) cannot_go_on(problem);
    furnish(boots);
    if (boots) {
        const char *init = find_init();
        int error = init ? become_init(init) : ENOENT;
        fail("running the image's init: %s", strerror(error));
        cannot_go_on(problem);
    }
    ask_for_addresses();
    int status = run_alone();
    say("the program has ended with status %d", status);
    sync();
    power_off();
    for (;;) pause();
}
