/* The agent's arguments, signals, and the one loop in which everything happens. */
#include "agent.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { FAREWELL_MILLIS = 5000, UNPLUGGED_MILLIS = 1000 };

bool testing;
const char *problem = "";

static int signals = -1, plug = -1, listener = -1;
static uint64_t farewell_until;         /* 0 where the host was not told of the end yet */

int fail(const char *format, ...)
{
    static char text[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    problem = text;
    return -1;
}

void say(const char *format, ...)
{
    char text[1024] = "hostal-agent: ";
    va_list values;
    va_start(values, format);
    size_t length = strlen(text);
    vsnprintf(text + length, sizeof text - length - 1, format, values);
    va_end(values);
    strcat(text, "\n");
    write_all(2, text, strlen(text));
}

uint64_t now_millis(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

ssize_t write_all(int fd, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    while (length) {
        ssize_t count = write(fd, at, length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return -1;
        at += count;
        length -= (size_t)count;
    }
    return 0;
}

void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

char *text_of(const char *format, ...)
{
    char *text;
    va_list values;
    va_start(values, format);
    if (vasprintf(&text, format, values) < 0) {
        say("no memory for a text");
        _exit(1);
    }
    va_end(values);
    return text;
}

/* ---- the host's side of the port */

/* A port without a host is always "ready", so it cannot be waited for as long as that lasts; the kernel's one
 * wake-up when the host comes is what an edge-triggered epoll keeps. */
static void watch_port(void)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
    plug = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(plug, EPOLL_CTL_ADD, wire.fd, &event);
}

static void check_port(void)
{
    struct epoll_event event;
    struct pollfd port = { .fd = wire.fd, .events = POLLIN };
    epoll_wait(plug, &event, 1, 0);
    wire.up = poll(&port, 1, 0) >= 0 && !(port.revents & (POLLHUP | POLLERR));
}

static void accept_host(void)
{
    wire.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    wire.up = wire.fd >= 0;
}

void listen_again(void) { close_fd(&wire.fd); }

/* ---- signals */

static bool init_is_ending(void)
{
    char name[32] = "";
    int fd = open("/proc/1/comm", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, name, sizeof name - 1) < 0) name[0] = 0;
    close_fd(&fd);
    return strncmp(name, "systemd", 7) != 0 || strncmp(name, "systemd-shutdow", 15) == 0;
}

/* Beside an init of its own, SIGTERM is what the agent hears when the guest goes down in good order. */
static void asked_to_end(void)
{
    if (testing) exit(0);
    if (!state.boot_init) power_shutdown();
    else if (init_is_ending() && !state.main_ended) {
        streams_kill_all();
        main_finished(0);
    }
}

static void read_signals(void)
{
    struct signalfd_siginfo signal;
    while (read(signals, &signal, sizeof signal) == (ssize_t)sizeof signal) {
        if (signal.ssi_signo == SIGTERM || signal.ssi_signo == SIGINT) asked_to_end();
    }
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) child_ended(pid, status);
}

static void watch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- the end */

/* What was said must be with the host before the machine goes: QEMU drops what it has not passed on. */
static void check_end(int *timeout)
{
    if (state.main_ended) state.ending = true;
    if (!state.ending || !streams_all_ended()) return;
    if (!wire.session) power_off();
    if (!farewell_until) {
        send_frame(T_MAIN_EXIT, 0, 0, &state.main_status, state.main_ended);
        farewell_until = now_millis() + FAREWELL_MILLIS;
        farewell_answered = false;
    }
    uint64_t now = now_millis();
    if (farewell_answered || now >= farewell_until) power_off();
    int left = (int)(farewell_until - now);
    if (*timeout < 0 || left < *timeout) *timeout = left;
}

/* ---- the loop */

static void turn(void)
{
    static struct pollfd fds[4 * STREAMS_MAX + 4];
    int timeout = disks_millis_until_thaw();
    if (!wire.session) farewell_until = 0;      /* Another host is told anew. */
    size_t count = streams_poll(fds + 2, sizeof fds / sizeof *fds - 2, &timeout);
    check_end(&timeout);
    fds[0] = (struct pollfd){ .fd = signals, .events = POLLIN };
    fds[1] = (struct pollfd){ .fd = wire.up ? wire.fd : testing ? listener : plug, .events = POLLIN };
    if (wire.up) fds[1].events = (short)((wire_may_read() ? POLLIN : 0) | (wire_has_output() ? POLLOUT : 0));
    else if (!testing && (timeout < 0 || timeout > UNPLUGGED_MILLIS)) timeout = UNPLUGGED_MILLIS;
    if (poll(fds, count + 2, timeout) < 0 && errno != EINTR) say("poll: %s", strerror(errno));
    streams_ready(fds + 2, count);
    if (fds[0].revents) read_signals();
    if (!wire.up) {
        if (!testing) check_port();
        else if (fds[1].revents) accept_host();
    } else {
        if (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) wire_readable();
        if (wire.up && wire_has_output()) wire_writable();
    }
    disks_thaw_when_due();
}

static void fresh_boot_id(void)
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);     /* getrandom() would wait for entropy. */
    if (fd < 0 || read(fd, state.boot_id, sizeof state.boot_id) < 0) say("no randomness for the boot's id");
    close_fd(&fd);
}

static void start_on_host(int argc, char **argv)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (argc < 5 || (argc > 5 && strcmp(argv[5], "--container")) || strcmp(argv[1], "--socket") || strcmp(argv[3], "--log") || strlen(argv[2]) >= sizeof address.sun_path) {
        say("not PID 1: usage: agent --socket PATH --log FILE [--container ...]");
        exit(2);
    }
    if (argc > 5) container_arguments(argc - 6, argv + 6);
    strcpy(address.sun_path, argv[2]);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    log_fd = open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4) < 0) {
        say("%s: %s", argv[2], strerror(errno));
        exit(2);
    }
}

/* What a host asks of this program by itself, without an agent. */
static int command(int argc, char **argv)
{
    int result = strcmp(argv[1], "--copy") == 0 && argc == 4 ? copy_command(argv[2], argv[3])
        : strcmp(argv[1], "--pack") == 0 ? folder_command(argv[2], false)
        : strcmp(argv[1], "--unpack") == 0 ? folder_command(argv[2], true)
        : strcmp(argv[1], "--root") == 0 ? root_command(argc - 2, argv + 2)
        : strcmp(argv[1], "--share") == 0 ? share_command(argc - 2, argv + 2)
        : strcmp(argv[1], "--switch") == 0 ? switch_command(argv[2])
        : strcmp(argv[1], "--changes") == 0 ? changes_command(argc - 2, argv + 2)
        : fail("%s is not known", argv[1]);
    if (result < 0) fprintf(stderr, "%s\n", problem);
    return result < 0;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--try") == 0) container_try(argv + 2);
    if (argc >= 3 && getpid() != 1 && strncmp(argv[1], "--", 2) == 0 && strcmp(argv[1], "--socket")) return command(argc, argv);
    if (argc == 2 && strcmp(argv[1], "--inside") == 0) container_inside();
    /* The program of a container whose files are wanted while it does not run. */
    while (argc == 2 && strcmp(argv[1], "--wait") == 0) pause();
    testing = getpid() != 1;
    if (testing) start_on_host(argc, argv);
    else boot_early();
    watch_signals();
    keep_limits();
    fresh_boot_id();
    log_event(LOG_START, state.boot_id, sizeof state.boot_id);
    if (!testing) watch_port();
    for (;;) turn();
}
