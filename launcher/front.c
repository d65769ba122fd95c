/* The quick way in: `hostal run --rm`, `hostal exec` and `hostal build` without a terminal, said to the daemon by a program that starts
 * in a millisecond. Whatever it does not understand, or cannot do, it leaves to the Java command line, which it then
 * becomes, before anything has been done: that one is the reference, and prints every message.
 *
 *   front LAUNCHER BUILD run|exec|build WORD...
 *
 * The daemon is spoken to as docs/reference/api.md says: a WebSocket (RFC 6455) of the protocol hostal.channels.v1. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <strings.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { STDIN_CHANNEL, STDOUT_CHANNEL, STDERR_CHANNEL, CONTROL, CONTINUED = 0, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };
enum { BODY_MAX = 60 << 10, PIECE = 16 << 10, MESSAGE_MAX = 128 << 10, HANDSHAKE_SECONDS = 20, BOOT_SOON = 1000, ITSELF_FAILED = 125, BROKEN_PIPE = 141 };

static char **arguments;                /* from LAUNCHER on */
static bool fresh;                      /* no source is newer than the build */
static int daemon_socket = -1;
static char body[BODY_MAX];
static size_t body_length;
static bool wants_input, boots;
static uint8_t message[MESSAGE_MAX];    /* what came and was not looked at yet */
static size_t message_length;

/* Becomes the Java command line. */
_Noreturn static void leave(void)
{
    const char *build = arguments[1];
    char **words = arguments + 1;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (fresh) setenv("HOSTAL_BUILD", build, 1);
    setenv("HOSTAL_FRONT", "no", 1);
    words[0] = arguments[0];
    execv(arguments[0], words);
    fprintf(stderr, "hostal: %s: %s\n", arguments[0], strerror(errno));
    _exit(ITSELF_FAILED);
}

_Noreturn static void broken(void)
{
    fprintf(stderr, "hostal: The connection to the daemon broke; the program may run on.\n");
    _exit(ITSELF_FAILED);
}

/* ---- whether the build is still that of the sources, as the launcher looks for the other commands */

static bool is_after(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec != other->tv_sec ? one->tv_sec > other->tv_sec : one->tv_nsec > other->tv_nsec;
}

static bool newer_below(int parent, const char *name, const struct timespec *built)
{
    struct stat about;
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *entries = folder < 0 ? NULL : fdopendir(folder);
    if (!entries) return true;
    bool newer = fstat(folder, &about) < 0 || is_after(&about.st_mtim, built);
    for (struct dirent *entry; !newer && (entry = readdir(entries));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        newer = entry->d_type == DT_DIR ? newer_below(folder, entry->d_name, built)
                : fstatat(folder, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0 || is_after(&about.st_mtim, built);
    }
    closedir(entries);
    return newer;
}

static bool is_newer(int folder, const char *name, const struct timespec *built)
{
    struct stat about;
    return fstatat(folder, name, &about, 0) == 0 && is_after(&about.st_mtim, built);
}

static bool is_fresh(const char *launcher)
{
    char root[PATH_MAX];
    struct stat stamp;
    const char *given = getenv("HOSTAL_BUILD");
    if (given && strcmp(given, arguments[1]) == 0) return true;
    snprintf(root, sizeof root, "%.*s", (int)(strrchr(launcher, '/') - launcher), launcher);
    int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || fstatat(folder, "build/stamp", &stamp, 0) < 0) return false;
    bool newer = is_newer(folder, "pom.xml", &stamp.st_mtim) || is_newer(folder, "launcher/front.c", &stamp.st_mtim)
            || is_newer(folder, "launcher/build.c", &stamp.st_mtim);
    DIR *modules = fdopendir(folder);
    for (struct dirent *entry; !newer && modules && (entry = readdir(modules));) {
        if (entry->d_type != DT_DIR || *entry->d_name == '.') continue;
        int module = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        newer = module < 0 || is_newer(module, "pom.xml", &stamp.st_mtim)
                || (faccessat(module, "src/main", F_OK, 0) == 0 && newer_below(module, "src/main", &stamp.st_mtim));
        if (module >= 0) close(module);
    }
    if (modules) closedir(modules);
    return !newer;
}

/* ---- what is asked for, as JSON */

static void put(const char *text)
{
    size_t length = strlen(text);
    if (body_length + length >= sizeof body) leave();
    memcpy(body + body_length, text, length + 1);
    body_length += length;
}

/* Only plain UTF-8 goes this way: of anything else the Java command line says what it thinks. */
static void put_text(const char *text)
{
    put("\"");
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        char one[8];
        if (byte >= 0x7f) leave();
        snprintf(one, sizeof one, byte < 0x20 ? "\\u%04x" : byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
        put(one);
    }
    put("\"");
}

static void put_member(const char *name, const char *text)
{
    if (!text) return;
    put(",\"");
    put(name);
    put("\":");
    put_text(text);
}

static void put_list(const char *name, char **words)
{
    put(",\"");
    put(name);
    put("\":[");
    for (char **word = words; *word; word++) {
        if (word != words) put(",");
        put_text(*word);
    }
    put("]");
}

/* A name that is there twice has its last value, as in the Java command line. */
static void put_env(char **env, int count)
{
    put(",\"env\":{");
    bool first = true;
    for (int i = 0; i < count; i++) {
        size_t name = strcspn(env[i], "=");
        bool again = false;
        for (int j = i + 1; j < count; j++) again = again || (strncmp(env[i], env[j], name) == 0 && env[j][name] == '=');
        if (again) continue;
        if (!first) put(",");
        first = false;
        env[i][name] = 0;
        put_text(env[i]);
        put(":");
        put_text(env[i] + name + 1);
        env[i][name] = '=';
    }
    put("}");
}

struct asked { bool remove, input, vm, cold; const char *name, *network, *user, *workdir; char *env[256]; int env_count; };

static bool is_plain_name(const char *text)
{
    for (; *text; text++) if (!isalnum((unsigned char)*text) && !strchr("_.-", *text)) return false;
    return true;
}

/* Takes what stands before the image or the instance; the index of that. */
static int options(int count, char **words, struct asked *asked, bool run)
{
    int at = 0;
    for (; at < count && words[at][0] == '-'; at++) {
        const char *word = words[at], *value = NULL;
        static const struct { const char *lengthy, *brief; } KNOWN[] =
            { { "--name", "" }, { "--network", "" }, { "--user", "-u" }, { "--workdir", "-w" }, { "--env", "-e" } };
        if (run && strcmp(word, "--rm") == 0) { asked->remove = true; continue; }
        if (run && strcmp(word, "--vm") == 0) { asked->vm = true; continue; }
        if (run && strcmp(word, "--cold") == 0) { asked->cold = true; continue; }
        if (strcmp(word, "-i") == 0 || strcmp(word, "--interactive") == 0) { asked->input = true; continue; }
        for (size_t i = run ? 0 : 2; i < sizeof KNOWN / sizeof *KNOWN; i++) {
            size_t length = strlen(KNOWN[i].lengthy);
            bool joined = strncmp(word, KNOWN[i].lengthy, length) == 0 && word[length] == '=';
            if (!joined && strcmp(word, KNOWN[i].lengthy) != 0 && strcmp(word, KNOWN[i].brief) != 0) continue;
            value = joined ? word + length + 1 : ++at < count ? words[at] : NULL;
            if (!value || !*value) leave();
            /* Several networks, and words that stand for more than a name, are the Java command line's. */
            if (i == 1 && (asked->network || !is_plain_name(value))) leave();
            if (i == 0) asked->name = value;
            else if (i == 1) asked->network = value;
            else if (i == 2) asked->user = value;
            else if (i == 3) asked->workdir = value;
            else if (strchr(value, '=') <= value || asked->env_count == 256) leave();
            else asked->env[asked->env_count++] = (char *)value;
        }
        if (!value) leave();
    }
    if (at >= count) leave();
    return at;
}

/* @return the path to ask at */
static const char *ask_run(int count, char **words)
{
    struct asked asked = { 0 };
    int at = options(count, words, &asked, true);
    if (!asked.remove) leave();
    /* A machine may take its time to boot: a person sees how far it is. */
    if (asked.vm ? isatty(2) : asked.cold) leave();
    put("{\"run\":{\"image\":");
    put_text(words[at]);
    put(asked.vm ? ",\"kind\":\"vm\"" : "");
    put_member("name", asked.name);
    put_member("user", asked.user);
    put_member("workdir", asked.workdir);
    put_list("command", words + at + 1);
    put_env(asked.env, asked.env_count);
    if (asked.network) {
        put(",\"nics\":[{\"network\":");
        put_text(asked.network);
        put("}]");
    }
    put(asked.input ? ",\"stdin\":true" : "");
    put(",\"autoRemove\":true,\"pull\":\"never\"}}");
    wants_input = asked.input;
    boots = asked.vm;
    return asked.cold ? "/v1/run?cold=true" : "/v1/run";
}

static const char *ask_exec(int count, char **words)
{
    struct asked asked = { 0 };
    int at = options(count, words, &asked, false);
    if (at + 1 >= count) leave();
    if (!is_plain_name(words[at])) leave();
    put("{\"exec\":{\"tty\":false,\"stdin\":");
    put(asked.input ? "true" : "false");
    put_list("command", words + at + 1);
    put_env(asked.env, asked.env_count);
    put_member("user", asked.user);
    put_member("workdir", asked.workdir);
    put("}}");
    wants_input = asked.input;
    return words[at];
}

/* ---- the connection */

static void find_daemon(struct sockaddr_un *address)
{
    const char *home = getenv("HOSTAL_HOME");
    int length;
    if (home && *home) {
        size_t size = strlen(home);
        if (*home != '/' || home[size - 1] == '/' || strstr(home, "//") || strstr(home, "/.")) leave();
        length = snprintf(address->sun_path, sizeof address->sun_path, "%s/run/hostal.sock", home);
    } else {
        if (geteuid() != 0) leave();
        length = snprintf(address->sun_path, sizeof address->sun_path, "/run/hostal/hostal.sock");
    }
    if (length < 0 || (size_t)length >= sizeof address->sun_path) leave();
}

/* To a person the Java command line also says that the daemon is of another build. */
static bool is_of_our_build(const char *socket_path)
{
    char path[256], text[8192];
    snprintf(path, sizeof path, "%.*s/daemon.pid", (int)(strrchr(socket_path, '/') - socket_path), socket_path);
    FILE *file = fopen(path, "re");
    int pid = 0, count = file ? fscanf(file, "%d", &pid) : 0;
    if (file) fclose(file);
    if (count != 1) return false;
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    file = fopen(path, "re");
    size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file) fclose(file);
    text[length] = 0;
    for (char *word = text; word < text + length; word += strlen(word) + 1) {
        if (strncmp(word, "-Dhostal.build=", 15) == 0) return strcmp(word + 15, arguments[1]) == 0;
    }
    return false;
}

static bool write_all(int fd, const void *bytes, size_t length)
{
    for (const uint8_t *at = bytes; length;) {
        ssize_t count = write(fd, at, length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        at += count;
        length -= (size_t)count;
    }
    return true;
}

static void connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval patience = { .tv_sec = HANDSHAKE_SECONDS };
    char request[1024];
    find_daemon(&address);
    if (isatty(2) && !is_of_our_build(address.sun_path)) leave();
    daemon_socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(daemon_socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(daemon_socket, (struct sockaddr *)&address, sizeof address) < 0) leave();
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: aG9zdGFsLWZyb250LWtleQ==\r\nSec-WebSocket-Protocol: hostal.channels.v1\r\n\r\n", path);
    if (length >= (int)sizeof request || !write_all(daemon_socket, request, (size_t)length)) leave();
    char *end = NULL;
    while (!end) {
        ssize_t count = message_length < sizeof message - 1 ? read(daemon_socket, message + message_length, sizeof message - 1 - message_length) : 0;
        if (count <= 0) leave();
        message_length += (size_t)count;
        message[message_length] = 0;
        end = strstr((char *)message, "\r\n\r\n");
    }
    if (strncmp((char *)message, "HTTP/1.1 101 ", 13) != 0) leave();
    size_t head = (size_t)(end + 4 - (char *)message);
    memmove(message, message + head, message_length -= head);
    patience.tv_sec = 0;
    setsockopt(daemon_socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

/* One frame; what a client sends is masked. */
static bool send_frame(int kind, int channel, const void *bytes, size_t length)
{
    static uint8_t frame[BODY_MAX + 16];
    uint8_t mask[4], first = (uint8_t)channel;
    size_t payload = length + (channel >= 0), at = 0;
    if (getrandom(mask, sizeof mask, GRND_NONBLOCK) < 0) memset(mask, 0x5a, sizeof mask);
    frame[at++] = (uint8_t)(0x80 | kind);
    frame[at++] = (uint8_t)(0x80 | (payload < 126 ? payload : 126));
    if (payload >= 126) {
        frame[at++] = (uint8_t)(payload >> 8);
        frame[at++] = (uint8_t)payload;
    }
    memcpy(frame + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < payload; i++) {
        uint8_t byte = channel >= 0 ? i == 0 ? first : ((const uint8_t *)bytes)[i - 1] : ((const uint8_t *)bytes)[i];
        frame[at + i] = byte ^ mask[i % 4];
    }
    return write_all(daemon_socket, frame, at + payload);
}

static bool send_signal(const char *name)
{
    char text[40];
    int length = snprintf(text, sizeof text, "{\"signal\":\"%s\"}", name);
    return send_frame(BINARY, CONTROL, text, (size_t)length);
}

/* ---- what comes */

static bool started;

static void output(int fd, const uint8_t *bytes, size_t length)
{
    if (write_all(fd, bytes, length)) return;
    /* What the kernel would tell the program, were the pipe its own. */
    send_signal("PIPE");
    _exit(BROKEN_PIPE);
}

/* The daemon's own sentence, each line of it as the slow way says it. Source: RFC 8259, section 7. */
_Noreturn static void say_error(const char *text)
{
    const char *at = strstr(text, "\"message\":\"");
    if (!at) broken();
    fputs("hostal: ", stderr);
    for (at += strlen("\"message\":\""); *at && *at != '"'; at++) {
        if (*at == '\\' && at[1]) at++;
        else { fputc(*at, stderr); continue; }
        if (*at == 'n') fputs("\nhostal: ", stderr);
        else fputc(*at, stderr);
    }
    fputc('\n', stderr);
    _exit(ITSELF_FAILED);
}

static void take_control(const char *text)
{
    const char *exit = strstr(text, "{\"exit\":");
    if (strstr(text, "{\"started\":")) started = true;
    else if (exit) _exit(atoi(exit + 8));
    else if (!started && strstr(text, "{\"error\":")) leave();
    else if (strstr(text, "{\"error\":")) say_error(text);
}

/* @return bytes of the frame; 0 where it is not whole yet */
static size_t take_frame(void)
{
    static uint8_t channel;
    if (message_length < 2) return 0;
    int kind = message[0] & 15;
    size_t length = message[1] & 127, head = length == 127 ? 10 : length == 126 ? 4 : 2;
    if (message_length < head) return 0;
    if (head > 2) length = 0;
    for (size_t i = 2; i < head; i++) length = length << 8 | message[i];
    if (length > sizeof message - 16) broken();
    if (message_length < head + length) return 0;
    uint8_t *payload = message + head;
    size_t size = length;
    if (kind == PING) send_frame(PONG, -1, payload, length < 126 ? length : 0);
    if (kind == CLOSE) {
        if (!started) leave();
        broken();
    }
    if (kind == BINARY && size) {
        channel = *payload++;
        size--;
    }
    if ((kind == BINARY || kind == CONTINUED) && size) {
        if (channel == STDOUT_CHANNEL) output(1, payload, size);
        else if (channel == STDERR_CHANNEL) output(2, payload, size);
        else if (channel == CONTROL) {
            uint8_t next = payload[size];
            payload[size] = 0;
            take_control((char *)payload);
            payload[size] = next;
        }
    }
    return head + length;
}

static void take_frames(void)
{
    for (size_t used; (used = take_frame()) > 0;) memmove(message, message + used, message_length -= used);
}

static void read_daemon(void)
{
    ssize_t count = read(daemon_socket, message + message_length, sizeof message - 1 - message_length);
    if (count < 0 && errno == EINTR) return;
    if (count <= 0) {
        if (!started) leave();
        broken();
    }
    message_length += (size_t)count;
    take_frames();
}

/* ---- what goes */

static bool pass_input(void)
{
    static uint8_t typed[PIECE];
    ssize_t count = read(0, typed, sizeof typed);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    send_frame(BINARY, STDIN_CHANNEL, typed, count > 0 ? (size_t)count : 0);
    return count > 0;
}

/* The first Ctrl-C is the program's; whoever insists ends it. */
static void pass_signal(int signals)
{
    static int interrupts;
    struct signalfd_siginfo signal;
    if (read(signals, &signal, sizeof signal) != (ssize_t)sizeof signal) return;
    if (!started) {
        /* Nothing runs yet: the daemon takes back what it has begun when the connection ends. */
        _exit(128 + (int)signal.ssi_signo);
    }
    send_signal(signal.ssi_signo == SIGTERM ? "TERM" : signal.ssi_signo == SIGHUP ? "HUP" : interrupts++ == 0 ? "INT" : "KILL");
}

#include "build.c"

int main(int argc, char **argv)
{
    char path[512];
    if (argc < 4) return ITSELF_FAILED;
    arguments = argv + 1;
    fresh = is_fresh(argv[1]);
    if (!fresh) leave();
    if (strcmp(argv[3], "build") == 0) build(argc - 4, argv + 4);
    if (strcmp(argv[3], "run") == 0) snprintf(path, sizeof path, "%s", ask_run(argc - 4, argv + 4));
    else {
        int length = snprintf(path, sizeof path, "/v1/instances/%s/exec", ask_exec(argc - 4, argv + 4));
        if (length >= (int)sizeof path) leave();
    }
    connect_to(path);
    if (!send_frame(BINARY, CONTROL, body, body_length)) leave();
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    take_frames();
    for (;;) {
        struct pollfd fds[3] = { { .fd = daemon_socket, .events = POLLIN }, { .fd = signals, .events = POLLIN },
            { .fd = wants_input && started ? 0 : -1, .events = POLLIN } };
        int seen = poll(fds, 3, boots && !started ? BOOT_SOON : -1);
        if (seen < 0 && errno != EINTR) broken();
        if (seen == 0) {
            fputs("hostal: booting\n", stderr);
            boots = false;
        }
        if (fds[0].revents) read_daemon();
        if (fds[1].revents) pass_signal(signals);
        if (fds[2].revents) wants_input = pass_input();
    }
}
