/* Addresses and routes, by rtnetlink(7). */
#include "agent.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <netinet/in.h>
#include <sys/socket.h>

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

/* Sends and reads the kernel's verdict; what is so already is no failure. */
static int ask(struct request *r)
{
    union { uint8_t bytes[4096]; struct nlmsghdr header; } answer;
    if (netlink < 0) netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (netlink < 0 || send(netlink, r, r->header.nlmsg_len, 0) < 0) return -1;
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

/* 0 where there is no such NIC. Not by /sys, which may be that of another network. */
static unsigned index_of(const char *mac)
{
    unsigned found = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct if_nameindex *all = if_nameindex();
    for (struct if_nameindex *one = all; fd >= 0 && one && one->if_index && !found; one++) {
        struct ifreq request = { 0 };
        char text[32];
        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", one->if_name);
        if (ioctl(fd, SIOCGIFHWADDR, &request) < 0) continue;
        const uint8_t *m = (const uint8_t *)request.ifr_hwaddr.sa_data;
        snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
        if (strcmp(text, mac) == 0) found = one->if_index;
    }
    if_freenameindex(all);
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

static int remove_address(unsigned index, const struct ifaddrs *one, unsigned prefix)
{
    struct request r;
    int family = one->ifa_addr->sa_family;
    start_request(&r, RTM_DELADDR, 0, sizeof r.body.address);
    r.body.address = (struct ifaddrmsg){ .ifa_family = (uint8_t)family, .ifa_prefixlen = (uint8_t)prefix, .ifa_index = index };
    if (family == AF_INET) add_attribute(&r, IFA_LOCAL, &((struct sockaddr_in *)(void *)one->ifa_addr)->sin_addr, 4);
    else add_attribute(&r, IFA_LOCAL, &((struct sockaddr_in6 *)(void *)one->ifa_addr)->sin6_addr, 16);
    return ask(&r) == 0 || errno == EADDRNOTAVAIL ? 0 : fail("removing an address: %s", strerror(errno));
}

/* Bits of a mask; of an address of six words those of its own. */
static unsigned prefix_of(const struct sockaddr *mask)
{
    const uint8_t *bytes = mask->sa_family == AF_INET ? (const uint8_t *)&((const struct sockaddr_in *)(const void *)mask)->sin_addr
        : (const uint8_t *)&((const struct sockaddr_in6 *)(const void *)mask)->sin6_addr;
    unsigned bits = 0;
    for (size_t i = 0; i < (mask->sa_family == AF_INET ? 4u : 16u); i++) bits += (unsigned)__builtin_popcount(bytes[i]);
    return bits;
}

static bool is_wanted(char **addresses, const struct ifaddrs *one, unsigned prefix)
{
    char address[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 8];
    const void *bytes = one->ifa_addr->sa_family == AF_INET ? (const void *)&((struct sockaddr_in *)(void *)one->ifa_addr)->sin_addr
        : (const void *)&((struct sockaddr_in6 *)(void *)one->ifa_addr)->sin6_addr;
    if (!inet_ntop(one->ifa_addr->sa_family, bytes, address, sizeof address)) return false;
    snprintf(text, sizeof text, "%s/%u", address, prefix);
    for (char **wanted = addresses; *wanted; wanted++) if (strcmp(*wanted, text) == 0) return true;
    return false;
}

/* @param six those of IPv6 too */
static int keep_wanted_addresses(char **addresses, unsigned index, bool six)
{
    struct ifaddrs *all;
    int result = 0;
    if (getifaddrs(&all) < 0) return fail("reading the addresses: %s", strerror(errno));
    for (struct ifaddrs *one = all; one && result == 0; one = one->ifa_next) {
        if (!one->ifa_addr || !one->ifa_netmask || if_nametoindex(one->ifa_name) != index) continue;
        if (one->ifa_addr->sa_family != AF_INET && (!six || one->ifa_addr->sa_family != AF_INET6)) continue;
        unsigned prefix = prefix_of(one->ifa_netmask);
        if (!is_wanted(addresses, one, prefix)) result = remove_address(index, one, prefix);
    }
    freeifaddrs(all);
    return result;
}

/* A NIC that is given no address asks for one. */
static bool asks(const struct nic *nic) { return !nic->addresses[0]; }

/* The NIC of the original becomes that of the copy; link-local addresses of IPv6 come again by themselves. */
static int nic_renew(const struct nic *nic)
{
    bool differs = strcmp(nic->mac, nic->was) != 0;
    if (differs && asks(nic)) dhcp_stop(nic->was);
    if (!differs && !nic->moves) return 0;
    unsigned index = index_of(nic->was);
    if (!index) index = index_of(nic->mac);
    if (!index) return fail("the guest has neither a NIC with the address %s nor one with %s", nic->mac, nic->was);
    if (differs && set_mac(index, nic->mac) < 0) {     /* Some drivers want it down. */
        if (link_set(index, false) < 0 || set_mac(index, nic->mac) < 0 || link_set(index, true) < 0) return fail("giving the NIC %s the address %s: %s", nic->was, nic->mac, strerror(errno));
    }
    return nic->moves || asks(nic) ? keep_wanted_addresses(nic->addresses, index, true) : 0;
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
    int result = keep_wanted_addresses(addresses, index, false);
    for (char **address = addresses; *address && result == 0; address++) result = add_address(index, *address);
    for (char **gateway = gateways; *gateway && result == 0; gateway++) result = add_gateway(index, *gateway, 1000 + index);
    close_fd(&netlink);
    return result;
}

int network_up(const struct configuration *config)
{
    int result = link_up(1) < 0 ? fail("loopback: %s", strerror(errno)) : 0;
    for (size_t i = 0; i < config->nic_count && result == 0; i++) result = nic_up(&config->nics[i]);
    close_fd(&netlink);
    return result == 0 ? ask_for_addresses(config) : result;
}

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
    for (size_t i = 0; i < config->nic_count; i++) if (!index_of(config->nics[i].mac)) return &config->nics[i];
    return NULL;
}

/* Of NICs that went the kernel has forgotten everything by itself. */
int network_change(const struct configuration *config)
{
    int result = 0;
    for (size_t i = 0; i < config->nic_count && result == 0; i++) if (config->nics[i].moves) result = nic_up(&config->nics[i]);
    close_fd(&netlink);
    return result == 0 ? ask_for_addresses(config) : result;
}

/* Link-local addresses of IPv6 are left out: nobody can use one without naming a NIC of his own. */
static const void *address_of(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) return &((const struct sockaddr_in *)address)->sin_addr;
    if (address->sa_family != AF_INET6) return NULL;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
    return IN6_IS_ADDR_LINKLOCAL(v6) ? NULL : v6;
}

/* One address a line, without loopback. */
size_t network_addresses(char *text, size_t size)
{
    struct ifaddrs *all;
    size_t used = 0;
    *text = 0;
    if (getifaddrs(&all) < 0) return 0;
    for (struct ifaddrs *one = all; one; one = one->ifa_next) {
        if (!one->ifa_addr || (one->ifa_flags & IFF_LOOPBACK)) continue;
        int family = one->ifa_addr->sa_family;
        const void *address = address_of(one->ifa_addr);
        char line[INET6_ADDRSTRLEN + 1];
        if (!address || !inet_ntop(family, address, line, sizeof line) || used + strlen(line) + 2 > size) continue;
        used += (size_t)sprintf(text + used, "%s\n", line);
    }
    freeifaddrs(all);
    return used;
}
