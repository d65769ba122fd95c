/* Starting programs: as a user of the guest, with pipes or a terminal. */
#include "agent.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { NOT_RUNNABLE = 126, NOT_FOUND_STATUS = 127, GROUPS_MAX = 64, FIELDS_MAX = 7 };

/* Source: Docker's and Debian's default for root. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static struct rlimit files_limit;

/* Programs start with the limit of open files that the kernel gave; the agent itself needs more. */
void keep_limits(void)
{
    if (getrlimit(RLIMIT_NOFILE, &files_limit) < 0) return;
    struct rlimit raised = { .rlim_cur = files_limit.rlim_max, .rlim_max = files_limit.rlim_max };
    if (raised.rlim_cur > 8192) raised.rlim_cur = 8192;
    if (raised.rlim_cur > files_limit.rlim_cur) setrlimit(RLIMIT_NOFILE, &raised);
}

static const struct { const char *name; int number; } SIGNALS[] = {
    { "HUP", SIGHUP }, { "INT", SIGINT }, { "QUIT", SIGQUIT }, { "ILL", SIGILL }, { "TRAP", SIGTRAP },
    { "ABRT", SIGABRT }, { "IOT", SIGABRT }, { "BUS", SIGBUS }, { "FPE", SIGFPE }, { "KILL", SIGKILL },
    { "USR1", SIGUSR1 }, { "SEGV", SIGSEGV }, { "USR2", SIGUSR2 }, { "PIPE", SIGPIPE }, { "ALRM", SIGALRM },
    { "TERM", SIGTERM }, { "STKFLT", SIGSTKFLT }, { "CHLD", SIGCHLD }, { "CONT", SIGCONT },
    { "STOP", SIGSTOP }, { "TSTP", SIGTSTP }, { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU }, { "URG", SIGURG },
    { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ }, { "VTALRM", SIGVTALRM }, { "PROF", SIGPROF },
    { "WINCH", SIGWINCH }, { "IO", SIGIO }, { "POLL", SIGPOLL }, { "PWR", SIGPWR }, { "SYS", SIGSYS } };

static long number_of(const char *text)
{
    char *end;
    if (*text < '0' || *text > '9') return -1;
    errno = 0;
    long number = strtol(text, &end, 10);
    return *end || errno || number > INT_MAX ? -1 : number;
}

/* By name with or without SIG, RTMIN+n, or by number; -1 where there is none such. */
int signal_number(const char *name)
{
    long number = number_of(name);
    if (number >= 1 && number <= SIGRTMAX) return (int)number;
    if (strncmp(name, "SIG", 3) == 0) name += 3;
    if (strncmp(name, "RTMIN", 5) == 0) {
        long above = name[5] == '+' ? number_of(name + 6) : name[5] ? -1 : 0;
        return above >= 0 && SIGRTMIN + above <= SIGRTMAX ? (int)(SIGRTMIN + above) : -1;
    }
    for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++) {
        if (strcmp(name, SIGNALS[i].name) == 0) return SIGNALS[i].number;
    }
    return -1;
}

/* ---- users */

/* Splits a line of passwd(5) or group(5) in place. */
static int split(char *line, char **fields)
{
    int count = 0;
    line[strcspn(line, "\n")] = 0;
    for (char *rest = line; rest && count < FIELDS_MAX;) fields[count++] = strsep(&rest, ":");
    return count;
}

struct identity { uid_t uid; gid_t gid; gid_t groups[GROUPS_MAX]; int group_count; char name[256]; char home[PATH_MAX]; };

static bool find_user(const char *user, struct identity *who)
{
    FILE *file = fopen("/etc/passwd", "re");
    if (!file) return false;
    char *line = NULL, *fields[FIELDS_MAX];
    size_t size = 0;
    bool found = false;
    long number = number_of(user);
    while (!found && getline(&line, &size, file) > 0) {
        if (split(line, fields) < 6) continue;
        found = strcmp(fields[0], user) == 0 || (number >= 0 && number_of(fields[2]) == number);
        if (!found) continue;
        who->uid = (uid_t)number_of(fields[2]);
        who->gid = (gid_t)number_of(fields[3]);
        snprintf(who->name, sizeof who->name, "%s", fields[0]);
        snprintf(who->home, sizeof who->home, "%s", fields[5]);
    }
    free(line);
    fclose(file);
    return found;
}

static bool is_member(char *members, const char *name)
{
    for (char *member; (member = strsep(&members, ","));) {
        if (strcmp(member, name) == 0) return true;
    }
    return false;
}

/* The group of that name, and those that the user is a member of. */
static bool read_groups(const char *group, struct identity *who)
{
    bool found = false;
    FILE *file = fopen("/etc/group", "re");
    if (!file) return false;
    char *line = NULL, *fields[FIELDS_MAX];
    size_t size = 0;
    while (getline(&line, &size, file) > 0) {
        int count = split(line, fields);
        if (count < 3 || number_of(fields[2]) < 0) continue;
        gid_t gid = (gid_t)number_of(fields[2]);
        if (group && strcmp(fields[0], group) == 0) { who->gid = gid; found = true; }
        if (count > 3 && *who->name && who->group_count < GROUPS_MAX && is_member(fields[3], who->name)) {
            who->groups[who->group_count++] = gid;
        }
    }
    free(line);
    fclose(file);
    return found;
}

/* Source: the rules of OCI images for `User`: name or number, then maybe a colon and a group's. */
static int resolve_user(const char *text, struct identity *who)
{
    char user[256];
    snprintf(user, sizeof user, "%s", *text ? text : "0");
    char *group = strchr(user, ':');
    if (group) *group++ = 0;
    snprintf(who->home, sizeof who->home, "/");
    long number = *user ? number_of(user) : 0;
    if (!find_user(*user ? user : "0", who)) {
        if (number < 0) return fail("the guest has no user %s", user);
        who->uid = (uid_t)number;
        if (number == 0) snprintf(who->home, sizeof who->home, "/root");
    }
    bool found = read_groups(group && *group ? group : NULL, who);
    if (group && *group && !found) {
        if (number_of(group) < 0) return fail("the guest has no group %s", group);
        who->gid = (gid_t)number_of(group);
    }
    if (group && *group) who->group_count = 0;      /* A named group stands alone, as in OCI runtimes. */
    return 0;
}

int user_of(const char *text, uid_t *uid, gid_t *gid)
{
    struct identity who = { 0 };
    if (resolve_user(text, &who) < 0) return -1;
    *uid = who.uid;
    *gid = who.gid;
    return 0;
}

/* Adds groups by name or number to those that the user is in. */
static int add_groups(const char *list, struct identity *who)
{
    char *copy = text_of("%s", list), *rest = copy;
    for (char *group; (group = strsep(&rest, ","));) {
        struct identity one = { 0 };
        long number = number_of(group);
        if (!read_groups(group, &one) && number < 0) return fail("the guest has no group %s", group);
        if (who->group_count == GROUPS_MAX) return fail("more groups than %d", GROUPS_MAX);
        who->groups[who->group_count++] = number < 0 ? one.gid : (gid_t)number;
    }
    free(copy);
    return 0;
}

/* ---- in the child */

static const char *value_of(char **env, const char *name)
{
    size_t length = strlen(name);
    for (; *env; env++) {
        if (strncmp(*env, name, length) == 0 && (*env)[length] == '=') return *env + length + 1;
    }
    return NULL;
}

/* The environment with what programs count on where it was not said. */
static char **complete(const struct program *program, const struct identity *who)
{
    size_t count = 0;
    while (program->env[count]) count++;
    char **env = calloc(count + 4, sizeof *env);
    if (!env) _exit(NOT_RUNNABLE);
    memcpy(env, program->env, count * sizeof *env);
    if (!value_of(env, "HOME")) env[count++] = text_of("HOME=%s", who->home);
    if (!value_of(env, "PATH")) env[count++] = text_of("PATH=%s", DEFAULT_PATH);
    if (program->tty && !value_of(env, "TERM")) env[count++] = text_of("TERM=xterm");
    return env;
}

static void make_folders(const char *path)
{
    char *copy = text_of("%s", path);
    for (char *slash = copy + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(copy, 0755);
        *slash = '/';
    }
    mkdir(copy, 0755);
    free(copy);
}

_Noreturn static void cannot(int status, const char *name, const char *why)
{
    dprintf(2, "hostal: %s: %s\n", name, why);
    _exit(status);
}

_Noreturn static void cannot_run(const char *name, const char *path, int error)
{
    if (error == ENOENT && access(path, F_OK) == 0) cannot(NOT_RUNNABLE, name, "its interpreter or loader is not in the guest");
    if (error == ENOENT || error == ENOTDIR) cannot(NOT_FOUND_STATUS, name, "not found in the guest");
    if (error == ENOEXEC) cannot(NOT_RUNNABLE, name, "not a program for this machine");
    cannot(NOT_RUNNABLE, name, strerror(error));
}

_Noreturn static void find_and_run(char **argv, char **env)
{
    const char *name = argv[0];
    if (strchr(name, '/')) {
        execve(name, argv, env);
        cannot_run(name, name, errno);
    }
    if (!*name) cannot(NOT_FOUND_STATUS, "''", "a program needs a name");
    int refused = 0;
    char *folders = text_of("%s", value_of(env, "PATH")), *path = NULL;
    for (char *folder; (folder = strsep(&folders, ":"));) {
        path = text_of("%s/%s", *folder ? folder : ".", name);
        execve(path, argv, env);
        if (errno == ENOENT && access(path, F_OK) == 0) cannot_run(name, path, ENOENT);
        if (errno == ENOENT || errno == ENOTDIR) continue;
        if (errno != EACCES) cannot_run(name, path, errno);
        struct stat about;
        if (stat(path, &about) == 0 && S_ISREG(about.st_mode)) refused = EACCES;
    }
    if (refused) cannot(NOT_RUNNABLE, name, strerror(refused));
    cannot(NOT_FOUND_STATUS, name, "not found in the guest");
}

static void reset_signals(void)
{
    struct sigaction standard = { .sa_handler = SIG_DFL };
    for (int number = 1; number <= SIGRTMAX; number++) sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void own_streams(int in, int out, int err)
{
    setsid();
    dup2(in, 0);
    dup2(out, 1);
    dup2(err, 2);
    reset_signals();
    if (files_limit.rlim_max) setrlimit(RLIMIT_NOFILE, &files_limit);
}

/* What an OCI runtime has set already. */
bool spared;
/* As hexadecimal number: the capabilities that a program keeps of those that becoming its user needs; NULL for all. */
const char *kept_capabilities;
/* Names and numbers of further groups, parted by commas; NULL for none. */
const char *more_groups;

static void be_spared_no_more(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (write(fd, "0", 1) < 0) { /* An unprivileged agent never raised it. */ }
    close(fd);
}

static void bound_capabilities(uint64_t kept)
{
    for (int number = 0; number < 64 && prctl(PR_CAPBSET_READ, number) >= 0; number++) {
        if (!(kept >> number & 1) && prctl(PR_CAPBSET_DROP, number) < 0) cannot(NOT_RUNNABLE, "capabilities", strerror(errno));
    }
}

/* Another user than root has lost them by becoming it. */
static void keep_capabilities(uint64_t kept)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    uint32_t low = (uint32_t)kept, high = (uint32_t)(kept >> 32);
    struct __user_cap_data_struct data[2] = { { low, low, 0 }, { high, high, 0 } };
    if (geteuid() == 0 && syscall(SYS_capset, &header, data) < 0) cannot(NOT_RUNNABLE, "capabilities", strerror(errno));
}

_Noreturn void run_program(const struct program *program)
{
    uint64_t kept = kept_capabilities ? strtoull(kept_capabilities, NULL, 16) : 0;
    static struct identity who;
    const char *name = program->argv[0];
    if (!testing && !spared) be_spared_no_more();
    if (program->tty) ioctl(0, TIOCSCTTY, 0);
    if (resolve_user(program->user, &who) < 0) cannot(NOT_RUNNABLE, name, problem);
    if (more_groups && add_groups(more_groups, &who) < 0) cannot(NOT_RUNNABLE, name, problem);
    umask(022);
    const char *workdir = *program->workdir ? program->workdir : "/";
    make_folders(workdir);
    /* /dev/stdout is opened anew by its path, which needs the user to own what is behind it. */
    for (int fd = 0; fd <= 2; fd++) {
        struct stat about;
        if (fstat(fd, &about) == 0 && (S_ISFIFO(about.st_mode) || program->tty) && fchown(fd, who.uid, program->tty ? 5 : who.gid) < 0) {
            continue;       /* An unprivileged agent runs only its own user's programs. */
        }
    }
    if (geteuid() == 0 && setgroups((size_t)who.group_count, who.groups) < 0) cannot(NOT_RUNNABLE, name, strerror(errno));
    if (kept_capabilities) bound_capabilities(kept);
    if (setgid(who.gid) < 0 || setuid(who.uid) < 0) cannot(NOT_RUNNABLE, name, strerror(errno));
    if (kept_capabilities) keep_capabilities(kept);
    if (chdir(workdir) < 0) cannot(NOT_RUNNABLE, workdir, strerror(errno));
    char **env = complete(program, &who);
    find_and_run(program->argv, env);
}

/* ---- in the agent */

static void close_pair(int pair[2])
{
    close_fd(&pair[0]);
    close_fd(&pair[1]);
}

/* Three pipes, or /dev/null where there is no input; [0] is the reading end. */
static int make_pipes(int pipes[3][2], bool input)
{
    for (int i = 0; i < 3; i++) pipes[i][0] = pipes[i][1] = -1;
    if (!input) pipes[0][0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if ((input ? pipe2(pipes[0], O_CLOEXEC) : pipes[0][0]) >= 0 && pipe2(pipes[1], O_CLOEXEC) == 0
            && pipe2(pipes[2], O_CLOEXEC) == 0) return 0;
    fail("pipes for a program: %s", strerror(errno));
    for (int i = 0; i < 3; i++) close_pair(pipes[i]);
    return -1;
}

int fork_with_pipes(bool input, struct ends *ends)
{
    int pipes[3][2];
    if (make_pipes(pipes, input) < 0) return -1;
    pid_t pid = fork();
    if (pid == 0) {
        own_streams(pipes[0][0], pipes[1][1], pipes[2][1]);
        return 0;
    }
    if (pid < 0) fail("a process for a program: %s", strerror(errno));
    close_fd(&pipes[0][0]);
    close_fd(&pipes[1][1]);
    close_fd(&pipes[2][1]);
    *ends = (struct ends){ .pid = pid, .in = pipes[0][1], .out = pipes[1][0], .err = pipes[2][0] };
    if (pid > 0) return 1;
    for (int i = 0; i < 3; i++) close_pair(pipes[i]);
    return -1;
}

static int fork_with_terminal(const struct program *program, struct ends *ends)
{
    int locked = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return fail("a terminal for a program: %s", strerror(errno));
    ioctl(master, TIOCSPTLCK, &locked);
    struct winsize size = { .ws_row = program->rows, .ws_col = program->columns };
    if (size.ws_row && size.ws_col) ioctl(master, TIOCSWINSZ, &size);
    int terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    int input = fcntl(master, F_DUPFD_CLOEXEC, 0);
    pid_t pid = terminal < 0 || input < 0 ? -1 : fork();
    if (pid == 0) {
        own_streams(terminal, terminal, terminal);
        return 0;
    }
    if (pid < 0) fail("a terminal for a program: %s", strerror(errno));
    close_fd(&terminal);
    *ends = (struct ends){ .pid = pid, .in = input, .out = master, .err = -1, .tty = true };
    if (pid > 0) return 1;
    close_fd(&input);
    close_fd(&master);
    return -1;
}

int spawn(const struct program *program, struct ends *ends)
{
    if (container) return container_spawn(program, ends);
    int role = program->tty ? fork_with_terminal(program, ends) : fork_with_pipes(program->stdin_open, ends);
    if (role == 0) run_program(program);
    return role < 0 ? -1 : 0;
}

static void close_range_of(int first, int last)
{
    if (first > last) return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
    for (int fd = first; fd <= last && fd < 8192; fd++) close(fd);
}

/* A child that runs no other program must not hold the agent's descriptors: its own input would never end. */
void close_others(void) { close_range_of(3, INT_MAX); }

void close_others_but(int one, int other)
{
    int low = one < other ? one : other, high = one < other ? other : one;
    close_range_of(3, low - 1);
    close_range_of(low + 1, high - 1);
    close_range_of(high + 1, INT_MAX);
}

int spawn_function(int (*function)(const char *), const char *argument, bool input, struct ends *ends)
{
    int role = fork_with_pipes(input, ends);
    if (role == 0) {
        close_others();
        umask(0);
        int status = function(argument);
        if (status) dprintf(2, "%s", problem);
        _exit(status ? 1 : 0);
    }
    return role < 0 ? -1 : 0;
}
