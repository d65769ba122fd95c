/* Copies a folder with everything in it: owners, modes, times, extended attributes, hard links, holes, devices. Both
 * sides are walked by descriptors and links are never followed, so nobody who writes in either can lead it astray. */
#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { PIECE = 1 << 20, VALUE_MAX = 64 << 10, TELL_MILLIS = 200 };

/* Lies in a folder while it is being filled: what is there then is not whole. */
#define FILLING ".hostal-filling"

/* Files of several names: the path of the first, from the top of the copy. */
static struct { dev_t device; ino_t inode; char *path; } *links;
static size_t link_count, link_space;

static int top = -1;                /* of the copy */
static struct copied *tally;
static int tell_fd = -1;
static uint64_t told;

static void tell(void)
{
    uint64_t now = now_millis();
    if (tell_fd < 0 || now < told + TELL_MILLIS) return;
    told = now;
    dprintf(tell_fd, "%llu %llu\n", (unsigned long long)tally->bytes, (unsigned long long)tally->files);
}

/* ---- attributes */

static int copy_xattrs(int from, int to, const char *path)
{
    static char names[VALUE_MAX], value[VALUE_MAX];
    ssize_t length = flistxattr(from, names, sizeof names);
    if (length < 0) return errno == ENOTSUP ? 0 : fail("the attributes of %s: %s", path, strerror(errno));
    for (char *name = names; name < names + length; name += strlen(name) + 1) {
        ssize_t size = fgetxattr(from, name, value, sizeof value);
        if (size < 0) {
            if (errno == ENODATA || errno == ENOTSUP) continue;
            return fail("the attribute %s of %s: %s", name, path, strerror(errno));
        }
        if (fsetxattr(to, name, value, (size_t)size, 0) < 0 && errno != ENOTSUP && errno != EPERM) {
            return fail("the attribute %s of %s: %s", name, path, strerror(errno));
        }
    }
    return 0;
}

/* The owner first: a change of it takes away set-user-id, and capabilities of files. */
static int copy_attributes(int from, int to, const struct stat *about, const char *path)
{
    struct timespec times[2] = { about->st_atim, about->st_mtim };
    if (geteuid() == 0 && fchown(to, about->st_uid, about->st_gid) < 0) return fail("the owner of %s: %s", path, strerror(errno));
    if (fchmod(to, about->st_mode & 07777) < 0) return fail("the mode of %s: %s", path, strerror(errno));
    if (copy_xattrs(from, to, path) < 0) return -1;
    futimens(to, times);
    return 0;
}

/* ---- files */

static int copy_piece(int from, int to, off_t *at, size_t length, const char *path)
{
    static char buffer[PIECE];
    static bool by_kernel = true;
    if (by_kernel) {
        off_t there = *at;
        ssize_t count = copy_file_range(from, at, to, &there, length, 0);
        if (count > 0) { tally->bytes += (uint64_t)count; return 0; }
        if (count == 0) return 1;
        if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return fail("copying %s: %s", path, strerror(errno));
        by_kernel = false;
    }
    ssize_t count = pread(from, buffer, length < sizeof buffer ? length : sizeof buffer, *at);
    if (count < 0) return fail("reading %s: %s", path, strerror(errno));
    if (count == 0) return 1;
    for (ssize_t done = 0; done < count;) {
        ssize_t written = pwrite(to, buffer + done, (size_t)(count - done), *at + done);
        if (written < 0) return fail("writing %s: %s", path, strerror(errno));
        done += written;
    }
    *at += count;
    tally->bytes += (uint64_t)count;
    return 0;
}

/* Holes stay holes. */
static int copy_content(int from, int to, const struct stat *about, const char *path)
{
    static bool shares = true;
    if (about->st_size == 0) return 0;
    if (shares && ioctl(to, FICLONE, from) == 0) {
        tally->shared = true;
        tally->bytes += (uint64_t)about->st_size;
        return 0;
    }
    shares = false;                 /* One folder is on one file system; another may still be asked anew. */
    tally->copied = true;
    for (off_t at = 0; at < about->st_size;) {
        off_t start = lseek(from, at, SEEK_DATA), end = start < 0 ? start : lseek(from, start, SEEK_HOLE);
        if (start < 0 && errno == ENXIO) break;
        if (start < 0) { start = at; end = about->st_size; }
        if (end < 0) end = about->st_size;
        for (at = start; at < end;) {
            off_t left = end - at;
            int result = copy_piece(from, to, &at, left < PIECE ? (size_t)left : PIECE, path);
            if (result < 0) return -1;
            if (result > 0) break;              /* It became shorter meanwhile. */
            tell();
        }
        if (at < end) break;
    }
    return ftruncate(to, about->st_size) < 0 ? fail("the size of %s: %s", path, strerror(errno)) : 0;
}

static int copy_file(int folder, int into, const char *name, const struct stat *about, const char *path)
{
    int from = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from < 0) return errno == ENOENT ? 0 : fail("opening %s: %s", path, strerror(errno));
    int to = openat(into, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int result = to < 0 ? fail("making %s: %s", path, strerror(errno)) : copy_content(from, to, about, path);
    if (result == 0) result = copy_attributes(from, to, about, path);
    close_fd(&from);
    close_fd(&to);
    return result;
}

/* Whether the file was copied under another name, whose link this one is now; -1 for a failure. */
static int link_earlier(int into, const char *name, const struct stat *about, const char *path)
{
    for (size_t i = link_count; i-- > 0;) {
        if (links[i].inode != about->st_ino || links[i].device != about->st_dev) continue;
        return linkat(top, links[i].path, into, name, 0) < 0 ? fail("linking %s: %s", path, strerror(errno)) : 1;
    }
    if (link_count == link_space) {
        link_space = link_space ? 2 * link_space : 256;
        links = realloc(links, link_space * sizeof *links);
        if (!links) { link_space = link_count = 0; return fail("no memory for links"); }
    }
    links[link_count].device = about->st_dev;
    links[link_count].inode = about->st_ino;
    links[link_count++].path = text_of("%s", path);
    return 0;
}

static int copy_symlink(int folder, int into, const char *name, const char *path)
{
    char target[4096];
    ssize_t length = readlinkat(folder, name, target, sizeof target - 1);
    if (length < 0) return errno == ENOENT ? 0 : fail("reading the link %s: %s", path, strerror(errno));
    target[length] = 0;
    return symlinkat(target, into, name) < 0 ? fail("making the link %s: %s", path, strerror(errno)) : 0;
}

static int own(int into, const char *name, const struct stat *about, const char *path)
{
    struct timespec times[2] = { about->st_atim, about->st_mtim };
    if (geteuid() == 0 && fchownat(into, name, about->st_uid, about->st_gid, AT_SYMLINK_NOFOLLOW) < 0) return fail("the owner of %s: %s", path, strerror(errno));
    if (!S_ISLNK(about->st_mode) && fchmodat(into, name, about->st_mode & 07777, 0) < 0) return fail("the mode of %s: %s", path, strerror(errno));
    utimensat(into, name, times, AT_SYMLINK_NOFOLLOW);
    return 0;
}

/* ---- folders */

static int copy_below(int from, int to, const char *path);

static int copy_folder(int folder, int into, const char *name, const char *path)
{
    struct stat about;
    int from = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), to = -1, result = 0;
    if (from < 0) return errno == ENOENT ? 0 : fail("opening %s: %s", path, strerror(errno));
    if (fstat(from, &about) < 0 || mkdirat(into, name, 0700) < 0
            || (to = openat(into, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0) result = fail("making %s: %s", path, strerror(errno));
    if (result == 0) result = copy_below(from, to, path);
    if (result == 0) result = copy_attributes(from, to, &about, path);
    close(from);
    close_fd(&to);
    return result;
}

static int copy_entry(int from, int to, const char *name, const char *path)
{
    struct stat about;
    if (fstatat(from, name, &about, AT_SYMLINK_NOFOLLOW) < 0) return errno == ENOENT ? 0 : fail("%s: %s", path, strerror(errno));
    tally->files++;
    tell();
    if (S_ISDIR(about.st_mode)) return copy_folder(from, to, name, path);
    if (S_ISSOCK(about.st_mode)) return 0;
    if (about.st_nlink > 1) {
        int linked = link_earlier(to, name, &about, path);
        if (linked) return linked < 0 ? -1 : 0;
    }
    if (S_ISREG(about.st_mode)) return copy_file(from, to, name, &about, path);
    int made = S_ISLNK(about.st_mode) ? copy_symlink(from, to, name, path)
        : mknodat(to, name, (about.st_mode & S_IFMT) | 0600, about.st_rdev) < 0 ? fail("making %s: %s", path, strerror(errno)) : 0;
    return made < 0 ? -1 : own(to, name, &about, path);
}

static bool is_name(const char *name) { return strcmp(name, ".") && strcmp(name, ".."); }

static DIR *entries_of(int folder)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);
    if (!entries) close_fd(&again);
    return entries;
}

static int copy_below(int from, int to, const char *path)
{
    DIR *entries = entries_of(from);
    if (!entries) return fail("reading the folder %s: %s", path, strerror(errno));
    int result = 0;
    for (struct dirent *entry; result == 0 && (entry = readdir(entries));) {
        if (!is_name(entry->d_name) || (!*path && strcmp(entry->d_name, FILLING) == 0)) continue;
        char *below = text_of("%s%s%s", path, *path ? "/" : "", entry->d_name);
        result = copy_entry(from, to, entry->d_name, below);
        free(below);
    }
    closedir(entries);
    return result;
}

int copy_tree(int from, int to, struct copied *how)
{
    struct rlimit files = { 65536, 65536 };
    struct stat about;
    setrlimit(RLIMIT_NOFILE, &files);
    *how = (struct copied){ 0 };
    tally = how;
    top = to;
    for (size_t i = 0; i < link_count; i++) free(links[i].path);
    link_count = 0;
    if (fstat(from, &about) < 0) return fail("the folder to copy: %s", strerror(errno));
    return copy_below(from, to, "") < 0 ? -1 : copy_attributes(from, to, &about, "the folder");
}

int copy_command(const char *source, const char *target)
{
    int from = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC), to = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct copied how;
    if (from < 0 || to < 0) return fail("%s: %s", from < 0 ? source : target, strerror(errno));
    tell_fd = 1;
    if (copy_tree(from, to, &how) < 0) return -1;
    if (syncfs(to) < 0) return fail("writing %s: %s", target, strerror(errno));
    dprintf(1, "%llu %llu\n%s\n", (unsigned long long)how.bytes, (unsigned long long)how.files, how.shared && !how.copied ? "shared" : "copied");
    return 0;
}

/* Packs a folder to standard output, or unpacks standard input into it. As root it is the root of this process, so that
 * no link in it leads out. */
int folder_command(const char *folder, bool unpack)
{
    const char *inside = folder;
    if (geteuid() == 0) {
        if (chroot(folder) < 0 || chdir("/") < 0) return fail("%s: %s", folder, strerror(errno));
        inside = "/";
    }
    char *all = text_of("%s/.", strcmp(inside, "/") == 0 ? "" : inside);
    int result = unpack ? tar_write(inside) : tar_read(all);
    free(all);
    int fd = result == 0 && unpack ? open(inside, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0 && syncfs(fd) < 0) result = fail("writing the files: %s", strerror(errno));
    close_fd(&fd);
    return result;
}

/* ---- filling a volume at its first use */

int remove_below(int folder)
{
    DIR *entries = entries_of(folder);
    if (!entries) return fail("emptying a folder: %s", strerror(errno));
    int result = 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        struct stat about;
        if (!is_name(entry->d_name) || fstatat(folder, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0) continue;
        if (S_ISDIR(about.st_mode)) {
            int below = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (below >= 0) remove_below(below);
            close_fd(&below);
        }
        if (unlinkat(folder, entry->d_name, S_ISDIR(about.st_mode) ? AT_REMOVEDIR : 0) < 0) result = fail("removing %s: %s", entry->d_name, strerror(errno));
    }
    closedir(entries);
    return result;
}

static bool is_empty(int folder)
{
    DIR *entries = entries_of(folder);
    bool empty = entries != NULL;
    for (struct dirent *entry; empty && (entry = readdir(entries));) empty = !is_name(entry->d_name) || strcmp(entry->d_name, "lost+found") == 0;
    if (entries) closedir(entries);
    return empty;
}

/* Gives an empty volume what the image has at that place. A mark tells a filling that was broken off from content. */
int fill_volume(int from, int volume)
{
    struct copied how;
    flock(volume, LOCK_EX);         /* Another instance may begin with it at the same time. */
    bool broken = faccessat(volume, FILLING, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    int result = 0;
    if (broken) result = remove_below(volume);
    if (result == 0 && is_empty(volume)) {
        int mark = openat(volume, FILLING, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (mark < 0) result = errno == EROFS ? 0 : fail("filling the volume: %s", strerror(errno));
        else result = copy_tree(from, volume, &how);
        close_fd(&mark);
        if (result == 0) unlinkat(volume, FILLING, 0);
    }
    flock(volume, LOCK_UN);
    return result;
}
