/* Machines in networks of a user who is not root. Between the NIC of each and QEMU's user networking, which is its alone, frames
 * pass here: to another machine of the same network, to its own way out, or, where they ask for a name that is known here, back.
 * A NIC has the addresses that it was given, and no others.
 *
 *   guest's NIC  <--- KEY.n KEY.N --->  this  <--- KEY.u KEY.U --->  QEMU's user networking
 *
 * All are Unix sockets of datagrams in one folder: of each pair the first is bound here and the second by QEMU, and either side
 * may come back alone. Who is there stands in the file `ports` of the folder, read again when it is another one:
 *
 *   KEY NETWORK MAC IPV4 NAME... */
#include "agent.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
    SWITCHED_MAX = 1024,        /* Ports of all networks. Chosen: four networks that are full. */
    FRAME_BYTES = 1518,         /* Ethernet's largest, with a VLAN's tag. User networking has no larger ones. */
    PAUSE_AT = 64,              /* Frames that wait for one end before its other end is read no more. Chosen. */
    WAIT_MAX = 256,             /* Frames that wait before more of them are dropped. Chosen. */
    TURN_FRAMES = 32,           /* Frames of one end before others have their turn. Chosen. */
    TEXT_MAX = 256,
    ETH = 14, IP = 20, UDP = 8, DNS = 12,
    TTL_SECONDS = 5,            /* Of an answer: names come and go. Chosen. */
    HOST = 2, RESOLVER = 3,     /* Last bytes of addresses. Source: QEMU, documentation of -netdev user. */
};

struct frame { struct frame *next; size_t length; uint8_t bytes[]; };
struct end {
    int in, out;                /* bound here; connected to QEMU's, or -1 */
    char name;                  /* 'n' or 'u' */
    struct frame *first, **last;
    size_t waiting;
};
struct port {
    char *line, *key, *network, *names[64];
    size_t name_count;
    uint8_t mac[6], ip[4];
    struct end nic, up;
    bool listed;
};

static struct port *ports[SWITCHED_MAX];
static size_t port_count;
static const char *folder;

/* ---- ends */

static int address_of(struct sockaddr_un *address, const struct port *port, char end)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    int length = snprintf(address->sun_path, sizeof address->sun_path, "%s/%s.%c", folder, port->key, end);
    return length < 0 || (size_t)length >= sizeof address->sun_path ? -1 : 0;
}

static int open_end(struct port *port, struct end *end, char name)
{
    struct sockaddr_un address;
    end->name = name;
    end->out = -1;
    end->last = &end->first;
    end->in = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (end->in < 0 || address_of(&address, port, name) < 0) return -1;
    unlink(address.sun_path);
    return bind(end->in, (struct sockaddr *)&address, sizeof address);
}

static void close_end(struct port *port, struct end *end)
{
    struct sockaddr_un address;
    close_fd(&end->in);
    close_fd(&end->out);
    for (struct frame *next; end->first; end->first = next) {
        next = end->first->next;
        free(end->first);
    }
    if (address_of(&address, port, end->name) == 0) unlink(address.sun_path);
}

/* A QEMU that has come back has another socket of the same name. */
static bool reach(struct port *port, struct end *end)
{
    struct sockaddr_un address;
    if (end->out >= 0) return true;
    end->out = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (end->out < 0 || address_of(&address, port, (char)toupper(end->name)) < 0
            || connect(end->out, (struct sockaddr *)&address, sizeof address) < 0) close_fd(&end->out);
    return end->out >= 0;
}

/* False: it has to wait. What cannot be delivered is lost, as frames are. */
static bool send_now(struct port *port, struct end *end, const uint8_t *bytes, size_t length)
{
    for (int tries = 0; tries < 2 && reach(port, end); tries++) {
        if (send(end->out, bytes, length, MSG_NOSIGNAL) >= 0) return true;
        if (errno == EAGAIN || errno == ENOBUFS) return false;
        close_fd(&end->out);
    }
    return true;
}

static void deliver(struct port *port, struct end *end, const uint8_t *bytes, size_t length)
{
    if (!end->first && send_now(port, end, bytes, length)) return;
    if (end->waiting >= WAIT_MAX) return;
    struct frame *frame = malloc(sizeof *frame + length);
    if (!frame) return;
    *frame = (struct frame){ .length = length };
    memcpy(frame->bytes, bytes, length);
    *end->last = frame;
    end->last = &frame->next;
    end->waiting++;
}

static void deliver_waiting(struct port *port, struct end *end)
{
    while (end->first && send_now(port, end, end->first->bytes, end->first->length)) {
        struct frame *sent = end->first;
        end->first = sent->next;
        end->waiting--;
        free(sent);
    }
    if (!end->first) end->last = &end->first;
}

/* ---- names. Source: RFC 1035 */

static uint16_t be16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static void set16(uint8_t *at, unsigned value) { at[0] = (uint8_t)(value >> 8); at[1] = (uint8_t)value; }

static const struct port *by_ip(const struct port *of, const uint8_t *ip)
{
    for (size_t i = 0; i < port_count; i++) {
        if (strcmp(ports[i]->network, of->network) == 0 && memcmp(ports[i]->ip, ip, 4) == 0) return ports[i];
    }
    return NULL;
}

static const struct port *by_name(const struct port *of, const char *name)
{
    for (size_t i = 0; i < port_count; i++) {
        if (strcmp(ports[i]->network, of->network)) continue;
        for (size_t k = 0; k < ports[i]->name_count; k++) if (strcasecmp(ports[i]->names[k], name) == 0) return ports[i];
    }
    return NULL;
}

/* The question's name as text; where it ends, or 0. */
static size_t question(const uint8_t *dns, size_t length, char *text)
{
    size_t at = DNS, used = 0;
    while (at < length && dns[at]) {
        size_t label = dns[at];
        if (label > 63 || at + 1 + label >= length || used + label + 2 >= TEXT_MAX) return 0;
        if (used) text[used++] = '.';
        for (size_t i = 0; i < label; i++) text[used++] = (char)tolower(dns[at + 1 + i]);
        at += 1 + label;
    }
    text[used] = 0;
    return at + 5 <= length ? at + 1 : 0;
}

enum known { NOT_OURS, NO_SUCH, ADDRESS, NAME };

static enum known look_up(const struct port *port, char *name, unsigned type, uint8_t *ip, char *answer)
{
    unsigned d[4];
    char rest;
    const struct port *found;
    memcpy(ip, port->ip, 3);
    if (sscanf(name, "%3u.%3u.%3u.%3u.in-addr.arp%c", &d[3], &d[2], &d[1], &d[0], &rest) == 5 && rest == 'a') {
        uint8_t asked[4] = { (uint8_t)d[0], (uint8_t)d[1], (uint8_t)d[2], (uint8_t)d[3] };
        if (type != 12 || memcmp(asked, port->ip, 3)) return NOT_OURS;
        if ((found = by_ip(port, asked))) snprintf(answer, TEXT_MAX, "%s.%s", found->names[0], found->network);
        else if (asked[3] == HOST) strcpy(answer, "host.hostal");
        else return NO_SUCH;
        return NAME;
    }
    ip[3] = HOST;
    if (strcmp(name, "host.hostal") == 0) return ADDRESS;
    size_t length = strlen(name), domain = strlen(port->network);
    bool whole = length > domain + 1 && name[length - domain - 1] == '.' && strcasecmp(name + length - domain, port->network) == 0;
    if (whole) name[length - domain - 1] = 0;
    if (!(found = by_name(port, name))) return whole ? NO_SUCH : NOT_OURS;
    memcpy(ip, found->ip, 4);
    return ADDRESS;
}

static size_t put_name(uint8_t *at, const char *name)
{
    uint8_t *begin = at;
    while (*name) {
        size_t label = strcspn(name, ".");
        if (label == 0 || label > 63) return 0;
        *at++ = (uint8_t)label;
        memcpy(at, name, label);
        at += label;
        name += label + (name[label] == '.');
    }
    *at++ = 0;
    return (size_t)(at - begin);
}

static void checksum(uint8_t *ip)
{
    unsigned sum = 0;
    set16(ip + 10, 0);
    for (size_t i = 0; i < IP; i += 2) sum += be16(ip + i);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    set16(ip + 10, ~sum & 0xffff);
}

/* Answers a question for a name of this network, to whom asked; false: it is not one. */
static bool answered(struct port *port, const uint8_t *frame, size_t length)
{
    static uint8_t reply[FRAME_BYTES];
    char name[TEXT_MAX], target[TEXT_MAX];
    const uint8_t *dns = frame + ETH + IP + UDP;
    uint8_t found[4];
    if (length < ETH + IP + UDP + DNS + 5 || frame[ETH] != 0x45 || frame[ETH + 9] != 17) return false;
    if (memcmp(frame + ETH + 16, port->ip, 3) || frame[ETH + 19] != RESOLVER || be16(frame + ETH + IP + 2) != 53) return false;
    size_t size = length - (ETH + IP + UDP);
    if ((dns[2] & 0xf8) || be16(dns + 4) != 1) return false;      /* An answer, or not one plain question. */
    size_t end = question(dns, size, name);
    if (!end || be16(dns + end + 2) != 1) return false;
    unsigned type = be16(dns + end);
    enum known known = look_up(port, name, type, found, target);
    if (known == NOT_OURS) return false;
    memcpy(reply, frame + 6, 6);
    memcpy(reply + 6, frame, 6);
    memcpy(reply + 12, frame + 12, ETH - 12 + IP + UDP);
    uint8_t *ip = reply + ETH, *udp = ip + IP, *out = udp + UDP;
    memcpy(out, dns, end + 4);
    out[2] = (uint8_t)(0x84 | (dns[2] & 1));                    /* An answer, by who must know. */
    out[3] = (uint8_t)(0x80 | (known == NO_SUCH ? 3 : 0));
    bool has = known == NAME || (known == ADDRESS && (type == 1 || type == 255));
    set16(out + 6, has);
    set16(out + 8, 0);
    set16(out + 10, 0);
    uint8_t *at = out + end + 4;
    if (has) {
        set16(at, 0xc000 | DNS);
        set16(at + 2, known == NAME ? 12 : 1);
        set16(at + 4, 1);
        put_u32(at + 6, TTL_SECONDS);
        size_t data = known == NAME ? put_name(at + 12, target) : 4;
        if (known == ADDRESS) memcpy(at + 12, found, 4);
        set16(at + 10, (unsigned)data);
        at += 12 + data;
    }
    set16(udp, 53);
    memcpy(udp + 2, frame + ETH + IP, 2);
    set16(udp + 4, (unsigned)(at - udp));
    set16(udp + 6, 0);                                           /* No checksum, as IPv4 allows. */
    memcpy(ip + 12, frame + ETH + 16, 4);
    memcpy(ip + 16, frame + ETH + 12, 4);
    ip[8] = 64;
    set16(ip + 2, (unsigned)(at - ip));
    set16(ip + 6, 0);
    checksum(ip);
    deliver(port, &port->nic, reply, (size_t)(at - reply));
    return true;
}

/* ---- frames */

static struct port *by_mac(const struct port *of, const uint8_t *mac)
{
    for (size_t i = 0; i < port_count; i++) {
        if (ports[i] != of && strcmp(ports[i]->network, of->network) == 0 && memcmp(ports[i]->mac, mac, 6) == 0) return ports[i];
    }
    return NULL;
}

static bool is_own(const struct port *port, const uint8_t *ip)
{
    static const uint8_t none[4];
    return memcmp(ip, port->ip, 4) == 0 || memcmp(ip, none, 4) == 0;
}

static void from_nic(struct port *port, uint8_t *frame, size_t length)
{
    if (length < ETH || memcmp(frame + 6, port->mac, 6)) return;
    unsigned type = be16(frame + 12);
    struct port *other = by_mac(port, frame);
    if (type == 0x0806) {
        if (length < ETH + 28 || memcmp(frame + 22, port->mac, 6) || !is_own(port, frame + 28)) return;
        const struct port *asked = by_ip(port, frame + 38);
        if (asked == port) return;
        if (asked) other = (struct port *)asked;
    } else if (type == 0x0800) {
        if (length < ETH + IP || !is_own(port, frame + 26)) return;
        if (!other && answered(port, frame, length)) return;
    } else if (type != 0x86dd || other) {
        return;             /* Among machines user networks are of IPv4. */
    }
    if (other) deliver(other, &other->nic, frame, length);
    else deliver(port, &port->up, frame, length);
}

static void read_end(struct port *port, struct end *end, struct end *opposite)
{
    static uint8_t frame[FRAME_BYTES + 1];
    for (int i = 0; i < TURN_FRAMES && opposite->waiting < PAUSE_AT; i++) {
        ssize_t length = recv(end->in, frame, sizeof frame, 0);
        if (length < 0) return;
        if (length > FRAME_BYTES) continue;
        if (end->name == 'n') from_nic(port, frame, (size_t)length);
        else deliver(port, &port->nic, frame, (size_t)length);
    }
}

/* ---- who is there */

static struct port *parse(const char *line)
{
    struct port *port = calloc(1, sizeof *port);
    if (!port || !(port->line = strdup(line))) return NULL;
    char *words = strdup(line), *rest = words, *word;
    port->key = strsep(&rest, " ");
    port->network = strsep(&rest, " ");
    char *mac = strsep(&rest, " "), *ip = strsep(&rest, " ");
    unsigned m[6];
    if (!ip || sscanf(mac, "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) != 6) return NULL;
    for (size_t i = 0; i < 6; i++) port->mac[i] = (uint8_t)m[i];
    if (inet_pton(AF_INET, ip, port->ip) != 1) return NULL;
    while ((word = strsep(&rest, " ")) && port->name_count < sizeof port->names / sizeof *port->names) {
        if (*word) port->names[port->name_count++] = word;
    }
    return port->name_count ? port : NULL;
}

static void add(const char *line)
{
    for (size_t i = 0; i < port_count; i++) {
        if (strcmp(ports[i]->line, line) == 0) {
            ports[i]->listed = true;
            return;
        }
    }
    struct port *port = port_count < SWITCHED_MAX ? parse(line) : NULL;
    if (!port) {
        say("no port: %s", line);
        return;
    }
    /* The same one under another name keeps its sockets. */
    for (size_t i = 0; i < port_count; i++) {
        struct port *before = ports[i];
        if (strcmp(before->key, port->key)) continue;
        port->nic = before->nic;
        port->up = before->up;
        if (!port->nic.first) port->nic.last = &port->nic.first;
        if (!port->up.first) port->up.last = &port->up.first;
        port->listed = true;
        ports[i] = port;                /* What was read of the one before stays: it is some bytes. */
        return;
    }
    port->listed = true;
    if (open_end(port, &port->nic, 'n') < 0 || open_end(port, &port->up, 'u') < 0) say("%s: %s", port->key, strerror(errno));
    ports[port_count++] = port;
}

static void read_ports(void)
{
    char *path = text_of("%s/ports", folder), line[4096];
    FILE *file = fopen(path, "re");
    free(path);
    if (!file) return;
    for (size_t i = 0; i < port_count; i++) ports[i]->listed = false;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (*line) add(line);
    }
    fclose(file);
    for (size_t i = 0; i < port_count;) {
        struct port *port = ports[i];
        if (port->listed) {
            i++;
            continue;
        }
        close_end(port, &port->nic);
        close_end(port, &port->up);
        ports[i] = ports[--port_count];
        free(port->line);
        free(port->key);                /* The words of the line. */
        free(port);
    }
}

/* ---- the loop */

static size_t watch(struct pollfd *fds, struct end *end, struct end *opposite)
{
    fds[0] = (struct pollfd){ .fd = opposite->waiting < PAUSE_AT ? end->in : -1, .events = POLLIN };
    fds[1] = (struct pollfd){ .fd = end->first ? end->out : -1, .events = POLLOUT };
    return 2;
}

int switch_command(const char *where)
{
    static struct pollfd fds[1 + 4 * SWITCHED_MAX];
    char events[4096];
    struct rlimit files;
    folder = where;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (changes < 0 || inotify_add_watch(changes, folder, IN_MOVED_TO) < 0) return fail("%s: %s", folder, strerror(errno));
    read_ports();
    for (;;) {
        size_t count = 1;
        fds[0] = (struct pollfd){ .fd = changes, .events = POLLIN };
        for (size_t i = 0; i < port_count; i++) {
            count += watch(fds + count, &ports[i]->nic, &ports[i]->up);
            count += watch(fds + count, &ports[i]->up, &ports[i]->nic);
        }
        if (poll(fds, count, -1) < 0 && errno != EINTR) return fail("poll: %s", strerror(errno));
        for (size_t i = 0, at = 1; i < port_count; i++, at += 4) {
            struct port *port = ports[i];
            if (fds[at + 1].revents) deliver_waiting(port, &port->nic);
            if (fds[at + 3].revents) deliver_waiting(port, &port->up);
            if (fds[at].revents) read_end(port, &port->nic, &port->up);
            if (fds[at + 2].revents) read_end(port, &port->up, &port->nic);
        }
        if (fds[0].revents) {
            while (read(changes, events, sizeof events) > 0) { }
            read_ports();
        }
    }
}
