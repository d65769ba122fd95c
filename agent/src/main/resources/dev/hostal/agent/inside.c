/* The program's side in a container: the runtime starts this same binary there (`agent --inside`), with the program's
 * description as descriptor 3, a pipe as descriptor 4 that the kernel closes when the program takes its place, and, for a
 * terminal, a socket as descriptor 5 through which the terminal's master comes back. So users, folders and the statuses
 * 126 and 127 are as in a virtual machine, and nothing is in any command line. */
#include "agent.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char *next_text(char **at, char *end)
{
    char *text = *at, *zero = memchr(text, 0, (size_t)(end - text));
    if (!zero) _exit(125);
    *at = zero + 1;
    return text;
}

static char **next_list(char **at, char *end)
{
    size_t count = strtoul(next_text(at, end), NULL, 10);
    char **list = calloc(count + 1, sizeof *list);
    if (!list) _exit(125);
    for (size_t i = 0; i < count; i++) list[i] = (char *)next_text(at, end);
    return list;
}

static void send_master(int master)
{
    char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec data = { &byte, 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &master, sizeof master);
    if (sendmsg(CONSOLE_FD, &message, MSG_NOSIGNAL) < 0) {
        dprintf(2, "hostal: a terminal: %s\n", strerror(errno));
        _exit(125);
    }
}

static void take_terminal(const struct program *program)
{
    int locked = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct winsize size = { .ws_row = program->rows, .ws_col = program->columns };
    if (master >= 0) ioctl(master, TIOCSPTLCK, &locked);
    int terminal = master < 0 ? -1 : ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    if (terminal < 0) {
        dprintf(2, "hostal: a terminal: %s\n", strerror(errno));
        _exit(125);
    }
    if (size.ws_row && size.ws_col) ioctl(master, TIOCSWINSZ, &size);
    send_master(master);
    for (int fd = 0; fd <= 2; fd++) dup2(terminal, fd);
    if (terminal > 2) close(terminal);
}

/* As PID 1: passes signals on to the program, takes the children that nobody waits for, and ends as the program does.
 * Returns in the child that becomes the program. */
static void reap_beside(void)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    pid_t program = fork();
    if (program == 0) {
        setsid();
        sigprocmask(SIG_SETMASK, &before, NULL);
        return;
    }
    /* Who reads the program's output learns of its end although this process lives on. */
    close(READY_FD);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= 2 && null >= 0; fd++) dup2(null, fd);
    for (int number; program > 0 && sigwait(&all, &number) == 0;) {
        int status;
        if (number != SIGCHLD) {
            kill(program, number);
            continue;
        }
        for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
            if (pid == program && WIFEXITED(status)) _exit(WEXITSTATUS(status));
            if (pid == program) _exit(128 + WTERMSIG(status));
        }
    }
    _exit(125);
}

_Noreturn void container_inside(void)
{
    struct stat about;
    if (fstat(PROGRAM_FD, &about) < 0 || about.st_size <= 0) _exit(125);
    char *at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, PROGRAM_FD, 0), *end = at + about.st_size;
    if (at == MAP_FAILED) _exit(125);
    struct program program = { .tty = atoi(next_text(&at, end)) != 0 };
    program.columns = (uint16_t)atoi(next_text(&at, end));
    program.rows = (uint16_t)atoi(next_text(&at, end));
    program.user = next_text(&at, end);
    program.workdir = next_text(&at, end);
    program.argv = next_list(&at, end);
    program.env = next_list(&at, end);
    if (program.tty) take_terminal(&program);
    fcntl(READY_FD, F_SETFD, FD_CLOEXEC);
    close_others_but(READY_FD, READY_FD);
    spared = true;
    more_groups = getenv("HOSTAL_GROUPS");
    kept_capabilities = getenv("HOSTAL_CAPABILITIES");
    if (getpid() == 1 && getenv("HOSTAL_REAPER")) reap_beside();
    run_program(&program);
}
