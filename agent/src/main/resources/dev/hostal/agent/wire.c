/* Frames on the one channel: handshake, parsing, sending. */
#include "agent.h"

/* Starts a session wherever it stands in the stream. Its first byte occurs once in it and none is zero, so
 * that it fits neither a frame's header nor its end mark; a host splits a payload that holds it. */
static const uint8_t MAGIC[16] = {
    0xf4, 'H', 'o', 's', 't', 'a', 'l', 0x9b, 0xd1, 0x83, 0xe7, 0x9c, 0xb5, 0xa6, 0x8e, 0xc3 };

enum { NONCE = 16, GREETING = NONCE + 4 };
enum { OUT_SIZE = 256 * 1024, OUT_DATA_MAX = 128 * 1024, OUT_READ_MAX = 192 * 1024 };

struct wire wire = { .fd = -1 };

static enum { HUNTING, GREETED, OPEN } phase = HUNTING;
static size_t matched;                  /* bytes of MAGIC seen at the end of what was read */
static uint8_t in[2 * FRAME_MAX];
static size_t in_used;
static uint8_t *message;                /* of frames that said MORE */
static size_t message_used;
static uint8_t out[OUT_SIZE];
static size_t out_start, out_end;

uint8_t read_u8(struct reader *r)
{
    if (r->bad || r->end - r->at < 1) { r->bad = true; return 0; }
    return *r->at++;
}

uint16_t read_u16(struct reader *r)
{
    uint16_t high = read_u8(r);
    return (uint16_t)(high << 8 | read_u8(r));
}

uint32_t read_u32(struct reader *r)
{
    uint32_t high = read_u16(r);
    return high << 16 | read_u16(r);
}

uint64_t read_u64(struct reader *r)
{
    uint64_t high = read_u32(r);
    return high << 32 | read_u32(r);
}

const char *read_string(struct reader *r)
{
    uint32_t length = read_u32(r);
    if (r->bad || (size_t)(r->end - r->at) <= length || memchr(r->at, 0, length) || r->at[length]) {
        r->bad = true;
        return "";
    }
    const char *text = (const char *)r->at;
    r->at += length + 1;
    return text;
}

char **read_list(struct reader *r)
{
    uint32_t count = read_u32(r);
    if (r->bad || count > (size_t)(r->end - r->at) / 5) {     /* Each string takes five bytes at least. */
        r->bad = true;
        count = 0;
    }
    char **list = calloc(count + 1, sizeof *list);
    if (!list) { r->bad = true; return NULL; }
    for (uint32_t i = 0; i < count && !r->bad; i++) list[i] = (char *)read_string(r);
    return list;
}

void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

void put_u64(uint8_t *at, uint64_t value)
{
    put_u32(at, (uint32_t)(value >> 32));
    put_u32(at + 4, (uint32_t)value);
}

/* ---- out */

static size_t out_used(void) { return out_end - out_start; }

bool wire_has_output(void) { return out_used() > 0; }

bool wire_has_room(void) { return out_used() < OUT_DATA_MAX; }

/* A host that asks without reading the answers is not read from. */
bool wire_may_read(void) { return out_used() < OUT_READ_MAX; }

static void out_compact(void)
{
    if (out_start == 0) return;
    memmove(out, out + out_start, out_used());
    out_end -= out_start;
    out_start = 0;
}

uint8_t *frame_space(size_t *room)
{
    if (OUT_SIZE - out_end < FRAME_MAX) out_compact();
    size_t space = OUT_SIZE - out_end;
    if (space < FRAME_HEADER + 2) { *room = 0; return NULL; }
    *room = space - FRAME_HEADER - 1 < PAYLOAD_MAX ? space - FRAME_HEADER - 1 : PAYLOAD_MAX;
    return out + out_end + FRAME_HEADER;
}

void frame_commit(enum frame_type type, uint8_t channel, uint32_t stream, size_t length)
{
    uint8_t *frame = out + out_end;
    frame[0] = (uint8_t)type;
    frame[1] = channel;
    frame[2] = frame[3] = 0;
    put_u32(frame + 4, stream);
    put_u32(frame + 8, (uint32_t)length);
    frame[FRAME_HEADER + length] = 0;
    out_end += FRAME_HEADER + length + 1;
}

void send_frame(enum frame_type type, uint8_t channel, uint32_t stream, const void *payload, size_t length)
{
    if (!wire.session) return;
    size_t room;
    uint8_t *space = frame_space(&room);
    if (length > room) {
        say("the host does not read; its session ends");
        wire_lost();
        return;
    }
    if (length) memcpy(space, payload, length);
    frame_commit(type, channel, stream, length);
}

void send_reply(uint32_t stream, enum reply code, const char *text)
{
    uint8_t payload[2048];
    size_t length = strnlen(text, sizeof payload - 6);
    payload[0] = (uint8_t)code;
    put_u32(payload + 1, (uint32_t)length);
    memcpy(payload + 5, text, length);
    payload[5 + length] = 0;
    send_frame(T_REPLY, 0, stream, payload, length + 6);
}

void wire_writable(void)
{
    while (out_used()) {
        size_t length = out_used() < FRAME_MAX ? out_used() : FRAME_MAX;
        ssize_t count = write(wire.fd, out + out_start, length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) { wire_lost(); return; }
        out_start += (size_t)count;
    }
    out_start = out_end = 0;
}

/* ---- in */

static void stop_session(void)
{
    wire.session = false;
    phase = HUNTING;
    in_used = message_used = out_start = out_end = 0;
    disks_freeze(false);
}

static void forget_session(void)
{
    stop_session();
    streams_drop_all(true);
}

void wire_lost(void)
{
    wire.up = false;
    matched = 0;
    forget_session();
    if (testing) listen_again();
}

void wire_broken(const char *why)
{
    say("the host's frames make no sense: %s", why);
    send_frame(T_BROKEN, 0, 0, why, strlen(why));
    wire_writable();
    forget_session();
}

static void hello(void)
{
    struct reader r = { in + NONCE, in + GREETING, false };
    uint32_t spoken = read_u32(&r), version = spoken & ~GUEST_GOES_ON;
    if (version != PROTOCOL_VERSION) say("the host speaks version %u of the protocol", version);
    /* Whoever listened to them is gone, or was never here: the guest goes on from a checkpoint. */
    streams_drop_all(!(spoken & GUEST_GOES_ON));
    wire.session = true;
    phase = OPEN;
    memcpy(out, MAGIC, sizeof MAGIC);
    memcpy(out + sizeof MAGIC, in, NONCE);
    out_start = 0;
    out_end = sizeof MAGIC + NONCE;
    uint8_t payload[30];
    put_u32(payload, PROTOCOL_VERSION);
    payload[4] = (uint8_t)(state.configured | state.main_started << 1 | state.main_ended << 2 | state.boot_init << 3);
    payload[5] = state.main_status;
    memcpy(payload + 6, state.boot_id, 16);
    put_u32(payload + 22, STREAMS_MAX);
    put_u32(payload + 26, WINDOW);
    send_frame(T_HELLO, 0, 0, payload, sizeof payload);
    log_heard();
}

/* Adds a frame to the message it is part of, and serves what is whole. */
static void take_frame(const uint8_t *frame, uint32_t length)
{
    bool more = frame[2];
    struct reader r = { frame + 4, frame + 8, false };
    uint32_t stream = read_u32(&r);
    if (!more && !message_used) {
        serve(frame[0], frame[1], stream, frame + FRAME_HEADER, length);
        return;
    }
    if (!message) message = malloc(MESSAGE_MAX);
    if (!message || message_used + length > MESSAGE_MAX) { wire_broken("a message is too long"); return; }
    memcpy(message + message_used, frame + FRAME_HEADER, length);
    message_used += length;
    if (more) return;
    size_t whole = message_used;
    message_used = 0;
    serve(frame[0], frame[1], stream, message, whole);
}

static void parse(void)
{
    size_t at = 0;
    while (phase != HUNTING) {
        size_t left = in_used - at;
        if (phase == GREETED) {
            if (left < GREETING) break;
            if (at) memmove(in, in + at, GREETING);
            hello();
            at += GREETING;
            continue;
        }
        if (left < FRAME_HEADER) break;
        struct reader r = { in + at + 8, in + at + 12, false };
        uint32_t length = read_u32(&r);
        if (length > PAYLOAD_MAX || in[at + 2] > 1 || in[at + 3]) { wire_broken("a frame's header"); return; }
        if (left < FRAME_HEADER + length + 1) break;
        if (in[at + FRAME_HEADER + length]) { wire_broken("a frame's end"); return; }
        take_frame(in + at, length);
        if (phase == HUNTING) return;
        at += FRAME_HEADER + length + 1;
    }
    memmove(in, in + at, in_used - at);
    in_used -= at;
}

/* The offset after the last MAGIC that ends in the new bytes, or 0. */
static size_t magic_end(const uint8_t *bytes, size_t length)
{
    size_t found = 0;
    for (size_t i = 0; i < length; i++) {
        if (!matched) {
            const uint8_t *first = memchr(bytes + i, MAGIC[0], length - i);
            if (!first) break;
            i = (size_t)(first - bytes);
            matched = 1;
        } else if (bytes[i] == MAGIC[matched]) {
            if (++matched < sizeof MAGIC) continue;
            found = i + 1;
            matched = 0;
        } else {
            matched = bytes[i] == MAGIC[0];
        }
    }
    return found;
}

void wire_readable(void)
{
    ssize_t count = read(wire.fd, in + in_used, sizeof in - in_used);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) { wire_lost(); return; }
    size_t start = magic_end(in + in_used, (size_t)count);
    if (start) {
        /* A new host: whatever stood before it belonged to one that is gone. */
        size_t from = in_used + start, rest = (size_t)count - start;
        stop_session();
        memmove(in, in + from, rest);
        in_used = rest;
        phase = GREETED;
    } else if (phase == HUNTING) {
        return;
    } else {
        in_used += (size_t)count;
    }
    parse();
}
