/* Becoming somebody else: a guest that goes on as the copy of another one. */
#include "agent.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char SSH_KEYS[] = "/etc/ssh/ssh_host_*_key";

/* Where the guest has an id already; one that is made at the first boot is left to that. Source: machine-id(5). */
static int renew_machine_id(const char *path)
{
    struct stat about;
    uint8_t bytes[16];
    char text[34];
    if (lstat(path, &about) < 0 || !S_ISREG(about.st_mode) || about.st_size < 32) return 0;
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) return fail("no randomness for a machine-id");
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);      /* as a UUID of version 4 has it */
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof bytes; i++) sprintf(text + 2 * i, "%02x", bytes[i]);
    strcat(text, "\n");
    return write_text(path, text) < 0 ? fail("writing %s: %s", path, strerror(errno)) : 0;
}

static void run_and_wait(const char *program, char *const argv[])
{
    static char *env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
    pid_t pid = fork();
    if (pid == 0) {
        execve(program, argv, env);
        _exit(127);
    }
    int status;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
}

/* sshd reads its keys at its start and at SIGHUP. */
static void tell_sshd(void)
{
    char text[32] = "";
    int fd = open("/run/sshd.pid", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (read(fd, text, sizeof text - 1) > 0 && atoi(text) > 1) kill(atoi(text), SIGHUP);
    close(fd);
}

/* New keys take seconds, so that they are made beside everything else: until then sshd has those of the original. */
static void renew_ssh_keys(void)
{
    glob_t keys;
    if (glob(SSH_KEYS, GLOB_NOSORT, NULL, &keys) != 0) return;
    pid_t pid = access("/usr/bin/ssh-keygen", X_OK) == 0 ? fork() : -1;
    if (pid == 0) {
        setsid();
        close_others();
        for (size_t i = 0; i < keys.gl_pathc; i++) {
            char public[512];
            snprintf(public, sizeof public, "%s.pub", keys.gl_pathv[i]);
            unlink(keys.gl_pathv[i]);
            unlink(public);
        }
        char *argv[] = { "ssh-keygen", "-q", "-A", NULL };
        run_and_wait("/usr/bin/ssh-keygen", argv);
        tell_sshd();
        _exit(0);
    }
    globfree(&keys);
}

int become(const struct configuration *config)
{
    if (testing) return 0;
    if (write_names(config) < 0 || network_renew(config) < 0) return -1;
    return renew_machine_id("/etc/machine-id") < 0 || renew_machine_id("/var/lib/dbus/machine-id") < 0 ? -1 : 0;
}

/* What nobody waits for. */
void became(const struct configuration *config)
{
    if (testing) return;
    renew_ssh_keys();
    say("%s goes on from a checkpoint", config->hostname);
}
