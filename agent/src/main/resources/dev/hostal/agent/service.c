/* What the host may ask: one function for each request. */
#include "agent.h"

#include <sys/stat.h>

struct state state;
bool farewell_answered;

static void reply_result(uint32_t stream, int result) { send_reply(stream, result == 0 ? OK : FAILED, result == 0 ? "" : problem); }

/* ---- configuration and the main program */

static bool read_nics(struct reader *r, struct configuration *config, bool known)
{
    config->nic_count = read_u8(r);
    if (config->nic_count > NICS_MAX) { config->nic_count = 0; return false; }
    for (size_t i = 0; i < config->nic_count; i++) {
        struct nic *nic = &config->nics[i];
        nic->was = known ? read_string(r) : "";
        nic->moves = !known || read_u8(r);
        nic->mac = read_string(r);
        nic->addresses = read_list(r);
        nic->gateways = read_list(r);
        nic->dns = read_list(r);
    }
    return !r->bad;
}

static void free_nics(struct configuration *config)
{
    for (size_t i = 0; i < NICS_MAX; i++) {
        free(config->nics[i].addresses);
        free(config->nics[i].gateways);
        free(config->nics[i].dns);
    }
}

/* Absent where there are none, and from hosts that know of none. */
static bool read_guest_mounts(struct reader *r, struct configuration *config)
{
    if (r->bad || r->at == r->end) return !r->bad;
    size_t count = read_u16(r);
    config->mounts = calloc(count + 1, sizeof *config->mounts);
    if (!config->mounts) return false;
    for (; config->mount_count < count && !r->bad; config->mount_count++) {
        struct guest_mount *one = &config->mounts[config->mount_count];
        one->kind = read_u8(r);
        one->flags = read_u8(r);
        one->source = read_string(r);
        one->target = read_string(r);
        one->options = read_string(r);
    }
    return !r->bad;
}

static bool read_configuration(struct reader *r, struct configuration *config)
{
    config->hostname = read_string(r);
    config->layers = read_u16(r);
    config->boot_init = read_u8(r);
    return read_nics(r, config, false) && read_guest_mounts(r, config);
}

static void identity(uint32_t stream, struct reader *r)
{
    struct configuration config = { .hostname = read_string(r) };
    if (container) send_reply(stream, UNSUPPORTED, "a container gets its identity from outside");
    else if (!read_nics(r, &config, true)) send_reply(stream, FAILED, "the identity is not well-formed");
    else if (become(&config) < 0) reply_result(stream, -1);
    else {
        reply_result(stream, 0);
        wire_writable();        /* A console takes its time: the host does not wait for that. */
        became(&config);
    }
    free_nics(&config);
}

static void change_nics(uint32_t stream, struct reader *r)
{
    struct configuration config = { .hostname = read_string(r), .renamed = true };
    const struct nic *missing;
    if (!read_nics(r, &config, true)) {
        send_reply(stream, FAILED, "the NICs are not well-formed");
    } else if (container) {
        reply_result(stream, container_nics(&config));
    } else if (!testing && (missing = network_missing(&config))) {
        fail("the guest has no NIC with the address %s", missing->mac);
        send_reply(stream, NOT_FOUND, problem);
    } else {
        reply_result(stream, testing || (network_renew(&config) == 0 && write_names(&config) == 0) ? 0 : -1);
    }
    free_nics(&config);
}

static void configure(uint32_t stream, struct reader *r)
{
    struct configuration config = { 0 };
    if (state.configured) { send_reply(stream, OK, ""); return; }
    int result = -1;
    if (!read_configuration(r, &config)) {
        fail("the configuration is not well-formed");
    } else {
        result = boot_root(&config);
        if (result == 0 && config.boot_init) result = boot_init_program();
    }
    if (result == 0) {
        state.configured = true;
        say("%s is configured", config.hostname);
        state.boot_init = config.boot_init;
    }
    free_nics(&config);
    free(config.mounts);
    reply_result(stream, result);
}

static bool read_program(struct reader *r, struct program *program)
{
    program->argv = read_list(r);
    program->env = read_list(r);
    program->user = read_string(r);
    program->workdir = read_string(r);
    uint8_t flags = read_u8(r);
    program->tty = flags & 1;
    program->stdin_open = flags & 2;
    program->columns = read_u16(r);
    program->rows = read_u16(r);
    if (!r->bad && program->argv[0]) return true;
    fail("the program is not well-formed");
    return false;
}

static void free_program(struct program *program)
{
    free(program->argv);
    free(program->env);
}

static void run(uint32_t stream, struct reader *r)
{
    bool held = read_u8(r);
    struct program program = { 0 };
    if (state.main_started) {
        main_answer(stream);
    } else if (state.boot_init) {
        send_reply(stream, WRONG_STATE, "the guest runs its own init");
    } else {
        bool started = read_program(r, &program) && start_main(&program, held);
        if (started) main_answer(stream);
        else reply_result(stream, -1);
        free_program(&program);
    }
}

/* ---- streams */

static void give_up(struct ends *ends)
{
    kill(ends->pid, SIGKILL);
    close_fd(&ends->in);
    close_fd(&ends->out);
    close_fd(&ends->err);
    if (ends->launch) close_fd(&ends->ready);
}

static void busy(uint32_t stream)
{
    fail("%d streams are open in the guest, the most there may be", STREAMS_MAX);
    send_reply(stream, BUSY, problem);
}

static void exec(uint32_t stream, struct reader *r)
{
    struct program program = { 0 };
    struct ends ends;
    if (!read_program(r, &program) || spawn(&program, &ends) < 0) {
        send_reply(stream, FAILED, problem);
    } else if (!open_process(stream, &ends)) {
        give_up(&ends);
        busy(stream);
    }
    free_program(&program);
}

/* An errno where a file, or what it points to, is not there. */
static int absence(const char *path, bool follow)
{
    if (container) return container_absence(path, follow);
    struct stat about;
    return (follow ? stat(path, &about) : lstat(path, &about)) < 0 ? errno : 0;
}

static void archive(uint32_t stream, struct reader *r, bool write)
{
    int (*read_it)(const char *) = container ? container_tar_read : tar_read;
    int (*write_it)(const char *) = container ? container_tar_write : tar_write;
    int error;
    const char *path = read_string(r);
    struct ends ends;
    if (write) {
        unpacking.owner = read_string(r);
        unpacking.clash = read_u8(r);
    }
    if (r->bad || *path != '/') {
        send_reply(stream, FAILED, "a path is absolute");
    } else if ((error = absence(path, write)) != 0) {
        fail("%s: %s", path, strerror(error));
        send_reply(stream, NOT_FOUND, problem);
    } else if (spawn_function(write ? write_it : read_it, path, write, &ends) < 0) {
        send_reply(stream, FAILED, problem);
    } else if (!open_process(stream, &ends)) {
        give_up(&ends);
        busy(stream);
    }
}

static void connect_port(uint32_t stream, struct reader *r)
{
    uint16_t port = read_u16(r);
    if (container && container_network(true) < 0) { send_reply(stream, FAILED, problem); return; }
    enum reply code = open_connection(stream, port);
    if (container && container_network(false) < 0) say("%s", problem);
    if (code != OK) send_reply(stream, code, problem);
}

static void attach(uint32_t stream)
{
    if (!open_attachment(stream)) busy(stream);
}

/* ---- the rest */

static void signal_main(uint32_t stream, struct reader *r)
{
    const char *name = read_string(r);
    int number = signal_number(name);
    if (number < 0) {
        fail("'%.64s' is not a signal", name);
        send_reply(stream, UNSUPPORTED, problem);
    } else if (state.boot_init || main_signal(number) < 0) {
        send_reply(stream, WRONG_STATE, state.boot_init ? "the guest runs its own init, which is sent no signals" : "the program does not run");
    } else {
        send_reply(stream, OK, "");
    }
}

static void addresses(uint32_t stream)
{
    static char text[2000];
    if (container && container_network(true) < 0) { send_reply(stream, OK, ""); return; }
    network_addresses(text, sizeof text);
    if (container && container_network(false) < 0) say("%s", problem);
    send_reply(stream, OK, text);
}

static void renew_clock(uint32_t stream, struct reader *r)
{
    uint64_t nanos = read_u64(r);
    if (r->bad) send_reply(stream, FAILED, "no time was given");
    else reply_result(stream, renew(nanos, r->at, (size_t)(r->end - r->at)));
}

static void request(enum frame_type type, uint32_t stream, struct reader *r)
{
    if (!stream || stream_known(stream)) { wire_broken("a request needs a number of its own"); return; }
    if (type != T_CONFIGURE && type != T_SHUTDOWN && !state.configured) { send_reply(stream, WRONG_STATE, "the guest is not configured yet"); return; }
    /* Of a guest that ends only the last words can be had. */
    if (state.ending && type != T_ATTACH && type != T_RUN) { send_reply(stream, WRONG_STATE, "the guest is ending"); return; }
    switch (type) {
    case T_CONFIGURE: configure(stream, r); break;
    case T_RUN: run(stream, r); break;
    case T_EXEC: exec(stream, r); break;
    case T_ATTACH: attach(stream); break;
    case T_TAR_READ: archive(stream, r, false); break;
    case T_TAR_WRITE: archive(stream, r, true); break;
    case T_CONNECT: connect_port(stream, r); break;
    case T_ADDRESSES: addresses(stream); break;
    case T_SHUTDOWN: reply_result(stream, power_shutdown()); break;
    case T_FREEZE: reply_result(stream, disks_freeze(true)); break;
    case T_THAW: reply_result(stream, disks_freeze(false)); break;
    case T_RENEW: renew_clock(stream, r); break;
    case T_SIGNAL_MAIN: signal_main(stream, r); break;
    case T_IDENTITY: identity(stream, r); break;
    case T_NICS: change_nics(stream, r); break;
    default: send_reply(stream, UNSUPPORTED, "this agent does not know that request");
    }
}

void serve(enum frame_type type, uint8_t channel, uint32_t stream, const uint8_t *payload, size_t length)
{
    struct reader r = { payload, payload + length, false };
    if (type < T_DATA) { request(type, stream, &r); return; }
    switch (type) {
    case T_DATA:
        if (!stream_data(stream, payload, length)) wire_broken("more data than was granted");
        break;
    case T_EOF: stream_eof(stream); break;
    case T_CREDIT: {
        uint32_t more = read_u32(&r);
        if (r.bad || !stream_credit(stream, channel, more)) wire_broken("credit that does not add up");
        break;
    }
    case T_RESIZE: {
        uint16_t columns = read_u16(&r), rows = read_u16(&r);
        if (!r.bad) stream_resize(stream, columns, rows);
        break;
    }
    case T_SIGNAL: {
        int number = signal_number(read_string(&r));
        if (!r.bad && number > 0) stream_signal(stream, number);
        break;
    }
    case T_CLOSE: stream_close(stream); break;
    case T_FAREWELL: farewell_answered = true; break;
    default: wire_broken("a frame of an unknown type");
    }
}
