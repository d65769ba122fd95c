/* Writes a file or folder as a tar archive. Source: POSIX.1-2017, pax, "ustar Interchange Format" and
 * "pax Extended Header". Runs in a child of the agent, to standard output. */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

enum { BLOCK = 512, NAME_MAX_USTAR = 100, SMALL = 65536 };
#define OCTAL_11 077777777777LL     /* The most that eleven octal digits say. */
#define OCTAL_7 07777777LL

static uint8_t buffer[256 * 1024];
static size_t buffered;

/* Files of several names, by device and inode: the second name becomes a link to the first. */
static struct link { dev_t device; ino_t inode; char *name; } *links;
static size_t link_count, link_space;

static int flush(void)
{
    if (buffered && write_all(1, buffer, buffered) < 0) return fail("writing the archive: %s", strerror(errno));
    buffered = 0;
    return 0;
}

static int put(const void *bytes, size_t length)
{
    if (buffered + length > sizeof buffer && flush() < 0) return -1;
    memcpy(buffer + buffered, bytes, length);
    buffered += length;
    return 0;
}

static int pad(uint64_t written)
{
    static const uint8_t zeros[BLOCK];
    size_t rest = (size_t)(written % BLOCK);
    return rest ? put(zeros, BLOCK - rest) : 0;
}

static void octal(char *field, int digits, long long value) { sprintf(field, "%0*llo", digits, value); }

static int put_header(const char *name, char type, const struct stat *about, long long size, const char *target)
{
    char block[BLOCK] = { 0 };
    strncpy(block, name, NAME_MAX_USTAR);
    octal(block + 100, 7, about->st_mode & 07777);
    octal(block + 108, 7, about->st_uid > OCTAL_7 ? 0 : about->st_uid);
    octal(block + 116, 7, about->st_gid > OCTAL_7 ? 0 : about->st_gid);
    octal(block + 124, 11, size > OCTAL_11 ? 0 : size);
    octal(block + 136, 11, about->st_mtime < 0 || about->st_mtime > OCTAL_11 ? 0 : (long long)about->st_mtime);
    memset(block + 148, ' ', 8);
    block[156] = type;
    strncpy(block + 157, target, NAME_MAX_USTAR);
    memcpy(block + 257, "ustar\0" "00", 8);
    if (type == '3' || type == '4') {
        octal(block + 329, 7, major(about->st_rdev));
        octal(block + 337, 7, minor(about->st_rdev));
    }
    unsigned sum = 0;
    for (int i = 0; i < BLOCK; i++) sum += (uint8_t)block[i];
    octal(block + 148, 6, sum);
    block[154] = 0;
    block[155] = ' ';
    return put(block, sizeof block);
}

/* A record counts its own length, digits included. */
static void add_record(char *records, size_t *used, const char *key, const char *value)
{
    size_t rest = strlen(key) + strlen(value) + 3, length = rest + 1;
    while (length != rest + (size_t)snprintf(NULL, 0, "%zu", length)) length++;
    *used += (size_t)sprintf(records + *used, "%zu %s=%s\n", length, key, value);
}

static void add_number(char *records, size_t *used, const char *key, long long value)
{
    char text[24];
    sprintf(text, "%lld", value);
    add_record(records, used, key, text);
}

static int put_entry(const char *name, char type, const struct stat *about, long long size, const char *target)
{
    static char records[2 * PATH_MAX + 512];
    size_t used = 0;
    if (strlen(name) > NAME_MAX_USTAR) add_record(records, &used, "path", name);
    if (strlen(target) > NAME_MAX_USTAR) add_record(records, &used, "linkpath", target);
    if (size > OCTAL_11) add_number(records, &used, "size", size);
    if (about->st_uid > OCTAL_7) add_number(records, &used, "uid", about->st_uid);
    if (about->st_gid > OCTAL_7) add_number(records, &used, "gid", about->st_gid);
    if (about->st_mtime < 0 || about->st_mtime > OCTAL_11) add_number(records, &used, "mtime", about->st_mtime);
    if (used) {
        struct stat plain = { .st_mode = 0644 };
        if (put_header("PaxHeaders/entry", 'x', &plain, (long long)used, "") < 0 || put(records, used) < 0 || pad(used) < 0) return -1;
    }
    return put_header(name, type, about, size, target);
}

/* ---- files */

/* Small ones are read first: what /proc and /sys say of their sizes is not what they hold. */
static int put_small(const char *path, const char *name, const struct stat *about, int fd)
{
    static uint8_t content[SMALL];
    size_t length = 0;
    ssize_t count;
    while (length < SMALL && (count = read(fd, content + length, SMALL - length)) != 0) {
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail("reading %s: %s", path, strerror(errno));
        length += (size_t)count;
    }
    if (put_entry(name, '0', about, (long long)length, "") < 0) return -1;
    return put(content, length) < 0 ? -1 : pad(length);
}

static int put_large(const char *path, const char *name, const struct stat *about, int fd)
{
    long long left = about->st_size;
    if (put_entry(name, '0', about, left, "") < 0) return -1;
    while (left > 0) {
        if (sizeof buffer - buffered < BLOCK && flush() < 0) return -1;
        size_t space = sizeof buffer - buffered;
        ssize_t count = read(fd, buffer + buffered, (long long)space < left ? space : (size_t)left);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail("reading %s: %s", path, strerror(errno));
        if (count == 0) return fail("%s became shorter while it was read", path);
        buffered += (size_t)count;
        left -= count;
    }
    return pad((uint64_t)about->st_size);
}

static int put_file(const char *path, const char *name, const struct stat *about)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? 0 : fail("opening %s: %s", path, strerror(errno));
    int result = about->st_size < SMALL ? put_small(path, name, about, fd) : put_large(path, name, about, fd);
    close(fd);
    return result;
}

/* The name under which this file was already written; NULL and remembered where it is the first. */
static const char *earlier_name(const struct stat *about, const char *name)
{
    for (size_t i = link_count; i-- > 0;) {
        if (links[i].inode == about->st_ino && links[i].device == about->st_dev) return links[i].name;
    }
    if (link_count == link_space) {
        link_space = link_space ? 2 * link_space : 256;
        links = realloc(links, link_space * sizeof *links);
        if (!links) { link_space = link_count = 0; return NULL; }
    }
    links[link_count++] = (struct link){ about->st_dev, about->st_ino, text_of("%s", name) };
    return NULL;
}

/* ---- folders */

static int put_any(const char *path, const char *name, dev_t device);

/* What the kernel makes up as it is read is not part of a tree. */
static bool is_made_up(const char *path)
{
    struct statfs about;
    if (statfs(path, &about) < 0) return false;
    uint32_t type = (uint32_t)about.f_type;
    return type == PROC_SUPER_MAGIC || type == SYSFS_MAGIC || type == CGROUP2_SUPER_MAGIC || type == DEVPTS_SUPER_MAGIC
        || type == DEBUGFS_MAGIC || type == TRACEFS_MAGIC;
}

static int by_name(const void *left, const void *right) { return strcmp(*(char *const *)left, *(char *const *)right); }

/* All names, so that no descriptor stays open while its subfolders are visited. */
char **names_in(const char *path, size_t *count)
{
    DIR *folder = opendir(path);
    if (!folder) return NULL;
    size_t space = 64;
    char **names = malloc(space * sizeof *names);
    *count = 0;
    for (struct dirent *entry; names && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (*count == space) names = realloc(names, (space *= 2) * sizeof *names);
        if (names) names[(*count)++] = text_of("%s", entry->d_name);
    }
    closedir(folder);
    if (names) qsort(names, *count, sizeof *names, by_name);
    return names;
}

static int put_folder(const char *path, const char *name, const struct stat *about, dev_t device)
{
    char *entry = text_of("%s/", name);
    int result = put_entry(entry, '5', about, 0, "");
    free(entry);
    if (result < 0) return -1;
    if (device && about->st_dev != device && is_made_up(path)) return 0;
    size_t count = 0;
    char **names = names_in(path, &count);
    if (!names) return errno == ENOENT ? 0 : fail("opening the folder %s: %s", path, strerror(errno));
    for (size_t i = 0; i < count; i++) {
        char *below = text_of("%s/%s", strcmp(path, "/") == 0 ? "" : path, names[i]), *below_name = text_of("%s/%s", name, names[i]);
        if (result == 0) result = put_any(below, below_name, about->st_dev);
        free(below);
        free(below_name);
        free(names[i]);
    }
    free(names);
    return result;
}

/* device: of the folder that holds it; 0 at the top. */
static int put_any(const char *path, const char *name, dev_t device)
{
    struct stat about;
    if (strlen(name) >= PATH_MAX) return fail("a path is too long: %.100s...", path);
    if (lstat(path, &about) < 0) return errno == ENOENT && device ? 0 : fail("%s: %s", path, strerror(errno));
    if (S_ISDIR(about.st_mode)) return put_folder(path, name, &about, device);
    if (S_ISSOCK(about.st_mode)) return 0;
    const char *earlier = about.st_nlink > 1 ? earlier_name(&about, name) : NULL;
    if (earlier) return put_entry(name, '1', &about, 0, earlier);
    if (S_ISREG(about.st_mode)) return put_file(path, name, &about);
    if (S_ISLNK(about.st_mode)) {
        char target[PATH_MAX + 1];
        ssize_t length = readlink(path, target, PATH_MAX);
        if (length < 0) return fail("reading the link %s: %s", path, strerror(errno));
        target[length] = 0;
        return put_entry(name, '2', &about, 0, target);
    }
    return put_entry(name, S_ISFIFO(about.st_mode) ? '6' : S_ISCHR(about.st_mode) ? '3' : '4', &about, 0, "");
}

/* Entries are named from the last part of the path on; from `.` where the path is `/` or ends in `/.`. */
int tar_read(const char *path)
{
    static const uint8_t end[2 * BLOCK];
    char *copy = text_of("%s", path);
    size_t length = strlen(copy);
    bool contents = length >= 2 && strcmp(copy + length - 2, "/.") == 0;
    if (!contents) while (length > 1 && copy[length - 1] == '/') copy[--length] = 0;
    char *slash = strrchr(copy, '/');
    const char *name = contents || strcmp(copy, "/") == 0 ? "." : slash ? slash + 1 : copy;
    if (put_any(copy, name, 0) < 0 || put(end, sizeof end) < 0) return -1;
    return flush();
}
