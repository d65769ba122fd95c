/* Loop devices: files as disks. They are let go of when nothing has them mounted or open any more. */
#include "agent.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

enum { LOOP_TRIES = 50 };

/* In one step where the kernel can (5.8): setting the status afterwards waits for every processor, some 15 ms. */
static int configure_loop(int loop, int backing, const struct loop_info64 *about)
{
    struct loop_config config = { .fd = (uint32_t)backing, .info = *about };
    if (ioctl(loop, LOOP_CONFIGURE, &config) == 0) return 0;
    if (errno != EINVAL && errno != ENOTTY) return -1;
    if (ioctl(loop, LOOP_SET_FD, backing) < 0) return -1;
    if (ioctl(loop, LOOP_SET_STATUS64, about) == 0) return 0;
    int refused = errno;
    ioctl(loop, LOOP_CLR_FD, 0);
    errno = refused;
    return -1;
}

int attach_loop(const char *file, bool writable, char *device, size_t size)
{
    int mode = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC;
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), backing = open(file, mode), loop = -1;
    if (control < 0 || backing < 0) fail("%s: %s", control < 0 ? "/dev/loop-control" : file, strerror(errno));
    for (int i = 0; control >= 0 && backing >= 0 && loop < 0 && i < LOOP_TRIES; i++) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        snprintf(device, size, "/dev/loop%d", number);
        loop = number < 0 ? -1 : open(device, mode);
        if (loop < 0) { fail("a loop device (%s): %s", device, strerror(errno)); break; }
        struct loop_info64 about = { .lo_flags = (writable ? 0 : LO_FLAGS_READ_ONLY) | LO_FLAGS_AUTOCLEAR };
        snprintf((char *)about.lo_file_name, sizeof about.lo_file_name, "%s", file);
        if (configure_loop(loop, backing, &about) == 0) break;
        fail("%s on %s: %s", file, device, strerror(errno));
        close_fd(&loop);        /* EBUSY: another process was faster. */
    }
    close_fd(&control);
    close_fd(&backing);
    return loop;
}
