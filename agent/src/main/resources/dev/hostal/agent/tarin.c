/* Unpacks a tar archive from standard input into a folder; nothing is written outside of it, whatever the
 * archive says. Reads ustar, pax and GNU's long names. Runs in a child of the agent. */
#include "agent.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

enum { BLOCK = 512, EXTENDED_MAX = 1 << 20 };

struct entry {
    char *name, *target;        /* allocated */
    long long size, mtime;
    long uid, gid;
    unsigned mode, major, minor;
    char type;
};

/* What extended headers say of the next entry; a negative number says nothing. */
struct extended { char *path, *linkpath; long long size, mtime, uid, gid; bool has_mtime; };

/* Folders get their owner's mode and times last: writing into them changes the times, and may need the mode. */
static struct late { struct late *next; char *name; struct entry entry; } *late_folders;

static int root = -1;

struct unpacking unpacking;
static uid_t owner_uid;
static gid_t owner_gid;

static bool has_owner(void) { return unpacking.owner && *unpacking.owner; }

/* ---- the archive's bytes */

static uint8_t input[128 * 1024];
static size_t input_start, input_end;

static int fill(void)
{
    ssize_t count;
    do count = read(0, input, sizeof input); while (count < 0 && errno == EINTR);
    if (count < 0) return fail("reading the archive: %s", strerror(errno));
    if (count == 0) return fail("the archive ends in the middle");
    input_start = 0;
    input_end = (size_t)count;
    return 0;
}

/* Takes up to `most` bytes of what is there; at least one. */
static ssize_t some(const uint8_t **bytes, uint64_t most)
{
    if (input_start == input_end && fill() < 0) return -1;
    size_t count = input_end - input_start;
    if (count > most) count = (size_t)most;
    *bytes = input + input_start;
    input_start += count;
    return (ssize_t)count;
}

static int take(void *into, size_t length)
{
    uint8_t *at = into;
    while (length) {
        const uint8_t *bytes;
        ssize_t count = some(&bytes, length);
        if (count < 0) return -1;
        memcpy(at, bytes, (size_t)count);
        at += count;
        length -= (size_t)count;
    }
    return 0;
}

static int skip(uint64_t length)
{
    while (length) {
        const uint8_t *bytes;
        ssize_t count = some(&bytes, length);
        if (count < 0) return -1;
        length -= (uint64_t)count;
    }
    return 0;
}

static uint64_t padding(uint64_t size) { return (BLOCK - size % BLOCK) % BLOCK; }

/* ---- headers */

/* Octal digits, or GNU's binary form for what does not fit; -1 for neither. */
static long long number(const uint8_t *field, size_t length)
{
    if (field[0] & 0x80) {
        uint64_t value = field[0] & 0x40 ? UINT64_MAX : 0;
        for (size_t i = 0; i < length; i++) value = value << 8 | (i ? field[i] : field[i] & 0x7f);
        return (long long)value;
    }
    long long value = 0;
    size_t i = 0;
    while (i < length && field[i] == ' ') i++;
    for (; i < length && field[i] && field[i] != ' '; i++) {
        if (field[i] < '0' || field[i] > '7' || value > INT64_MAX / 8) return -1;
        value = value * 8 + field[i] - '0';
    }
    return value;
}

static bool checksum_fits(const uint8_t *block)
{
    long long sum = 0, as_signed = 0, said = number(block + 148, 8);
    for (int i = 0; i < BLOCK; i++) {
        uint8_t byte = i >= 148 && i < 156 ? ' ' : block[i];
        sum += byte;
        as_signed += (int8_t)byte;
    }
    return said == sum || said == as_signed;
}

static void replace(char **text, const char *with, size_t length)
{
    free(*text);
    *text = text_of("%.*s", (int)length, with);
}

/* Source: POSIX pax, "pax Extended Header": records of "length key=value\n". */
static int read_records(char *records, size_t size, struct extended *said)
{
    for (size_t at = 0; at < size;) {
        char *space, *end = records + size;
        errno = 0;
        unsigned long length = strtoul(records + at, &space, 10);
        if (errno || length < 5 || length > size - at || *space != ' ' || space >= records + at + length
                || records[at + length - 1] != '\n') return fail("the archive has an extended header without sense");
        end = records + at + length - 1;
        char *key = space + 1, *value = memchr(key, '=', (size_t)(end - key));
        if (!value) return fail("the archive has an extended header without sense");
        *value++ = 0;
        *end = 0;
        if (strcmp(key, "path") == 0) replace(&said->path, value, (size_t)(end - value));
        if (strcmp(key, "linkpath") == 0) replace(&said->linkpath, value, (size_t)(end - value));
        if (strcmp(key, "size") == 0) said->size = strtoll(value, NULL, 10);
        if (strcmp(key, "uid") == 0) said->uid = strtoll(value, NULL, 10);
        if (strcmp(key, "gid") == 0) said->gid = strtoll(value, NULL, 10);
        if (strcmp(key, "mtime") == 0) { said->mtime = strtoll(value, NULL, 10); said->has_mtime = true; }
        at += length;
    }
    return 0;
}

static int read_extended(char type, long long size, struct extended *said)
{
    if (size < 0 || size > EXTENDED_MAX) return fail("the archive has an extended header of %lld bytes", size);
    char *content = malloc((size_t)size + 1);
    if (!content) return fail("no memory for an extended header");
    content[size] = 0;
    int result = take(content, (size_t)size);
    if (result == 0) result = skip(padding((uint64_t)size));
    if (result == 0 && type == 'x') result = read_records(content, (size_t)size, said);
    if (result == 0 && type == 'L') replace(&said->path, content, strlen(content));
    if (result == 0 && type == 'K') replace(&said->linkpath, content, strlen(content));
    free(content);
    return result;
}

static void read_header(const uint8_t *block, struct extended *said, struct entry *entry)
{
    const char *text = (const char *)block;
    bool prefix = memcmp(block + 257, "ustar\0", 6) == 0 && block[345];
    entry->name = said->path ? text_of("%s", said->path)
        : prefix ? text_of("%.155s/%.100s", text + 345, text) : text_of("%.100s", text);
    entry->target = said->linkpath ? text_of("%s", said->linkpath) : text_of("%.100s", text + 157);
    entry->mode = (unsigned)number(block + 100, 8) & 07777;
    entry->uid = (long)(said->uid >= 0 ? said->uid : number(block + 108, 8));
    entry->gid = (long)(said->gid >= 0 ? said->gid : number(block + 116, 8));
    entry->size = said->size >= 0 ? said->size : number(block + 124, 12);
    entry->mtime = said->has_mtime ? said->mtime : number(block + 136, 12);
    entry->type = block[156] ? text[156] : '0';
    entry->major = (unsigned)number(block + 329, 8);
    entry->minor = (unsigned)number(block + 337, 8);
    size_t length = strlen(entry->name);
    if (entry->type == '0' && length && entry->name[length - 1] == '/') entry->type = '5';     /* Before POSIX. */
}

static void forget(struct extended *said)
{
    free(said->path);
    free(said->linkpath);
    *said = (struct extended){ .size = -1, .uid = -1, .gid = -1 };
}

/* ---- places in the folder */

/* Opens a folder below `root`; links on the way are followed as long as they stay below it. */
static int open_below(const char *path)
{
    struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
    int fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof how);
    if (fd >= 0 || errno != ENOSYS) return fd;
    /* Before Linux 5.6: part by part, and no links at all. */
    char *copy = text_of("%s", path), *rest = copy;
    fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (char *part; fd >= 0 && (part = strsep(&rest, "/"));) {
        int next = *part ? openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : dup(fd);
        close(fd);
        fd = next;
    }
    free(copy);
    return fd;
}

/* Makes the name one without `.`, empty parts and a leading slash; refuses one that goes up. */
static int clean(char *name)
{
    char *copy = text_of("%s", name), *rest = copy, *out = name;
    for (char *part; (part = strsep(&rest, "/"));) {
        if (!*part || strcmp(part, ".") == 0) continue;
        if (strcmp(part, "..") == 0) { free(copy); return fail("the archive's %.200s would leave the folder", name); }
        if (out != name) *out++ = '/';
        out = stpcpy(out, part);
    }
    *out = 0;
    free(copy);
    return 0;
}

/* The folder that holds `name`, made where it is missing; `*last` is the part within it. */
static int open_parent(char *name, const char **last)
{
    char *slash = strrchr(name, '/');
    *last = slash ? slash + 1 : name;
    if (!slash) return open_below("");
    *slash = 0;
    int fd = open_below(name);
    if (fd < 0 && errno == ENOENT) {
        const char *part;
        int above = open_parent(name, &part);
        if (above >= 0) {
            mkdirat(above, part, 0755);
            close(above);
            fd = open_below(name);
        }
    }
    int error = errno;
    *slash = '/';
    errno = error;
    return fd;
}

static int own(int folder, const char *last, const struct entry *entry)
{
    if (has_owner()) return fchownat(folder, last, owner_uid, owner_gid, AT_SYMLINK_NOFOLLOW);
    if (geteuid() != 0 || entry->uid < 0 || entry->gid < 0) return 0;
    return fchownat(folder, last, (uid_t)entry->uid, (gid_t)entry->gid, AT_SYMLINK_NOFOLLOW);
}

static void date(int folder, const char *last, const struct entry *entry)
{
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = (time_t)entry->mtime } };
    utimensat(folder, last, times, AT_SYMLINK_NOFOLLOW);
}

/* ---- entries */

static int make_folder(int folder, const char *last, char *name, struct entry *entry)
{
    struct stat about;
    if (mkdirat(folder, last, 0700) < 0) {
        if (errno != EEXIST || fstatat(folder, last, &about, AT_SYMLINK_NOFOLLOW) < 0) return -1;
        if (S_ISLNK(about.st_mode)) {       /* As in merged /usr: a link to a folder stays what it is. */
            int fd = open_below(name);
            if (fd >= 0) { close(fd); return 0; }
        }
        if (!S_ISDIR(about.st_mode) && unpacking.clash == CLASH_REFUSED) {
            fail("cannot overwrite non-directory %.200s with directory", name);
            return -2;
        }
        if (!S_ISDIR(about.st_mode) && (unlinkat(folder, last, 0) < 0 || mkdirat(folder, last, 0700) < 0)) return -1;
    }
    struct late *late = malloc(sizeof *late);
    if (!late) return -1;
    *late = (struct late){ late_folders, text_of("%s", name), *entry };
    late->entry.name = late->entry.target = NULL;
    late_folders = late;
    return own(folder, last, entry);
}

static int write_content(int fd, long long size)
{
    for (uint64_t left = (uint64_t)size; left;) {
        const uint8_t *bytes;
        ssize_t count = some(&bytes, left);
        if (count < 0) return -2;
        if (write_all(fd, bytes, (size_t)count) < 0) return -1;
        left -= (uint64_t)count;
    }
    return 0;
}

static int make_file(int folder, const char *last, struct entry *entry)
{
    int fd = openat(folder, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return -1;
    int result = write_content(fd, entry->size);
    entry->size = 0;
    if (result == 0) result = own(folder, last, entry);
    if (result == 0) result = fchmod(fd, entry->mode);      /* After the owner: chown drops set-user-id. */
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static int make_link(int folder, const char *last, struct entry *entry)
{
    const char *target_last;
    if (clean(entry->target) < 0) return -2;
    int from = open_parent(entry->target, &target_last);
    if (from < 0) return -1;
    int result = linkat(from, target_last, folder, last, 0);
    int error = errno;
    close(from);
    errno = error;
    return result;
}

static int make_special(int folder, const char *last, const struct entry *entry)
{
    mode_t kind = entry->type == '3' ? S_IFCHR : entry->type == '4' ? S_IFBLK : S_IFIFO;
    if (mknodat(folder, last, kind | 0600, makedev(entry->major, entry->minor)) < 0 || own(folder, last, entry) < 0) return -1;
    return fchmodat(folder, last, entry->mode, 0);
}

/* -1 with errno, or -2 with the sentence already said. */
static int remove_folder(int above, const char *last)
{
    int folder = openat(above, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return -1;
    int result = remove_below(folder);
    close(folder);
    return result < 0 ? -2 : unlinkat(above, last, AT_REMOVEDIR);
}

/* -1 with errno, or -2 with the sentence already said. */
static int make(int folder, const char *last, char *name, struct entry *entry)
{
    struct stat about;
    if (entry->type == '5') return make_folder(folder, last, name, entry);
    if (fstatat(folder, last, &about, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISDIR(about.st_mode)) {
            if (unpacking.clash == CLASH_FILES_GIVE_WAY) { errno = EISDIR; return -1; }
            if (unpacking.clash == CLASH_REFUSED) {
                fail("cannot overwrite directory %.200s with non-directory", name);
                return -2;
            }
            int removed = remove_folder(folder, last);
            if (removed < 0) return removed;
        } else if (unlinkat(folder, last, 0) < 0) {
            return -1;
        }
    }
    switch (entry->type) {
    case '0': case '7': return make_file(folder, last, entry);
    case '1': return make_link(folder, last, entry);
    case '2': return symlinkat(entry->target, folder, last) < 0 ? -1 : own(folder, last, entry);
    default: return make_special(folder, last, entry);
    }
}

static int unpack(struct entry *entry)
{
    if (!strchr("01234567", entry->type)) return fail("the archive's %.200s is of the unknown type '%c'", entry->name, entry->type);
    if (entry->size < 0) return fail("the archive's %.200s has no size", entry->name);
    if (strlen(entry->name) >= PATH_MAX || strlen(entry->target) >= PATH_MAX) return fail("the archive has a path that is too long");
    if (clean(entry->name) < 0) return -1;
    uint64_t size = (uint64_t)entry->size;
    if (entry->type != '0' && entry->type != '7') size = 0;       /* As pax and GNU tar read it. */
    if (*entry->name) {
        const char *last;
        int folder = open_parent(entry->name, &last);
        int result = folder < 0 ? -1 : make(folder, last, entry->name, entry);
        int error = errno;
        if (result == 0 && entry->type != '5' && entry->type != '1') date(folder, last, entry);
        if (folder >= 0) close(folder);
        if (result == -1 && error == EXDEV) return fail("%.200s would leave the folder by a link", entry->name);
        if (result == -1) return fail("unpacking %.200s: %s", entry->name, strerror(error));
        if (result < 0) return -1;
    } else if (skip(size) < 0) {
        return -1;
    }
    return skip(padding(size));
}

static void finish_folders(void)
{
    for (struct late *late = late_folders; late; late = late->next) {
        int fd = open_below(late->name);
        if (fd < 0) continue;
        fchmod(fd, late->entry.mode);
        struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = (time_t)late->entry.mtime } };
        futimens(fd, times);
        close(fd);
    }
}

static bool is_zero(const uint8_t *block)
{
    for (int i = 0; i < BLOCK; i++) if (block[i]) return false;
    return true;
}

int tar_write(const char *folder)
{
    static uint8_t block[BLOCK];
    struct extended said = { .size = -1, .uid = -1, .gid = -1 };
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) return fail("the folder %s: %s", folder, strerror(errno));
    if (has_owner() && user_of(unpacking.owner, &owner_uid, &owner_gid) < 0) return -1;
    int result = 0;
    while (result == 0) {
        if (take(block, sizeof block) < 0) return -1;
        if (is_zero(block)) break;
        if (!checksum_fits(block)) return fail("this is no tar archive, or it was changed on the way");
        char type = (char)block[156];
        if (type == 'x' || type == 'L' || type == 'K' || type == 'g') {
            result = read_extended(type, number(block + 124, 12), &said);
            continue;
        }
        struct entry entry;
        read_header(block, &said, &entry);
        result = unpack(&entry);
        free(entry.name);
        free(entry.target);
        forget(&said);
    }
    finish_folders();
    return result;
}
