/* What a guest sees beside its image: folders of the host, all under one virtiofs; disks with a file system; memory. */
#include "agent.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum kind { MEMORY, SHARED, DISK };
enum { READ_ONLY = 1, FILLED = 2, EXEC = 4 };

static const unsigned long SAFE = MS_NOSUID | MS_NODEV;

/* The shared folders, each under its number. */
static int shared = -1;

/* File systems of disks that may be written to: held still together with the guest's own. */
enum { DISKS_MAX = 8 };
static struct { char *target; dev_t device; int fd; } disks[DISKS_MAX];
static size_t disk_count;

/* In the initramfs, whose modules are gone later. */
int volumes_open(const struct configuration *config)
{
    bool any = false;
    for (size_t i = 0; i < config->mount_count; i++) any |= config->mounts[i].kind == SHARED;
    if (!any) return 0;
    load_modules("/lib/hostal/modules-shared");
    mkdir("/v", 0700);
    if (mount("shared", "/v", "virtiofs", SAFE, NULL) < 0) {
        return errno == ENODEV ? fail("the kernel of this guest has no virtiofs, which its volumes need")
                : fail("mounting the host's folders: %s", strerror(errno));
    }
    shared = open("/v", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return shared < 0 ? fail("opening the host's folders: %s", strerror(errno)) : 0;
}

/* Afterwards there is something at the path to mount over, and folders above it. */
static int make_place(const char *path, bool folder)
{
    char *place = text_of("%s", path);
    struct stat about;
    for (char *slash = place + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(place, 0755);
        *slash = '/';
    }
    free(place);
    if (stat(path, &about) == 0) {
        if (S_ISDIR(about.st_mode) == folder) return 0;
        return fail("%s is %s folder in the image, and what is to be mounted there is %s", path, folder ? "no" : "a", folder ? "one" : "none");
    }
    if (folder) return mkdir(path, 0755) < 0 ? fail("%s: %s", path, strerror(errno)) : 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return fail("%s: %s", path, strerror(errno));
    close(fd);
    return 0;
}

static int fill(const struct guest_mount *one, const char *source)
{
    int from = open(one->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0) return 0;         /* The image has nothing there. */
    int volume = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = volume < 0 ? fail("opening the volume: %s", strerror(errno)) : fill_volume(from, volume);
    close(from);
    close_fd(&volume);
    return result;
}

static int bind_shared(const struct guest_mount *one)
{
    struct stat about;
    char *source = text_of("/proc/self/fd/%d/%s", shared, one->source);
    int result = stat(source, &about) < 0 ? fail("the folder for %s: %s", one->target, strerror(errno)) : 0;
    bool folder = result == 0 && S_ISDIR(about.st_mode);
    if (folder && one->flags & FILLED) result = fill(one, source);
    if (result == 0) result = make_place(one->target, folder);
    if (result == 0 && (mount(source, one->target, NULL, MS_BIND, NULL) < 0
            || (one->flags & READ_ONLY && mount(NULL, one->target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | SAFE, NULL) < 0))) {
        result = fail("mounting %s: %s", one->target, strerror(errno));
    }
    free(source);
    return result;
}

static int mount_memory(const struct guest_mount *one)
{
    unsigned long flags = SAFE | (one->flags & EXEC ? 0 : MS_NOEXEC) | (one->flags & READ_ONLY ? MS_RDONLY : 0);
    if (make_place(one->target, true) < 0) return -1;
    return mount("tmpfs", one->target, "tmpfs", flags, one->options) < 0 ? fail("mounting memory at %s: %s", one->target, strerror(errno)) : 0;
}

static int mount_disk_at(const struct guest_mount *one)
{
    bool written = !(one->flags & READ_ONLY);
    struct stat about;
    if (make_place(one->target, true) < 0) return -1;
    if (mount_disk(one->source, "ext4", one->target, SAFE | (written ? 0 : MS_RDONLY), NULL) < 0) return -1;
    if (!written || disk_count == DISKS_MAX || stat(one->target, &about) < 0) return 0;
    disks[disk_count].target = text_of("%s", one->target);
    disks[disk_count].device = about.st_dev;
    disks[disk_count++].fd = -1;
    return 0;
}

/* Those that are still where they were mounted: nobody writes to what was unmounted. Nothing is kept open in between, so that
 * it can be. To be called before the disk is frozen that they are mounted on. */
void volumes_find_disks(void)
{
    for (size_t i = 0; i < disk_count; i++) {
        struct stat about;
        close_fd(&disks[i].fd);
        disks[i].fd = open(disks[i].target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (disks[i].fd >= 0 && (fstat(disks[i].fd, &about) < 0 || about.st_dev != disks[i].device)) close_fd(&disks[i].fd);
    }
}

int volumes_freeze(void)
{
    for (size_t i = 0; i < disk_count; i++) {
        if (disks[i].fd >= 0 && ioctl(disks[i].fd, FIFREEZE, 0) < 0 && errno != EBUSY) {
            return fail("freezing %s: %s", disks[i].target, strerror(errno));
        }
    }
    return 0;
}

/* Also those that are not frozen, which is no error. */
void volumes_thaw(void)
{
    for (size_t i = 0; i < disk_count; i++) {
        if (disks[i].fd >= 0) ioctl(disks[i].fd, FITHAW, 0);
        close_fd(&disks[i].fd);
    }
}

static int mount_volume(const struct guest_mount *one)
{
    switch (one->kind) {
    case SHARED: return bind_shared(one);
    case MEMORY: return mount_memory(one);
    case DISK: return mount_disk_at(one);
    default: return fail("%s is of a kind that this agent does not know", one->target);
    }
}

/* Those above others come first. */
int volumes_mount(const struct configuration *config)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < config->mount_count; i++) result = mount_volume(&config->mounts[i]);
    close_fd(&shared);
    return result;
}
