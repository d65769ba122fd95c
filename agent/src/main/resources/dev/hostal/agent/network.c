/* Addresses and routes, by rtnetlink(7). */
#include "agent.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum {
    LOOPBACK = 1,               /* of every network namespace */
    INDEXES_ASKED = 32,         /* chosen */
    ADDRESSES_MAX = 1024,       /* chosen: a guest that is a host of containers has hundreds */
};

struct request {
    struct nlmsghdr header;
    union { struct ifinfomsg link; struct ifaddrmsg address; struct rtmsg route; } body;
    uint8_t attributes[128];
};

static int netlink = -1;

static void start_request(struct request *r, uint16_t type, uint16_t flags, size_t body)
{
    memset(r, 0, sizeof *r);
    r->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
    r->header.nlmsg_type = type;
    r->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
}

static void add_attribute(struct request *r, uint16_t type, const void *value, size_t length)
{
    struct rtattr *attribute = (struct rtattr *)((uint8_t *)r + NLMSG_ALIGN(r->header.nlmsg_len));
    attribute->rta_type = type;
    attribute->rta_len = (uint16_t)RTA_LENGTH(length);
    memcpy(RTA_DATA(attribute), value, length);
    r->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(r->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

static bool send_request(const struct request *r)
{
    if (netlink < 0) netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    return netlink >= 0 && send(netlink, r, r->header.nlmsg_len, 0) >= 0;
}

/* Sends and reads the kernel's verdict; what is so already is no failure. */
static int ask(struct request *r)
{
    union { uint8_t bytes[4096]; struct nlmsghdr header; } answer;
    if (!send_request(r)) return -1;
    ssize_t count = recv(netlink, answer.bytes, sizeof answer, 0);
    if (count < (ssize_t)sizeof(struct nlmsghdr) || answer.header.nlmsg_type != NLMSG_ERROR) { errno = EPROTO; return -1; }
    errno = -((struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
    return errno == 0 || errno == EEXIST ? 0 : -1;
}

static int link_set(unsigned index, bool up)
{
    struct request r;
    start_request(&r, RTM_NEWLINK, 0, sizeof r.body.link);
    r.body.link.ifi_index = (int)index;
    r.body.link.ifi_flags = up ? IFF_UP : 0;
    r.body.link.ifi_change = IFF_UP;
    return ask(&r);
}

static int link_up(unsigned index) { return link_set(index, true); }

/* The family, 0 where the text is no address. */
static uint8_t parse_address(const char *text, uint8_t *bytes, size_t *length)
{
    if (inet_pton(AF_INET, text, bytes) == 1) { *length = 4; return AF_INET; }
    if (inet_pton(AF_INET6, text, bytes) == 1) { *length = 16; return AF_INET6; }
    return 0;
}

static int add_address(unsigned index, const char *text)
{
    char address[64];
    uint8_t bytes[16];
    size_t length;
    snprintf(address, sizeof address, "%s", text);
    char *slash = strchr(address, '/');
    if (slash) *slash++ = 0;
    uint8_t family = parse_address(address, bytes, &length);
    long prefix = slash ? strtol(slash, NULL, 10) : -1;
    if (!family || prefix < 0 || prefix > (long)length * 8) return fail("'%s' is not an address with its prefix length", text);
    struct request r;
    start_request(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof r.body.address);
    r.body.address = (struct ifaddrmsg){ .ifa_family = family, .ifa_prefixlen = (uint8_t)prefix, .ifa_index = index,
        .ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0 };        /* Given by the host: nobody else has it. */
    add_attribute(&r, IFA_LOCAL, bytes, length);
    add_attribute(&r, IFA_ADDRESS, bytes, length);
    if (family == AF_INET && prefix < 31) {
        for (long bit = prefix; bit < 32; bit++) bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
        add_attribute(&r, IFA_BROADCAST, bytes, length);
    }
    return ask(&r) == 0 ? 0 : fail("adding the address %s: %s", text, strerror(errno));
}

/* A metric of 0 is the first choice; a route with another one stays beside it. */
static int add_gateway(unsigned index, const char *text, uint32_t metric)
{
    uint8_t bytes[16];
    size_t length;
    uint8_t family = parse_address(text, bytes, &length);
    if (!family) return fail("'%s' is not the address of a gateway", text);
    struct request r;
    start_request(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof r.body.route);      /* of the same metric */
    r.body.route = (struct rtmsg){ .rtm_family = family, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
        .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST };
    add_attribute(&r, RTA_GATEWAY, bytes, length);
    add_attribute(&r, RTA_OIF, &index, sizeof index);
    if (metric) add_attribute(&r, RTA_PRIORITY, &metric, sizeof metric);
    return ask(&r) == 0 ? 0 : fail("adding the route by %s: %s", text, strerror(errno));
}

static bool has_mac(int fd, const char *name, const char *mac)
{
    struct ifreq request = { 0 };
    char text[32];
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(fd, SIOCGIFHWADDR, &request) < 0) return false;
    const uint8_t *m = (const uint8_t *)request.ifr_hwaddr.sa_data;
    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
    return strcmp(text, mac) == 0;
}

/* 0 where there is no such NIC. Not by /sys, which may be that of another network. The kernel's list of all NICs tells much
   of each, which takes an emulated guest 20 ms; those of a young guest have small numbers, and are asked one by one. */
static unsigned index_of(const char *mac)
{
    unsigned found = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (int index = 1; fd >= 0 && index <= INDEXES_ASKED && !found; index++) {
        struct ifreq request = { .ifr_ifindex = index };
        if (ioctl(fd, SIOCGIFNAME, &request) == 0 && has_mac(fd, request.ifr_name, mac)) found = (unsigned)index;
    }
    struct if_nameindex *all = fd >= 0 && !found ? if_nameindex() : NULL;
    for (struct if_nameindex *one = all; one && one->if_index && !found; one++) {
        if (has_mac(fd, one->if_name, mac)) found = one->if_index;
    }
    if (all) if_freenameindex(all);
    close_fd(&fd);
    return found;
}

static int set_mac(unsigned index, const char *text)
{
    struct request r;
    uint8_t mac[6];
    if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) != 6) { errno = EINVAL; return -1; }
    start_request(&r, RTM_NEWLINK, 0, sizeof r.body.link);
    r.body.link.ifi_index = (int)index;
    add_attribute(&r, IFLA_ADDRESS, mac, sizeof mac);
    return ask(&r);
}

/* An address that the guest has. */
struct address { unsigned index, prefix; uint8_t family, bytes[16]; };

static void read_address(struct nlmsghdr *header, struct address *one)
{
    struct ifaddrmsg *about = NLMSG_DATA(header);
    int length = (int)IFA_PAYLOAD(header);
    *one = (struct address){ .index = about->ifa_index, .prefix = about->ifa_prefixlen };
    /* The second is that of the other end where it has one. Source: linux/if_addr.h. */
    for (struct rtattr *a = IFA_RTA(about); RTA_OK(a, length); a = RTA_NEXT(a, length)) {
        if (a->rta_type != IFA_LOCAL && (a->rta_type != IFA_ADDRESS || one->family)) continue;
        if (RTA_PAYLOAD(a) > sizeof one->bytes) continue;
        one->family = about->ifa_family;
        memcpy(one->bytes, RTA_DATA(a), RTA_PAYLOAD(a));
    }
}

/* All of the network namespace that it is called in, until the next call; as many as there is room for. Not by getifaddrs,
   which asks for all NICs, too. */
static const struct address *addresses_now(size_t *count)
{
    static struct address found[ADDRESSES_MAX];
    union { uint8_t bytes[16384]; struct nlmsghdr header; } answer;
    struct request r;
    *count = 0;
    start_request(&r, RTM_GETADDR, NLM_F_DUMP, sizeof r.body.address);
    r.header.nlmsg_flags &= (uint16_t)~NLM_F_ACK;
    if (!send_request(&r)) { fail("reading the addresses: %s", strerror(errno)); return NULL; }
    while (true) {
        ssize_t length = recv(netlink, answer.bytes, sizeof answer, 0);
        if (length <= 0) { fail("reading the addresses: %s", length < 0 ? strerror(errno) : "the kernel said nothing"); return NULL; }
        int left = (int)length;
        for (struct nlmsghdr *one = &answer.header; NLMSG_OK(one, left); one = NLMSG_NEXT(one, left)) {
            if (one->nlmsg_type == NLMSG_DONE) return found;
            if (one->nlmsg_type == NLMSG_ERROR) { fail("reading the addresses: the kernel refused"); return NULL; }
            if (one->nlmsg_type == RTM_NEWADDR && *count < ADDRESSES_MAX) read_address(one, &found[(*count)++]);
        }
    }
}

static int remove_address(const struct address *one)
{
    struct request r;
    start_request(&r, RTM_DELADDR, 0, sizeof r.body.address);
    r.body.address = (struct ifaddrmsg){ .ifa_family = one->family, .ifa_prefixlen = (uint8_t)one->prefix, .ifa_index = one->index };
    add_attribute(&r, IFA_LOCAL, one->bytes, one->family == AF_INET ? 4 : 16);
    return ask(&r) == 0 || errno == EADDRNOTAVAIL ? 0 : fail("removing an address: %s", strerror(errno));
}

static bool is_wanted(char **addresses, const struct address *one)
{
    char address[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 8];
    if (!inet_ntop(one->family, one->bytes, address, sizeof address)) return false;
    snprintf(text, sizeof text, "%s/%u", address, one->prefix);
    for (char **wanted = addresses; *wanted; wanted++) if (strcmp(*wanted, text) == 0) return true;
    return false;
}

static bool is_link_local(const struct address *one)
{
    return one->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)(const void *)one->bytes);
}

/* The kernel makes none when a NIC that is up gets another MAC. Source: RFC 4291, appendix A. */
static int add_link_local(unsigned index, const char *mac)
{
    unsigned b[6];
    char text[48];
    if (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6) return 0;
    snprintf(text, sizeof text, "fe80::%02x%02x:%02xff:fe%02x:%02x%02x/64", b[0] ^ 2, b[1], b[2], b[3], b[4], b[5]);
    return add_address(index, text);
}

/* @param six those of IPv6 too
 * @param mac to make the link-local address of, where there is one; NULL: that stays */
static int keep_wanted_addresses(char **addresses, unsigned index, bool six, const char *mac)
{
    size_t count;
    bool local = false;
    const struct address *all = addresses_now(&count);
    if (!all) return -1;
    for (size_t i = 0; i < count; i++) {
        const struct address *one = &all[i];
        if (one->index != index || (one->family != AF_INET && (!six || one->family != AF_INET6))) continue;
        if (is_wanted(addresses, one) || (is_link_local(one) && !mac)) continue;
        if (remove_address(one) < 0) return -1;
        local |= is_link_local(one);
    }
    return local ? add_link_local(index, mac) : 0;
}

/* A NIC that is given no address asks for one. */
static bool asks(const struct nic *nic) { return !nic->addresses[0]; }

/* The NIC of the original becomes that of the copy, or that of the same guest later. */
static int nic_renew(const struct nic *nic)
{
    bool differs = strcmp(nic->mac, nic->was) != 0;
    if (!differs && !nic->moves) return 0;
    if (differs || !asks(nic)) dhcp_stop(nic->was);
    unsigned index = index_of(nic->was);
    if (!index) index = index_of(nic->mac);
    if (!index) return fail("the guest has neither a NIC with the address %s nor one with %s", nic->mac, nic->was);
    if (differs && set_mac(index, nic->mac) < 0) {     /* Some drivers want it down. */
        if (link_set(index, false) < 0 || set_mac(index, nic->mac) < 0 || link_set(index, true) < 0) return fail("giving the NIC %s the address %s: %s", nic->was, nic->mac, strerror(errno));
    }
    return keep_wanted_addresses(nic->addresses, index, true, differs ? nic->mac : NULL);
}

static int nic_up(const struct nic *nic)
{
    unsigned index = index_of(nic->mac);
    if (!index) return fail("the guest has no NIC with the address %s", nic->mac);
    if (link_up(index) < 0) return fail("the NIC %s: %s", nic->mac, strerror(errno));
    for (char **address = nic->addresses; *address; address++) if (add_address(index, *address) < 0) return -1;
    for (char **gateway = nic->gateways; *gateway; gateway++) if (add_gateway(index, *gateway, 0) < 0) return -1;
    return 0;
}

/* After netlink is closed: a lease is kept by a process of its own. */
static int ask_for_addresses(const struct configuration *config)
{
    bool named = false;
    for (size_t i = 0; i < config->nic_count; i++) named |= config->nics[i].dns[0] != NULL;
    for (size_t i = 0; i < config->nic_count; i++) {
        const struct nic *nic = &config->nics[i];
        if (asks(nic) && dhcp_start(nic->mac, index_of(nic->mac), config->hostname, !named) < 0) return -1;
    }
    return 0;
}

int network_lease(unsigned index, char **addresses, char **gateways)
{
    int result = keep_wanted_addresses(addresses, index, false, NULL);
    for (char **address = addresses; *address && result == 0; address++) result = add_address(index, *address);
    for (char **gateway = gateways; *gateway && result == 0; gateway++) result = add_gateway(index, *gateway, 1000 + index);
    close_fd(&netlink);
    return result;
}

int network_up(const struct configuration *config)
{
    int result = link_up(LOOPBACK) < 0 ? fail("loopback: %s", strerror(errno)) : 0;
    for (size_t i = 0; i < config->nic_count && result == 0; i++) result = nic_up(&config->nics[i]);
    close_fd(&netlink);
    return result == 0 ? ask_for_addresses(config) : result;
}

/* Of NICs that went the kernel has forgotten everything by itself. */
int network_renew(const struct configuration *config)
{
    int result = 0;
    for (size_t i = 0; i < config->nic_count && result == 0; i++) {
        result = nic_renew(&config->nics[i]);
        if (result == 0 && config->nics[i].moves) result = nic_up(&config->nics[i]);
    }
    close_fd(&netlink);
    return result == 0 ? ask_for_addresses(config) : result;
}

/* The first NIC that the kernel does not have (yet); NULL where it has all. */
const struct nic *network_missing(const struct configuration *config)
{
    for (size_t i = 0; i < config->nic_count; i++) {
        const struct nic *nic = &config->nics[i];
        if (!index_of(nic->mac) && !index_of(nic->was)) return nic;
    }
    return NULL;
}

/* One address a line, without loopback, and without link-local ones of IPv6: nobody can use one without naming a NIC of his
   own. */
size_t network_addresses(char *text, size_t size)
{
    size_t count, used = 0;
    const struct address *all = addresses_now(&count);
    *text = 0;
    if (!all) say("%s", problem);
    close_fd(&netlink);
    for (size_t i = 0; all && i < count; i++) {
        char line[INET6_ADDRSTRLEN + 1];
        if (all[i].index == LOOPBACK || is_link_local(&all[i])) continue;
        if (!inet_ntop(all[i].family, all[i].bytes, line, sizeof line) || used + strlen(line) + 2 > size) continue;
        used += (size_t)sprintf(text + used, "%s\n", line);
    }
    return used;
}
