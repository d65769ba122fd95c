/* Asking the guest to end, holding its disks still, and giving it new time and randomness. */
#include "agent.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>

enum { FROZEN_MILLIS = 30000 };

static uint64_t frozen_until;

void power_off(void)
{
    if (testing || getpid() != 1) exit(0);
    if (scratch_fd >= 0 && fchdir(scratch_fd) == 0) mount(NULL, ".", NULL, MS_REMOUNT | MS_RDONLY, NULL);     /* Nothing runs any more: leaves the disk clean. */
    sync();
    reboot(RB_POWER_OFF);
    for (;;) pause();
}

/* System V init listens at a pipe. Source: sysvinit, initreq.h. */
static bool ask_by_pipe(const char *path)
{
    struct { int magic, command, runlevel, sleep_time; char data[368]; } request = { 0x03091969, 1, '0', 3, "" };
    struct stat about;
    if (stat(path, &about) < 0 || !S_ISFIFO(about.st_mode)) return false;
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return false;
    bool done = write(fd, &request, sizeof request) == (ssize_t)sizeof request;
    close(fd);
    return done;
}

static int run_poweroff(void)
{
    static char *argv[] = { "poweroff", NULL }, *env[] = { NULL };
    struct program program = { .argv = argv, .env = env, .user = "", .workdir = "/" };
    struct ends ends;
    if (spawn(&program, &ends) < 0) return -1;
    close_fd(&ends.in);
    close_fd(&ends.out);
    close_fd(&ends.err);
    return 0;
}

/* Each init has its own way of being asked. Sources: systemd(1), "Signals"; busybox init.c; openrc-init. */
static int ask_init(void)
{
    char path[256] = "";
    if (readlink("/proc/1/exe", path, sizeof path - 1) < 0) return fail("finding the guest's init: %s", strerror(errno));
    char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (strcmp(name, "systemd") == 0) return kill(1, SIGRTMIN + 4) < 0 ? fail("asking systemd: %s", strerror(errno)) : 0;
    if (strcmp(name, "busybox") == 0) return kill(1, SIGUSR2) < 0 ? fail("asking init: %s", strerror(errno)) : 0;
    if (ask_by_pipe("/run/initctl") || ask_by_pipe("/dev/initctl")) return 0;
    return run_poweroff();
}

int power_shutdown(void)
{
    if (state.boot_init) return ask_init();
    if (!state.main_started) { state.ending = true; return 0; }
    return main_signal(SIGTERM);
}

int disks_freeze(bool freeze)
{
    if (!freeze && !frozen_until) return 0;
    if (scratch_fd < 0) return testing ? 0 : fail("the guest has no writable disk");
    if (freeze) volumes_find_disks();
    else volumes_thaw();
    if (ioctl(scratch_fd, freeze ? FIFREEZE : FITHAW, 0) < 0 && errno != (freeze ? EBUSY : EINVAL)) {
        return fail("%s the disk: %s", freeze ? "freezing" : "thawing", strerror(errno));
    }
    if (freeze && volumes_freeze() < 0) {
        volumes_thaw();
        ioctl(scratch_fd, FITHAW, 0);
        return -1;
    }
    frozen_until = freeze ? now_millis() + FROZEN_MILLIS : 0;
    return 0;
}

int disks_millis_until_thaw(void)
{
    if (!frozen_until) return -1;
    uint64_t now = now_millis();
    return now < frozen_until ? (int)(frozen_until - now) : 0;
}

void disks_thaw_when_due(void)
{
    if (frozen_until && now_millis() >= frozen_until) {
        say("the disk was frozen for too long; it is thawed");
        disks_freeze(false);
    }
}

/* QEMU's timers of these CPUs are not part of a machine's state: in another QEMU they never ring, and the kernel, which waits for
 * that, sets none before. A sleep until the past is earlier than all that it waits for, and sets the timer of each CPU anew.
 * Source: QEMU 7.2, riscv_aclint.c, time_helper.c, ppc.c; Linux, hrtimer.c. */
static void wind_timers(void)
{
#if defined __riscv || defined __powerpc__
    static const struct timespec PAST = { .tv_nsec = 1 };
    cpu_set_t all, one;
    if (sched_getaffinity(0, sizeof all, &all) < 0) CPU_ZERO(&all);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &all)) continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        if (sched_setaffinity(0, sizeof one, &one) == 0) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &PAST, NULL);
    }
    sched_setaffinity(0, sizeof all, &all);
#endif
}

int renew(uint64_t unix_nanos, const uint8_t *seed, size_t length)
{
    struct { int entropy_count, buf_size; uint8_t buf[64]; } pool = { 0 };
    if (length > sizeof pool.buf) length = sizeof pool.buf;
    pool.entropy_count = (int)length * 8;
    pool.buf_size = (int)length;
    memcpy(pool.buf, seed, length);
    struct timespec time = { .tv_sec = (time_t)(unix_nanos / 1000000000), .tv_nsec = (long)(unix_nanos % 1000000000) };
    if (testing) return 0;
    wind_timers();
    if (clock_settime(CLOCK_REALTIME, &time) < 0) return fail("setting the clock: %s", strerror(errno));
    int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
    int result = fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) < 0 || ioctl(fd, RNDRESEEDCRNG, 0) < 0 ? fail("adding randomness: %s", strerror(errno)) : 0;
    close_fd(&fd);
    return result;
}
