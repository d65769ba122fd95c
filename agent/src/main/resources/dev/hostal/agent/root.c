/* Reads what a container has written over its image, and the whole of what it sees, whether it runs or not. Everything
 * is mounted in a namespace of this process's own: nothing is left, however it ends. */
#include "agent.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { OPTIONS_MAX = 4096 };

/* At `root` in the folder afterwards: the upper folder, where there is one, over the layers. */
static int mount_stack(const char *folder, const char *upper, char **layers, int count)
{
    static char options[OPTIONS_MAX] = "lowerdir=";
    if (own_mounts() < 0) return -1;
    if (mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=700,size=1m") < 0 || chdir(folder) < 0
            || mkdir("root", 0700) < 0 || mkdir("upper", 0700) < 0) return fail("a place for the root: %s", strerror(errno));
    if (upper) append_path(options, upper, sizeof options);
    for (int i = count - 1; i >= 0; i--) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        if (mount_layer(layers[i], name) < 0) return -1;
        if (upper || i < count - 1) strncat(options, ":", sizeof options - strlen(options) - 1);
        append_path(options, name, sizeof options);
    }
    if (strlen(options) >= sizeof options - 3) return fail("the image has too many layers");
    int result = !upper && count == 1 ? mount("0", "root", NULL, MS_BIND, NULL)
            : mount("overlay", "root", "overlay", MS_RDONLY, options);
    return result < 0 ? fail("mounting the root: %s", strerror(errno)) : 0;
}

/* --root FOLDER UPPER LAYER... -- PROGRAM...: becomes the program, in the root of the container; of an image alone where UPPER
 * is empty. */
int root_command(int count, char **words)
{
    int layers = 0;
    while (2 + layers < count && strcmp(words[2 + layers], "--")) layers++;
    if (layers == 0 || count < layers + 4) return fail("--root FOLDER UPPER LAYER... -- PROGRAM...");
    if (mount_stack(words[0], *words[1] ? words[1] : NULL, words + 2, layers) < 0) return -1;
    if (chdir("root") < 0) return fail("the root: %s", strerror(errno));
    execvp(words[layers + 3], words + layers + 3);
    return fail("%s: %s", words[layers + 3], strerror(errno));
}

/* ---- what has changed */

static bool tell(char kind, const char *path) { return printf("%c %s%c", kind, path, 0) > 0; }

static bool is_opaque(const char *path)
{
    char value[4];
    return lgetxattr(path, "trusted.overlay.opaque", value, sizeof value) == 1 && *value == 'y';
}

static bool has_name(char **names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) return true;
    }
    return false;
}

/* Names in the lower folder that an opaque one over it hides. */
static bool tell_hidden(const char *lower, const char *name, char **upper_names, size_t upper_count)
{
    size_t count = 0;
    char **names = names_in(lower, &count);
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        char *path = text_of("%s/%s", name, names[i]);
        if (!has_name(upper_names, upper_count, names[i])) any = tell('D', path);
        free(path);
        free(names[i]);
    }
    free(names);
    return any;
}

static bool is_place_of_mounts(const char *path);
static bool changes_below(const char *upper, const char *lower, const char *name);

/* lower: NULL where the folder above is new. */
static bool changes_at(const char *upper, const char *lower, const char *name)
{
    struct stat now, before;
    if (lstat(upper, &now) < 0) return false;
    bool was = lower && lstat(lower, &before) == 0;
    if (S_ISCHR(now.st_mode) && now.st_rdev == makedev(0, 0)) return was && tell('D', name);
    if (!S_ISDIR(now.st_mode)) return tell(was ? 'C' : 'A', name);
    bool both = was && S_ISDIR(before.st_mode);
    bool below = changes_below(upper, both ? lower : NULL, name);
    bool differs = !both || now.st_mode != before.st_mode || now.st_uid != before.st_uid || now.st_gid != before.st_gid;
    return (below || differs) && tell(was ? 'C' : 'A', name);
}

static bool changes_below(const char *upper, const char *lower, const char *name)
{
    size_t count = 0;
    char **names = names_in(upper, &count);
    bool any = lower && is_opaque(upper) && tell_hidden(lower, name, names, count);
    for (size_t i = 0; i < count; i++) {
        char *path = text_of("%s/%s", name, names[i]), *in_upper = text_of("%s/%s", upper, names[i]);
        char *in_lower = lower ? text_of("%s/%s", lower, names[i]) : NULL;
        any |= !is_place_of_mounts(path) && changes_at(in_upper, in_lower, path);
        free(path);
        free(in_upper);
        free(in_lower);
    }
    for (size_t i = 0; i < count; i++) free(names[i]);
    free(names);
    return any;
}

/* What is mounted in every container leaves its place in the upper folder. */
static bool is_place_of_mounts(const char *path)
{
    static const char *const PLACES[] = { "/dev", "/proc", "/sys", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf" };
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        if (strcmp(path, PLACES[i]) == 0) return true;
    }
    return false;
}

/* --changes FOLDER UPPER LAYER...: a letter, a blank and a path each, with a zero behind. Seen from a root of its own, in
 * which a link that a running container makes meanwhile leads nowhere. */
int changes_command(int count, char **words)
{
    if (count < 3) return fail("--changes FOLDER UPPER LAYER...");
    if (mount_stack(words[0], NULL, words + 2, count - 2) < 0) return -1;
    if (mount(words[1], "upper", NULL, MS_BIND, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0) return fail("%s: %s", words[1], strerror(errno));
    changes_below("/upper", "/root", "");
    return fflush(stdout) == 0 ? 0 : fail("telling the changes: %s", strerror(errno));
}
