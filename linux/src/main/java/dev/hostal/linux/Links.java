package dev.hostal.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Network interfaces, their addresses and routes, of the network namespace in which this was opened. Any thread may
/// ask. Source: rtnetlink(7), linux/if_link.h.
public final class Links implements AutoCloseable {
    private static final int NEWLINK = 16;
    private static final int DELLINK = 17;
    private static final int GETLINK = 18;
    private static final int SETLINK = 19;
    private static final int NEWADDR = 20;
    private static final int GETADDR = 22;
    private static final int NEWROUTE = 24;
    private static final int GETROUTE = 26;
    private static final int ROUTE_MAIN = 254;
    private static final int IFF_UP = 1;
    private static final int O_RDONLY = 0;
    private static final int EEXIST = 17;
    private static final int ENODEV = 19;

    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_PROTINFO = 12;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_STATS64 = 23;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int VETH_INFO_PEER = 1;
    private static final int IFLA_BR_FORWARD_DELAY = 1;
    private static final int IFLA_BR_NF_CALL_IPTABLES = 36;
    private static final int IFLA_BR_NF_CALL_IP6TABLES = 37;
    private static final int IFLA_BR_MCAST_SNOOPING = 23;
    private static final int IFLA_BRPORT_MODE = 4;
    private static final int IFLA_BRPORT_ISOLATED = 33;
    private static final int IFLA_MACVLAN_MODE = 1;
    private static final int MACVLAN_MODE_BRIDGE = 4;
    private static final int AF_BRIDGE = 7;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_F_NODAD = 2;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int ADDRESS_BYTES = 8;
    private static final int ROUTE_BYTES = 12;

    private final Netlink netlink;

    private Links(Netlink netlink) {
        this.netlink = netlink;
    }

    public static Links open() throws IOException {
        return new Links(Netlink.open(Netlink.ROUTE));
    }

    /// An address with the length of its prefix, such as an interface's or a route's.
    public record Prefix(InetAddress address, int length, int link) {}

    public List<Link> list() throws IOException {
        var found = new ArrayList<Link>();
        for (var answer : netlink.ask(new NetlinkMessage(GETLINK, Netlink.DUMP).link(0, 0, 0, 0), "listing interfaces")) {
            found.add(link(answer));
        }
        return found;
    }

    public Optional<Link> find(String name) throws IOException {
        try {
            var answers = netlink.ask(new NetlinkMessage(GETLINK, Netlink.ACK).link(0, 0, 0, 0).put(IFLA_IFNAME, name),
                    "finding the interface " + name);
            return answers.stream().findFirst().map(Links::link);
        } catch (Netlink.Refused e) {
            if (e.errno() == ENODEV) return Optional.empty();
            throw e;
        }
    }

    /// Makes a bridge that is up.
    public void addBridge(String name, byte[] mac, int mtu) throws IOException {
        var message = create().put(IFLA_IFNAME, name).put(IFLA_ADDRESS, mac).put(IFLA_MTU, mtu);
        int info = message.begin(IFLA_LINKINFO);
        message.put(IFLA_INFO_KIND, "bridge");
        int data = message.begin(IFLA_INFO_DATA);
        message.put(IFLA_BR_FORWARD_DELAY, 0).putByte(IFLA_BR_MCAST_SNOOPING, 0);
        message.end(data).end(info);
        netlink.change(message, "making the bridge " + name);
    }

    /// Makes an interface that frames are only led through. Source: Documentation/networking/ifb.
    public void addIfb(String name) throws IOException {
        var message = create().put(IFLA_IFNAME, name);
        int info = message.begin(IFLA_LINKINFO);
        netlink.change(message.put(IFLA_INFO_KIND, "ifb").end(info), "making the interface " + name);
    }

    /// Lets frames that stay within a bridge pass the packet filter of IP, or not. Where the kernel has no such filter
    /// (`br_netfilter`), that is refused.
    public void filterFrames(int bridge, boolean filter) throws IOException {
        var message = new NetlinkMessage(NEWLINK, Netlink.ACK).link(0, bridge, 0, 0);
        int info = message.begin(IFLA_LINKINFO);
        message.put(IFLA_INFO_KIND, "bridge");
        int data = message.begin(IFLA_INFO_DATA);
        message.putByte(IFLA_BR_NF_CALL_IPTABLES, filter ? 1 : 0).putByte(IFLA_BR_NF_CALL_IP6TABLES, filter ? 1 : 0);
        netlink.change(message.end(data).end(info), "making a bridge's frames pass the packet filter");
    }

    /// The other end of a virtual cable.
    ///
    /// @param namespace file that stands for the network namespace in which it is
    public record Peer(String name, byte[] mac, Path namespace) {}

    /// Makes a virtual cable with one end at a bridge (given by its index, 0 for none). That end is up; the peer cannot
    /// be before the cable is there, and is taken up by whoever gives it addresses.
    public void addVeth(String name, int bridge, int mtu, Peer peer) throws IOException {
        try (var namespace = Descriptor.open(peer.namespace(), O_RDONLY)) {
            netlink.change(veth(name, bridge, mtu, peer, namespace), "making the interface " + name);
        }
    }

    private static NetlinkMessage veth(String name, int bridge, int mtu, Peer peer, Descriptor namespace) {
        var message = create().put(IFLA_IFNAME, name).put(IFLA_MTU, mtu);
        if (bridge != 0) message.put(IFLA_MASTER, bridge);
        int info = message.begin(IFLA_LINKINFO);
        message.put(IFLA_INFO_KIND, "veth");
        int data = message.begin(IFLA_INFO_DATA);
        int end = message.begin(VETH_INFO_PEER);
        message.link(0, 0, 0, 0).put(IFLA_IFNAME, peer.name()).put(IFLA_ADDRESS, peer.mac())
                .put(IFLA_MTU, mtu).put(IFLA_NET_NS_FD, namespace.number());
        return message.end(end).end(data).end(info);
    }

    /// Makes an interface with an address of its own on another one, in this network namespace or another.
    ///
    /// @param kind `macvlan` or `macvtap`
    public void addMacvlan(String kind, String name, int parent, byte[] mac, int mtu, Optional<Path> namespace)
            throws IOException {
        var message = create().put(IFLA_IFNAME, name).put(IFLA_ADDRESS, mac).put(IFLA_MTU, mtu).put(IFLA_LINK, parent);
        if (namespace.isEmpty()) {
            netlink.change(macvlan(message, kind), "making the interface " + name);
            return;
        }
        try (var other = Descriptor.open(namespace.get(), O_RDONLY)) {
            netlink.change(macvlan(message.put(IFLA_NET_NS_FD, other.number()), kind), "making the interface " + name);
        }
    }

    private static NetlinkMessage macvlan(NetlinkMessage message, String kind) {
        int info = message.begin(IFLA_LINKINFO);
        message.put(IFLA_INFO_KIND, kind);
        int data = message.begin(IFLA_INFO_DATA);
        message.put(IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
        return message.end(data).end(info);
    }

    /// Puts an interface to a bridge and takes it up.
    public void join(int link, int bridge, int mtu) throws IOException {
        var message = new NetlinkMessage(SETLINK, Netlink.ACK).link(0, link, IFF_UP, IFF_UP).put(IFLA_MTU, mtu)
                .put(IFLA_MASTER, bridge);
        netlink.change(message, "putting an interface to a bridge");
    }

    public void up(int link) throws IOException {
        netlink.change(new NetlinkMessage(SETLINK, Netlink.ACK).link(0, link, IFF_UP, IFF_UP), "taking an interface up");
    }

    /// Sets what a port of a bridge may do.
    ///
    /// @param isolated it reaches no other isolated port
    /// @param hairpin what it sends may come back to it
    public void port(int link, boolean isolated, boolean hairpin) throws IOException {
        var message = new NetlinkMessage(SETLINK, Netlink.ACK).link(AF_BRIDGE, link, 0, 0);
        int info = message.begin(IFLA_PROTINFO);
        message.putByte(IFLA_BRPORT_ISOLATED, isolated ? 1 : 0).putByte(IFLA_BRPORT_MODE, hairpin ? 1 : 0);
        netlink.change(message.end(info), "setting a bridge's port");
    }

    /// Afterwards there is no interface of that name.
    public void ensureAbsent(String name) throws IOException {
        try {
            netlink.change(new NetlinkMessage(DELLINK, Netlink.ACK).link(0, 0, 0, 0).put(IFLA_IFNAME, name),
                    "removing the interface " + name);
        } catch (Netlink.Refused e) {
            if (e.errno() != ENODEV) throw e;
        }
    }

    /// Afterwards the interface has that address.
    public void ensureAddress(int link, InetAddress address, int prefix) throws IOException {
        var bytes = address.getAddress();
        var message = new NetlinkMessage(NEWADDR, Netlink.ACK | Netlink.CREATE)
                .address(bytes.length == 4 ? AF_INET : AF_INET6, prefix, bytes.length == 4 ? 0 : IFA_F_NODAD, link)
                .put(IFA_LOCAL, bytes).put(IFA_ADDRESS, bytes);
        try {
            netlink.change(message, "giving an interface the address " + address.getHostAddress());
        } catch (Netlink.Refused e) {
            if (e.errno() != EEXIST) throw e;
        }
    }

    /// Afterwards the default route of that family leads there.
    public void ensureGateway(int link, InetAddress gateway) throws IOException {
        var bytes = gateway.getAddress();
        netlink.change(new NetlinkMessage(NEWROUTE, Netlink.ACK | Netlink.CREATE | Netlink.REPLACE)
                .route(bytes.length == 4 ? AF_INET : AF_INET6, ROUTE_MAIN).put(RTA_GATEWAY, bytes).put(RTA_OIF, link),
                "setting the default route to " + gateway.getHostAddress());
    }

    public List<Prefix> addresses() throws IOException {
        return prefixes(new NetlinkMessage(GETADDR, Netlink.DUMP).address(0, 0, 0, 0), ADDRESS_BYTES, IFA_ADDRESS);
    }

    /// Where the host's routes lead, the default routes left out.
    public List<Prefix> routes() throws IOException {
        var routes = new ArrayList<Prefix>();
        for (int family : new int[] {AF_INET, AF_INET6}) {
            routes.addAll(prefixes(new NetlinkMessage(GETROUTE, Netlink.DUMP).route(family), ROUTE_BYTES, RTA_DST));
        }
        return routes;
    }

    /// Whether that refusal means that an interface of the name is there already.
    public static boolean isThereAlready(IOException e) {
        return e instanceof Netlink.Refused refused && refused.errno() == EEXIST;
    }

    public static byte[] mac(String text) {
        return HexFormat.ofDelimiter(":").parseHex(text);
    }

    @Override public void close() {
        netlink.close();
    }

    private static NetlinkMessage create() {
        return new NetlinkMessage(NEWLINK, Netlink.ACK | Netlink.CREATE | Netlink.EXCLUSIVE).link(0, 0, IFF_UP, IFF_UP);
    }

    private static Link link(ByteBuffer answer) {
        answer.position(4);
        int index = answer.getInt();
        boolean up = (answer.getInt() & IFF_UP) != 0;
        answer.position(16);
        var name = "";
        var kind = "";
        var mac = "";
        int mtu = 0;
        int master = 0;
        Optional<Integer> peer = Optional.empty();
        var received = Link.Counters.NONE;
        var sent = Link.Counters.NONE;
        for (var attribute = next(answer); attribute.isPresent(); attribute = next(answer)) {
            var value = attribute.get().value();
            switch (attribute.get().type()) {
                case IFLA_IFNAME -> name = text(value);
                case IFLA_ADDRESS -> mac = HexFormat.ofDelimiter(":").formatHex(bytes(value));
                case IFLA_MTU -> mtu = value.getInt();
                case IFLA_MASTER -> master = value.getInt();
                case IFLA_LINK -> peer = Optional.of(value.getInt());
                case IFLA_LINKINFO -> kind = kind(value);
                case IFLA_STATS64 -> {
                    received = new Link.Counters(value.getLong(16), value.getLong(0), value.getLong(48));
                    sent = new Link.Counters(value.getLong(24), value.getLong(8), value.getLong(56));
                }
                default -> { /* Of no interest. */ }
            }
        }
        return new Link(index, name, kind, mac, mtu, up, master, peer, received, sent);
    }

    private static String kind(ByteBuffer info) {
        for (var attribute = next(info); attribute.isPresent(); attribute = next(info)) {
            if (attribute.get().type() == IFLA_INFO_KIND) return text(attribute.get().value());
        }
        return "";
    }

    private List<Prefix> prefixes(NetlinkMessage question, int fixed, int wanted) throws IOException {
        var found = new ArrayList<Prefix>();
        for (var answer : netlink.ask(question, "listing addresses")) {
            int length = answer.get(1) & 0xff;
            // Of an address it stands in the fixed part, of a route in an attribute.
            int link = fixed == ADDRESS_BYTES ? answer.getInt(4) : 0;
            Optional<InetAddress> address = Optional.empty();
            answer.position(fixed);
            for (var attribute = next(answer); attribute.isPresent(); attribute = next(answer)) {
                var value = attribute.get().value();
                if (attribute.get().type() == wanted) address = Optional.of(InetAddress.getByAddress(bytes(value)));
                if (fixed != ADDRESS_BYTES && attribute.get().type() == RTA_OIF) link = value.getInt();
            }
            if (address.isPresent()) found.add(new Prefix(address.get(), length, link));
        }
        return found;
    }

    private record Attribute(int type, ByteBuffer value) {}

    private static Optional<Attribute> next(ByteBuffer from) {
        if (from.remaining() < 4) return Optional.empty();
        int start = from.position();
        int length = from.getShort() & 0xffff;
        int type = from.getShort() & 0x3fff;
        if (length < 4 || start + length > from.limit()) return Optional.empty();
        var value = from.slice(start + 4, length - 4).order(ByteOrder.nativeOrder());
        from.position(Math.min(from.limit(), start + (length + 3 & ~3)));
        return Optional.of(new Attribute(type, value));
    }

    private static byte[] bytes(ByteBuffer value) {
        var copy = new byte[value.remaining()];
        value.get(value.position(), copy);
        return copy;
    }

    private static String text(ByteBuffer value) {
        var copy = bytes(value);
        int end = copy.length > 0 && copy[copy.length - 1] == 0 ? copy.length - 1 : copy.length;
        return new String(copy, 0, end, UTF_8);
    }
}
