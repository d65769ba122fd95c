/* Streams: what a program or a connection says and hears, as far as the other side has granted credit. */
#include "agent.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>

enum { HELD_MILLIS = 10000, UNREAD_MILLIS = 60000, HANDLER_MILLIS = 1000, HANDLER_POLL_MILLIS = 10, RUNTIME_FAILED = 125 };

/* ABANDONED: the host was told of the end or let go, but the program or a child of it still holds its pipes: they
 * are read and thrown away, because closing them would kill it. */
enum kind { FREE, PROCESS, CONNECTION, ATTACHMENT, ABANDONED, MAIN };

struct inlet { uint8_t *bytes; uint32_t head, used, unreported; bool eof; };
struct outlet { int fd; uint32_t credit; bool ended; };

struct stream {
    enum kind kind;
    uint32_t id;
    pid_t pid;                  /* 0 where there is none, or it has ended */
    bool tty, exited, connecting;
    bool console;               /* the terminal is still to come, through out[OUT] */
    int said;                   /* -1, or what the runtime says until then */
    unsigned launch;            /* not 0: pid is the runtime that is starting the program */
    int ready;                  /* -1, or ends when the program is in place: nothing that is sent before is lost */
    uint64_t in_place;          /* since when it is */
    uint64_t pending;           /* signals for the program, once it is there */
    struct winsize size;        /* of the terminal that is still to come */
    uint8_t status;
    int in;                     /* -1 once closed */
    struct inlet inlet;
    struct outlet out[2];       /* stdout and stderr, channels 1 and 2 */
    uint64_t quiet_since;       /* of one that has exited */
};

static struct stream streams[STREAMS_MAX];
static size_t streams_high;     /* those from here on were never used */
static struct stream main_program = { .in = -1, .said = -1, .ready = -1, .out = { { .fd = -1 }, { .fd = -1 } } };
static bool main_held;
static uint32_t main_asker;             /* 0, or the request to be answered when the program is there */

/* What each entry of the poll array is about. */
static struct { struct stream *stream; int which; } waits[4 * STREAMS_MAX + 8];
enum { OUT, ERR, IN, READY };

static struct stream *find(uint32_t id)
{
    for (size_t i = 0; id && i < streams_high; i++) {
        if (streams[i].kind != FREE && streams[i].id == id) return &streams[i];
    }
    return NULL;
}

bool stream_known(uint32_t id) { return find(id); }

static void release(struct stream *s)
{
    close_fd(&s->in);
    close_fd(&s->out[OUT].fd);
    close_fd(&s->out[ERR].fd);
    close_fd(&s->said);
    close_fd(&s->ready);
    free(s->inlet.bytes);
    memset(s, 0, sizeof *s);
    s->said = s->ready = s->in = s->out[OUT].fd = s->out[ERR].fd = -1;
}

static struct stream *allocate(enum kind kind, uint32_t id)
{
    struct stream *found = NULL;
    for (size_t i = 0; i < STREAMS_MAX && !found; i++) {
        if (streams[i].kind == FREE) found = &streams[i];
    }
    for (size_t i = 0; i < STREAMS_MAX && !found; i++) {
        if (streams[i].kind == ABANDONED) found = &streams[i];
    }
    if (!found) return NULL;
    if (found->kind == ABANDONED) release(found);
    if ((size_t)(found - streams) >= streams_high) streams_high = (size_t)(found - streams) + 1;
    *found = (struct stream){ .kind = kind, .id = id, .in = -1, .said = -1, .ready = -1,
        .out = { { -1, WINDOW, false }, { -1, WINDOW, false } } };
    return found;
}

static void nonblocking(int fd)
{
    if (fd >= 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void take_ends(struct stream *s, const struct ends *ends)
{
    s->pid = ends->pid;
    s->tty = ends->tty;
    s->console = ends->console;
    s->said = ends->console ? ends->said : -1;
    s->launch = ends->launch;
    s->ready = ends->launch ? ends->ready : -1;
    s->in = ends->in;
    s->out[OUT].fd = ends->out;
    s->out[ERR].fd = ends->err;
    nonblocking(s->in);
    nonblocking(s->out[OUT].fd);
    nonblocking(s->out[ERR].fd);
}

static void end_outlet(struct stream *s, int which);

/* ---- opening */

bool open_process(uint32_t id, const struct ends *ends)
{
    struct stream *s = allocate(PROCESS, id);
    if (!s) return false;
    take_ends(s, ends);
    send_reply(id, OK, "");
    if (s->out[ERR].fd < 0) end_outlet(s, ERR);
    return true;
}

bool open_attachment(uint32_t id)
{
    struct stream *s = allocate(ATTACHMENT, id);
    if (!s) return false;
    main_held = false;
    send_reply(id, OK, "");
    if (state.main_ended) {
        send_frame(T_EOF, 1, id, NULL, 0);
        send_frame(T_EOF, 2, id, NULL, 0);
        send_frame(T_EXIT, 0, id, &state.main_status, 1);
        send_frame(T_END, 0, id, NULL, 0);
        release(s);
        return true;
    }
    for (int which = OUT; which <= ERR; which++) {
        if (state.main_started && main_program.out[which].ended) send_frame(T_EOF, (uint8_t)(which + 1), id, NULL, 0);
    }
    return true;
}

/* IPv6's loopback is tried where nobody listens on IPv4's. */
static int dial(int family, uint16_t port, bool *connecting)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int result = family == AF_INET ? connect(fd, (struct sockaddr *)&v4, sizeof v4)
                                   : connect(fd, (struct sockaddr *)&v6, sizeof v6);
    *connecting = result < 0 && errno == EINPROGRESS;
    if (result == 0 || *connecting) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void connected(struct stream *s)
{
    s->connecting = false;
    send_reply(s->id, OK, "");
    end_outlet(s, ERR);
}

enum reply open_connection(uint32_t id, uint16_t port)
{
    bool connecting;
    int fd = dial(AF_INET, port, &connecting);
    int error = errno;
    if (fd < 0) fd = dial(AF_INET6, port, &connecting);
    if (fd < 0) {
        fail("port %u of the guest's loopback: %s", port, strerror(error));
        return error == ECONNREFUSED ? NOT_FOUND : FAILED;
    }
    struct stream *s = allocate(CONNECTION, id);
    if (!s) {
        close(fd);
        fail("%d streams are open, the most there may be", STREAMS_MAX);
        return BUSY;
    }
    s->in = fd;
    s->out[OUT].fd = dup(fd);
    s->connecting = connecting;
    if (!connecting) connected(s);
    return OK;
}

static void connection_ready(struct stream *s)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(s->in, SOL_SOCKET, SO_ERROR, &error, &size);
    if (!error) { connected(s); return; }
    send_reply(s->id, error == ECONNREFUSED ? NOT_FOUND : FAILED, strerror(error));
    release(s);
}

/* ---- ending */

static void finish_if_done(struct stream *s)
{
    if (!s->out[OUT].ended || !s->out[ERR].ended) return;
    if (s->kind == MAIN && s->exited && !state.main_ended) main_finished(s->status);
    bool done = s->kind == PROCESS ? s->exited : s->kind == CONNECTION && s->in < 0;
    if (!done) return;
    send_frame(T_END, 0, s->id, NULL, 0);
    release(s);
}

static void end_outlet(struct stream *s, int which)
{
    struct outlet *out = &s->out[which];
    if (out->ended) return;
    out->ended = true;
    close_fd(&out->fd);
    uint8_t channel = (uint8_t)(which + 1);
    if (s->kind != MAIN) {
        send_frame(T_EOF, channel, s->id, NULL, 0);
    } else {
        for (size_t i = 0; i < streams_high; i++) {
            if (streams[i].kind == ATTACHMENT) send_frame(T_EOF, channel, streams[i].id, NULL, 0);
        }
    }
    finish_if_done(s);
}

/* The program is gone and nothing came for a while: what holds its pipes is a child it left behind. */
static void abandon(struct stream *s)
{
    for (int which = OUT; which <= ERR; which++) {
        if (!s->out[which].ended) send_frame(T_EOF, (uint8_t)(which + 1), s->id, NULL, 0);
    }
    send_frame(T_END, 0, s->id, NULL, 0);
    close_fd(&s->in);
    s->id = 0;
    s->kind = ABANDONED;
}

static void signal_group(pid_t pid, int number)
{
    if (pid > 0 && kill(-pid, number) < 0) kill(pid, number);     /* It may not have made its session yet. */
}

/* Whether the process has a handler for the signal, or ignores it by its own will. Source: proc(5), SigIgn and SigCgt. */
static bool has_handler(pid_t pid, int number)
{
    char line[128], *path = text_of("/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    bool found = false;
    free(path);
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "SigIgn:", 7) && strncmp(line, "SigCgt:", 7)) continue;
        found |= strtoull(line + 7, NULL, 16) >> (number - 1) & 1;
    }
    if (file) fclose(file);
    return found;
}

/* Before the program is in place nobody could act on a signal but by ending. The kernel besides drops what the first process
 * of a container has no handler for, and a program needs a moment to set one. So signals are kept meanwhile. */
static bool is_held(const struct stream *s, int number)
{
    if (number == SIGKILL || number == SIGSTOP) return s->launch;
    if (s->launch || s->ready >= 0) return true;
    return s->kind == MAIN && s->in_place && now_millis() < s->in_place + HANDLER_MILLIS && !has_handler(s->pid, number);
}

static int send_signal(struct stream *s, int number)
{
    if (s->kind != MAIN) { signal_group(s->pid, number); return 0; }
    return kill(s->pid, number) < 0 ? fail("a signal: %s", strerror(errno)) : 0;
}

static int signal_program(struct stream *s, int number)
{
    if (!is_held(s, number)) return send_signal(s, number);
    if (number >= 1 && number <= 64) s->pending |= 1ULL << (number - 1);
    return 0;
}

static void send_pending(struct stream *s)
{
    for (int number = 1; number <= 64 && s->pid > 0 && s->pending; number++) {
        uint64_t bit = 1ULL << (number - 1);
        if (!(s->pending & bit) || is_held(s, number)) continue;
        s->pending &= ~bit;
        send_signal(s, number);
    }
}

static void program_in_place(struct stream *s)
{
    close_fd(&s->ready);
    s->in_place = now_millis();
    send_pending(s);
}

/* The runtime has ended: whether it has started the program, which is watched from now on. */
static bool launched(struct stream *s)
{
    int status;
    pid_t pid = container_started(s->launch);
    s->launch = 0;
    if (s->kind == MAIN && main_asker) send_reply(main_asker, OK, "");
    if (s->kind == MAIN) main_asker = 0;
    if (pid < 0) return false;
    s->pid = pid;
    send_pending(s);
    if (container_was_orphan(pid, &status)) child_ended(pid, status);
    return true;
}

static void take_console(struct stream *s);

void child_ended(pid_t pid, int status)
{
    if (dhcp_ended(pid)) return;
    uint8_t code = (uint8_t)(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    struct stream *s = main_program.pid == pid ? &main_program : NULL;
    for (size_t i = 0; i < streams_high && !s; i++) {
        if (streams[i].kind == PROCESS && streams[i].pid == pid) s = &streams[i];
    }
    if (!s) {
        if (container) container_orphan(pid, status);
        return;
    }
    if (s->launch) {
        if (launched(s)) return;
        code = RUNTIME_FAILED;
    }
    s->pid = 0;
    close_fd(&s->ready);
    s->exited = true;
    s->status = code;
    s->quiet_since = now_millis();
    if (s->console) take_console(s);
    if (s->kind == MAIN) {
        streams_kill_all();
    } else {
        send_frame(T_EXIT, 0, s->id, &code, 1);
    }
    finish_if_done(s);
}

void main_finished(uint8_t status)
{
    log_end(status);
    state.main_ended = true;
    state.main_status = status;
    close_fd(&main_program.in);
    for (size_t i = 0; i < streams_high; i++) {
        if (streams[i].kind != ATTACHMENT) continue;
        if (!state.main_started) {      /* The image's init: it never had an output here. */
            send_frame(T_EOF, 1, streams[i].id, NULL, 0);
            send_frame(T_EOF, 2, streams[i].id, NULL, 0);
        }
        send_frame(T_EXIT, 0, streams[i].id, &status, 1);
        send_frame(T_END, 0, streams[i].id, NULL, 0);
        release(&streams[i]);
    }
}

/* The guest ends with its program, as a container does. */
void streams_kill_all(void)
{
    if (getpid() == 1) kill(-1, SIGKILL);
    for (size_t i = 0; i < streams_high; i++) {
        if (streams[i].kind == PROCESS) signal_group(streams[i].pid, SIGKILL);
        if (streams[i].kind == CONNECTION) {
            send_frame(T_END, 0, streams[i].id, NULL, 0);
            release(&streams[i]);
        }
    }
}

/* A program whose host went away is told as by a terminal that hangs up; in a guest that goes on from a checkpoint it runs
 * on, as everything does, but for its terminal. What it still says to its pipes is thrown away: closing them would kill it
 * before it can act on the signal. */
static void let_go(struct stream *s, bool hang_up)
{
    if (s->kind == PROCESS && (hang_up || s->tty)) signal_group(s->pid, SIGHUP);
    if (s->kind != PROCESS || s->tty || (s->out[OUT].ended && s->out[ERR].ended)) { release(s); return; }
    close_fd(&s->in);
    free(s->inlet.bytes);
    s->inlet = (struct inlet){ 0 };
    s->id = 0;
    s->kind = ABANDONED;
}

void stream_close(uint32_t id)
{
    struct stream *s = find(id);
    if (s) let_go(s, true);
}

void streams_drop_all(bool hang_up)
{
    main_held = false;
    main_asker = 0;
    for (size_t i = 0; i < streams_high; i++) {
        if (streams[i].kind != FREE && streams[i].kind != ABANDONED) let_go(&streams[i], hang_up);
    }
}

bool streams_all_ended(void)
{
    for (size_t i = 0; i < streams_high; i++) {
        if (streams[i].kind != FREE && streams[i].kind != ABANDONED) return false;
    }
    return true;
}

/* ---- the main program */

/* Asked for by an attachment before the program runs, and kept for it. */
static struct winsize main_size;

bool start_main(const struct program *wanted, bool held)
{
    struct ends ends;
    struct program program = *wanted;
    if (main_size.ws_col && main_size.ws_row) {
        program.columns = main_size.ws_col;
        program.rows = main_size.ws_row;
    }
    if (spawn(&program, &ends) < 0) return false;
    main_program = (struct stream){ .kind = MAIN, .in = -1, .said = -1, .ready = -1, .out = { { .fd = -1 }, { .fd = -1 } } };
    take_ends(&main_program, &ends);
    state.main_started = true;
    main_held = held;
    for (size_t i = 0; i < streams_high; i++) {
        if (streams[i].kind == ATTACHMENT) main_held = false;
    }
    if (ends.err < 0) end_outlet(&main_program, ERR);
    return true;
}

pid_t main_pid(void) { return main_program.launch ? 0 : main_program.pid; }

void main_answer(uint32_t stream)
{
    if (main_program.launch) main_asker = stream;
    else send_reply(stream, OK, "");
}

int main_signal(int number)
{
    if (main_program.pid <= 0) return fail("the program does not run");
    return signal_program(&main_program, number);
}

/* The terminal comes from inside the container, or, where it cannot, what the runtime has said instead. */
static void take_console(struct stream *s)
{
    int master = container_console(s->out[OUT].fd);
    if (master == -2 && !s->exited) return;
    s->console = false;
    close_fd(&s->out[OUT].fd);
    if (master < 0) {
        s->out[OUT].fd = s->said;
        s->said = -1;
        lseek(s->out[OUT].fd, 0, SEEK_SET);
        return;
    }
    close_fd(&s->said);
    s->out[OUT].fd = master;
    s->in = fcntl(master, F_DUPFD_CLOEXEC, 0);
    nonblocking(master);
    if (s->size.ws_row) ioctl(master, TIOCSWINSZ, &s->size);
}

/* How much may be read of the main program's output: what every listener can take. */
static uint32_t main_allowance(int which)
{
    uint32_t least = LOG_PAYLOAD_MAX, listeners = 0;
    if (main_held) return 0;
    for (size_t i = 0; i < streams_high; i++) {
        if (streams[i].kind != ATTACHMENT) continue;
        listeners++;
        if (streams[i].out[which].credit < least) least = streams[i].out[which].credit;
    }
    if (!listeners) return least;
    if (!wire_has_room()) return 0;
    uint32_t share = 48 * 1024 / listeners + 1;     /* All their frames fit beside what is queued. */
    return least < share ? least : share;
}

static void read_main(int which)
{
    static uint8_t record[FRAME_MAX];
    if (main_program.console) { take_console(&main_program); return; }
    uint32_t allowed = main_allowance(which);
    if (!allowed) return;
    ssize_t count = read(main_program.out[which].fd, record + LOG_HEADER, allowed);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) { end_outlet(&main_program, which); return; }
    main_program.quiet_since = now_millis();
    log_output((uint8_t)(which + 1), record, (size_t)count);
    for (size_t i = 0; i < streams_high; i++) {
        if (streams[i].kind != ATTACHMENT) continue;
        streams[i].out[which].credit -= (uint32_t)count;
        send_frame(T_DATA, (uint8_t)(which + 1), streams[i].id, record + LOG_HEADER, (size_t)count);
    }
}

/* ---- from the program to the host */

bool stream_credit(uint32_t id, uint8_t channel, uint32_t more)
{
    struct stream *s = find(id);
    if (!s) return true;
    if (channel < 1 || channel > 2 || more > WINDOW || s->out[channel - 1].credit + more > WINDOW) return false;
    s->out[channel - 1].credit += more;
    return true;
}

static void read_outlet(struct stream *s, int which)
{
    struct outlet *out = &s->out[which];
    size_t room;
    if (s->console) { take_console(s); return; }
    uint8_t *space = frame_space(&room);
    if (!room) return;
    ssize_t count = read(out->fd, space, room < out->credit ? room : out->credit);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) { end_outlet(s, which); return; }     /* A terminal without a program says EIO. */
    s->quiet_since = now_millis();
    out->credit -= (uint32_t)count;
    frame_commit(T_DATA, (uint8_t)(which + 1), s->id, (size_t)count);
}

static void read_away(struct stream *s, int which)
{
    static uint8_t waste[16384];
    ssize_t count = read(s->out[which].fd, waste, sizeof waste);
    if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))) return;
    close_fd(&s->out[which].fd);
    if (s->out[OUT].fd < 0 && s->out[ERR].fd < 0) release(s);
}

/* ---- from the host to the program */

/* The stream whose `in` takes what the host sends to this one. */
static struct stream *sink(struct stream *s) { return s->kind == ATTACHMENT ? &main_program : s; }

static bool sink_waits(struct stream *s)
{
    return (s->kind == ATTACHMENT && !state.main_started && !state.boot_init) || s->connecting || sink(s)->console;
}

static void consumed(struct stream *s, uint32_t count)
{
    s->inlet.unreported += count;
    if (s->inlet.unreported < WINDOW / 4) return;
    uint8_t more[4];
    put_u32(more, s->inlet.unreported);
    s->inlet.unreported = 0;
    send_frame(T_CREDIT, 0, s->id, more, sizeof more);
}

/* End-of-file for the program: a terminal is sent the character that means it, a socket its FIN. */
static void end_input(struct stream *s)
{
    struct stream *to = sink(s);
    if (to->in < 0) return;
    struct termios modes;
    if (to->tty) {
        if (tcgetattr(to->in, &modes) == 0 && (modes.c_lflag & ICANON)) write_all(to->in, &modes.c_cc[VEOF], 1);
        return;
    }
    if (to->kind == CONNECTION) shutdown(to->in, SHUT_WR);
    close_fd(&to->in);
    finish_if_done(to);
}

/* How much of the bytes the program took; all of them where it hears no more. */
static size_t offer(struct stream *s, const uint8_t *bytes, size_t length)
{
    struct stream *to = sink(s);
    if (to->in < 0) return length;
    ssize_t count = write(to->in, bytes, length);
    if (count >= 0) return (size_t)count;
    if (errno == EAGAIN || errno == EINTR) return 0;
    close_fd(&to->in);
    return length;
}

static void flush_inlet(struct stream *s)
{
    struct inlet *inlet = &s->inlet;
    while (inlet->used) {
        uint32_t straight = WINDOW - inlet->head < inlet->used ? WINDOW - inlet->head : inlet->used;
        uint32_t count = (uint32_t)offer(s, inlet->bytes + inlet->head, straight);
        if (!count) return;
        inlet->head = (inlet->head + count) % WINDOW;
        inlet->used -= count;
        consumed(s, count);
        if (s->kind == FREE) return;        /* The host vanished while credit was sent. */
    }
    free(inlet->bytes);
    inlet->bytes = NULL;
    inlet->head = 0;
    if (inlet->eof) {
        inlet->eof = false;
        end_input(s);
    }
}

bool stream_data(uint32_t id, const uint8_t *bytes, size_t length)
{
    struct stream *s = find(id);
    if (!s) return true;
    struct inlet *inlet = &s->inlet;
    if (inlet->eof || length > WINDOW - inlet->used - inlet->unreported) return false;
    if (!inlet->used && !sink_waits(s)) {
        size_t count = offer(s, bytes, length);
        bytes += count;
        length -= count;
        consumed(s, (uint32_t)count);
        if (!length || s->kind == FREE) return true;
    }
    if (!inlet->bytes && !(inlet->bytes = malloc(WINDOW))) return false;
    for (size_t i = 0; i < length;) {
        uint32_t tail = (inlet->head + inlet->used) % WINDOW;
        size_t part = WINDOW - tail < length - i ? WINDOW - tail : length - i;
        memcpy(inlet->bytes + tail, bytes + i, part);
        inlet->used += (uint32_t)part;
        i += part;
    }
    return true;
}

void stream_eof(uint32_t id)
{
    struct stream *s = find(id);
    if (!s) return;
    if (s->inlet.used || sink_waits(s)) s->inlet.eof = true;
    else end_input(s);
}

void stream_resize(uint32_t id, uint16_t columns, uint16_t rows)
{
    struct stream *s = find(id);
    struct winsize size = { .ws_row = rows, .ws_col = columns };
    if (s && s->kind == ATTACHMENT && !state.main_started) main_size = size;
    if (!s || !sink(s)->tty) return;
    if (sink(s)->console) sink(s)->size = size;
    else ioctl(sink(s)->out[OUT].fd, TIOCSWINSZ, &size);
}

void stream_signal(uint32_t id, int number)
{
    struct stream *s = find(id);
    if (!s) return;
    if (s->kind == ATTACHMENT) main_signal(number);
    else if (s->kind == PROCESS) signal_program(s, number);
}

/* ---- waiting */

static void sooner(int *timeout, uint64_t at)
{
    uint64_t now = now_millis();
    int millis = at > now ? (int)(at - now) : 0;
    if (*timeout < 0 || millis < *timeout) *timeout = millis;
}

/* What is due by the clock: the last words of programs that have ended. */
static void check_quiet(struct stream *s, int *timeout)
{
    if (!s->exited || (s->kind != PROCESS && s->kind != MAIN) || (s->kind == MAIN && state.main_ended)) return;
    uint64_t now = now_millis();
    bool main = s->kind == MAIN, stuck = false;
    for (int which = OUT; which <= ERR; which++) {
        if (!s->out[which].ended && (main ? !main_allowance(which) : !s->out[which].credit || !wire_has_room())) stuck = true;
    }
    uint64_t patience = !stuck ? LINGER_MILLIS : main && main_held ? HELD_MILLIS : UNREAD_MILLIS;
    if (stuck && !main) return;             /* The host takes its time; it can let go. */
    if (now < s->quiet_since + patience) { sooner(timeout, s->quiet_since + patience); return; }
    if (!main) { abandon(s); return; }
    if (stuck) {                            /* Nobody takes it: it goes to the log alone. */
        main_held = false;
        for (size_t i = 0; i < streams_high; i++) {
            if (streams[i].kind != ATTACHMENT) continue;
            send_frame(T_END, 0, streams[i].id, NULL, 0);
            release(&streams[i]);
        }
        s->quiet_since = now;
        *timeout = 0;
        return;
    }
    end_outlet(s, OUT);
    end_outlet(s, ERR);
}

/* Signals that wait for a handler. */
static void check_pending(struct stream *s, int *timeout)
{
    if (!s->pending || !s->in_place || s->pid <= 0) return;
    send_pending(s);
    if (s->pending) sooner(timeout, now_millis() + HANDLER_POLL_MILLIS);
}

static void wait_for(struct pollfd *fds, size_t *count, struct stream *s, int which, short events)
{
    int fd = which == READY ? s->ready : which == IN ? sink(s)->in : s->out[which].fd;
    fds[*count] = (struct pollfd){ .fd = fd, .events = events };
    waits[*count].stream = s;
    waits[(*count)++].which = which;
}

size_t streams_poll(struct pollfd *fds, size_t max, int *timeout)
{
    size_t count = 0;
    if (main_program.kind == MAIN) {
        check_quiet(&main_program, timeout);
        check_pending(&main_program, timeout);
        if (main_program.ready >= 0) wait_for(fds, &count, &main_program, READY, POLLIN);
        for (int which = OUT; which <= ERR; which++) {
            if (main_program.out[which].fd >= 0 && main_allowance(which)) wait_for(fds, &count, &main_program, which, POLLIN);
        }
    }
    for (size_t i = 0; i < streams_high && count + 4 <= max; i++) {
        struct stream *s = &streams[i];
        check_quiet(s, timeout);
        if (s->kind == CONNECTION) finish_if_done(s);
        if (s->kind == FREE) continue;
        bool wants_in = s->connecting || (s->inlet.used && !sink_waits(s)) || (s->inlet.eof && !sink_waits(s));
        if (wants_in && sink(s)->in < 0) flush_inlet(s);
        else if (wants_in) wait_for(fds, &count, s, IN, POLLOUT);
        if (s->kind == ATTACHMENT || s->kind == FREE || s->connecting) continue;
        if (s->ready >= 0) wait_for(fds, &count, s, READY, POLLIN);
        for (int which = OUT; which <= ERR; which++) {
            bool may = s->kind == ABANDONED || (s->out[which].credit && wire_has_room());
            if (s->out[which].fd >= 0 && may) wait_for(fds, &count, s, which, POLLIN);
        }
    }
    return count;
}

void streams_ready(const struct pollfd *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct stream *s = waits[i].stream;
        if (!fds[i].revents || s->kind == FREE) continue;
        int which = waits[i].which;
        if (which == READY) {
            if (fds[i].fd == s->ready) program_in_place(s);
            continue;
        }
        if (which == IN) {
            if (fds[i].fd != sink(s)->in) continue;     /* Closed since. */
            if (s->connecting) connection_ready(s);
            else flush_inlet(s);
            continue;
        }
        if (fds[i].fd != s->out[which].fd) continue;
        if (s->kind == MAIN) read_main(which);
        else if (s->kind == ABANDONED) read_away(s, which);
        else if (wire_has_room()) read_outlet(s, which);
    }
}
