/* A client of DHCP for NICs that are given no address: one process each, that keeps the lease. Source: RFC 2131, RFC 2132.
 *
 * It speaks through a packet socket, because IP takes no answer at a NIC without an address where routes back are checked. A
 * lease is renewed by asking everybody, as RFC 2131, 4.4.5 has it for the second half of its time. */
#include "agent.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>

enum {
    CLIENT_PORT = 68, SERVER_PORT = 67, COOKIE = 0x63825363, OPTIONS = 312,
    DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK,
    ANSWER_MILLIS = 1000, ANSWER_MILLIS_MAX = 64000,
    FIRST_LEASE_MILLIS = 5000,      /* The start of the guest waits so long for its address, and goes on without. */
    LOOK_SECONDS = 30,              /* A guest that slept with its machine finds its clock set forward. */
    LEASE_SECONDS_MIN = 60, LEASE_SECONDS_USUAL = 3600,
};

struct message {
    uint8_t op, htype, hlen, hops;
    uint32_t xid;
    uint16_t secs, flags;
    uint32_t ciaddr, yiaddr, siaddr, giaddr;
    uint8_t chaddr[16], sname[64], file[128];
    uint32_t cookie;
    uint8_t options[OPTIONS];
} __attribute__((packed));

struct packet { struct iphdr ip; struct udphdr udp; struct message message; } __attribute__((packed));

struct lease { uint32_t address, mask, router, server, seconds; uint32_t dns[3]; size_t dns_count; char domain[256]; };

static struct { pid_t pid; char mac[18]; } clients[NICS_MAX];

static const char *hostname;
static uint8_t mac[6];
static unsigned index_of_nic;
static int packets = -1;
static uint32_t xid;

static uint16_t checksum(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < length; i += 2) sum += (uint32_t)(at[i] << 8 | at[i + 1]);
    if (length % 2) sum += (uint32_t)(at[length - 1] << 8);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static uint8_t *put_option(uint8_t *at, uint8_t code, const void *value, size_t length)
{
    *at++ = code;
    *at++ = (uint8_t)length;
    memcpy(at, value, length);
    return at + length;
}

/* A checksum of UDP is no duty in IPv4, and 0 says that there is none. */
static int tell(uint8_t type, const struct lease *lease, bool renewing)
{
    static const uint8_t wanted[] = { 1, 3, 6, 15, 51, 54 };
    struct packet p = { 0 };
    struct message *m = &p.message;
    uint8_t id[7] = { 1 }, *at = m->options;
    size_t name = strlen(hostname);
    m->op = m->htype = 1;
    m->hlen = 6;
    m->xid = xid;
    m->flags = htons(0x8000);
    m->cookie = htonl(COOKIE);
    memcpy(m->chaddr, mac, 6);
    memcpy(id + 1, mac, 6);
    at = put_option(at, 53, &type, 1);
    at = put_option(at, 61, id, sizeof id);
    at = put_option(at, 12, hostname, name < 64 ? name : 63);
    at = put_option(at, 55, wanted, sizeof wanted);
    if (renewing) m->ciaddr = lease->address;
    else if (type == REQUEST) {
        at = put_option(at, 50, &lease->address, 4);
        at = put_option(at, 54, &lease->server, 4);
    }
    *at = 255;
    p.ip = (struct iphdr){ .version = 4, .ihl = 5, .tot_len = htons(sizeof p), .ttl = 64, .protocol = IPPROTO_UDP,
        .saddr = renewing ? lease->address : 0, .daddr = INADDR_BROADCAST };
    p.ip.check = checksum(&p.ip, sizeof p.ip);
    p.udp = (struct udphdr){ .source = htons(CLIENT_PORT), .dest = htons(SERVER_PORT), .len = htons(sizeof p - sizeof p.ip) };
    struct sockaddr_ll everybody = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)index_of_nic,
        .sll_halen = 6, .sll_addr = { 255, 255, 255, 255, 255, 255 } };
    return sendto(packets, &p, sizeof p, 0, (struct sockaddr *)&everybody, sizeof everybody) < 0 ? -1 : 0;
}

/* The type of an answer to us with what it says; 0 where it is none. */
static uint8_t read_answer(const uint8_t *bytes, size_t count, struct lease *lease)
{
    struct iphdr ip;
    struct udphdr udp;
    struct message m = { 0 };
    if (count < sizeof ip + sizeof udp) return 0;
    memcpy(&ip, bytes, sizeof ip);
    size_t header = ip.ihl * 4u;
    if (ip.version != 4 || ip.protocol != IPPROTO_UDP || header < sizeof ip || count < header + sizeof udp + offsetof(struct message, options)) return 0;
    memcpy(&udp, bytes + header, sizeof udp);
    if (udp.dest != htons(CLIENT_PORT)) return 0;
    size_t length = count - header - sizeof udp;
    if (length > sizeof m) length = sizeof m;
    memcpy(&m, bytes + header + sizeof udp, length);
    if (m.op != 2 || m.xid != xid || m.cookie != htonl(COOKIE) || memcmp(m.chaddr, mac, 6) != 0) return 0;
    uint8_t type = 0;
    *lease = (struct lease){ .address = m.yiaddr, .seconds = LEASE_SECONDS_USUAL };
    for (size_t at = 0, end = length - offsetof(struct message, options); at < end && m.options[at] != 255;) {
        uint8_t code = m.options[at++];
        if (code == 0) continue;
        if (at >= end || at + 1u + m.options[at] > end) break;
        uint8_t size = m.options[at++];
        const uint8_t *value = m.options + at;
        if (code == 53 && size == 1) type = *value;
        if (code == 1 && size == 4) memcpy(&lease->mask, value, 4);
        if (code == 3 && size >= 4) memcpy(&lease->router, value, 4);
        if (code == 54 && size == 4) memcpy(&lease->server, value, 4);
        if (code == 51 && size == 4) { memcpy(&lease->seconds, value, 4); lease->seconds = ntohl(lease->seconds); }
        for (uint8_t i = 0; code == 6 && i + 4 <= size && lease->dns_count < 3; i = (uint8_t)(i + 4)) memcpy(&lease->dns[lease->dns_count++], value + i, 4);
        if (code == 15) snprintf(lease->domain, sizeof lease->domain, "%.*s", size, (const char *)value);
        at += size;
    }
    if (strspn(lease->domain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != strlen(lease->domain)) lease->domain[0] = 0;
    if (lease->seconds < LEASE_SECONDS_MIN) lease->seconds = LEASE_SECONDS_MIN;
    return type;
}

/* The type of the first answer that is one of two; 0 where none came in time. */
static uint8_t hear(uint8_t one, uint8_t other, int millis, struct lease *lease)
{
    uint64_t until = now_millis() + (uint64_t)millis;
    for (uint64_t now; (now = now_millis()) < until;) {
        uint8_t bytes[2048];
        struct pollfd readable = { .fd = packets, .events = POLLIN };
        if (poll(&readable, 1, (int)(until - now)) <= 0) continue;
        ssize_t count = recv(packets, bytes, sizeof bytes, 0);
        uint8_t type = count > 0 ? read_answer(bytes, (size_t)count, lease) : 0;
        if (type && (type == one || type == other)) return type;
    }
    return 0;
}

static bool obtain(struct lease *lease, int millis)
{
    struct lease offered;
    if (tell(DISCOVER, NULL, false) < 0 || !hear(OFFER, OFFER, millis, &offered) || !offered.address) return false;
    return tell(REQUEST, &offered, false) == 0 && hear(ACK, NAK, millis, lease) == ACK && lease->address;
}

static bool renew_lease(struct lease *lease)
{
    struct lease answer;
    if (tell(REQUEST, lease, true) < 0 || hear(ACK, NAK, ANSWER_MILLIS * 4, &answer) != ACK || !answer.address) return false;
    *lease = answer;
    return true;
}

static void take(const struct lease *lease, bool names)
{
    char address[32], gateway[16] = "", text[512] = "";
    char *addresses[] = { address, NULL }, *gateways[] = { gateway, NULL };
    unsigned prefix = lease->mask ? (unsigned)__builtin_popcount(lease->mask) : 24;
    snprintf(address, sizeof address, "%s/%u", inet_ntoa((struct in_addr){ lease->address }), prefix);
    if (lease->router) snprintf(gateway, sizeof gateway, "%s", inet_ntoa((struct in_addr){ lease->router }));
    else gateways[0] = NULL;
    if (network_lease(index_of_nic, addresses, gateways) < 0) say("%s", problem);
    if (!names || !lease->dns_count) return;
    if (*lease->domain) snprintf(text, sizeof text, "search %s\n", lease->domain);
    for (size_t i = 0; i < lease->dns_count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "nameserver %s\n", inet_ntoa((struct in_addr){ lease->dns[i] }));
    }
    if (write_resolver(text) < 0) say("%s", problem);
}

static void drop(void)
{
    char *none[] = { NULL };
    if (network_lease(index_of_nic, none, none) < 0) say("%s", problem);
}

static bool is_there(void) { char name[IF_NAMESIZE]; return if_indextoname(index_of_nic, name) != NULL; }

/* Until the NIC is gone. A byte goes to `told` once there is an address. */
static _Noreturn void keep(bool names, int told)
{
    struct lease lease = { 0 };
    int patience = ANSWER_MILLIS;
    while (is_there()) {
        if (!obtain(&lease, patience)) {
            if (patience < ANSWER_MILLIS_MAX) patience *= 2;
            continue;
        }
        take(&lease, names);
        if (told >= 0 && write(told, "", 1) < 0) say("telling of a lease: %s", strerror(errno));
        close_fd(&told);
        time_t since = time(NULL);
        for (bool held = true; held && is_there();) {
            sleep(LOOK_SECONDS);
            time_t now = time(NULL);
            if (now < since) since = now;
            if (now - since < (time_t)(lease.seconds / 2)) continue;
            if (renew_lease(&lease)) { since = time(NULL); take(&lease, names); }
            else held = time(NULL) - since < (time_t)lease.seconds;
        }
        if (is_there()) drop();
        patience = ANSWER_MILLIS;
    }
    _exit(0);
}

static size_t place_of(const char *text)
{
    size_t place = 0;
    while (place < NICS_MAX && strcmp(clients[place].mac, text) != 0) place++;
    return place;
}

void dhcp_stop(const char *text)
{
    size_t place = place_of(text);
    if (place == NICS_MAX) return;
    kill(clients[place].pid, SIGKILL);
    clients[place].mac[0] = 0;
}

bool dhcp_ended(pid_t pid)
{
    for (size_t place = 0; place < NICS_MAX; place++) {
        if (clients[place].pid != pid) continue;
        clients[place].pid = 0;
        clients[place].mac[0] = 0;
        return true;
    }
    return false;
}

static bool read_mac(const char *text, uint8_t *bytes)
{
    return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5]) == 6;
}

static _Noreturn void be_client(int fd, int told, unsigned index, const char *name, bool names)
{
    sigset_t no_signals;
    close_others_but(fd, told);
    sigemptyset(&no_signals);
    sigprocmask(SIG_SETMASK, &no_signals, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    packets = fd;
    hostname = name;
    index_of_nic = index;
    if (getrandom(&xid, sizeof xid, GRND_NONBLOCK) != (ssize_t)sizeof xid) xid = (uint32_t)now_millis() ^ (uint32_t)(mac[3] << 16 | mac[4] << 8 | mac[5]);
    keep(names, told);
}

/* Where a process keeps the lease of that NIC already, nothing happens. */
int dhcp_start(const char *text, unsigned index, const char *name, bool names)
{
    int told[2];
    if (place_of(text) < NICS_MAX) return 0;
    size_t place = place_of("");
    if (place == NICS_MAX || !read_mac(text, mac)) return fail("no lease can be kept for the NIC %s", text);
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP));
    struct sockaddr_ll here = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)index };
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) < 0 || pipe2(told, O_CLOEXEC) < 0) {
        fail("asking for an address: %s", strerror(errno));
        close_fd(&fd);
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) be_client(fd, told[1], index, name, names);
    close(fd);
    close(told[1]);
    if (pid > 0) {
        clients[place].pid = pid;
        snprintf(clients[place].mac, sizeof clients[place].mac, "%s", text);
        struct pollfd leased = { .fd = told[0], .events = POLLIN };
        if (poll(&leased, 1, FIRST_LEASE_MILLIS) == 0) say("nobody has given the NIC %s an address yet", text);
    }
    close(told[0]);
    return pid < 0 ? fail("a process: %s", strerror(errno)) : 0;
}
