package dev.hostal.qmp;

import dev.hostal.json.JsonObject;
import java.nio.file.Path;

/// An end of a network in QEMU, on the host's side. Source: qapi/net.json, Netdev.
public sealed interface Netdev {
    String id();

    /// As members of `netdev_add`.
    JsonObject arguments();

    /// As the value of `-netdev`.
    String option();

    /// A tap that is there.
    record Tap(String id, String ifname) implements Netdev {
        @Override public JsonObject arguments() {
            return typed("tap", id).put("ifname", ifname).put("script", "no").put("downscript", "no");
        }

        @Override public String option() {
            return "tap,id=%s,ifname=%s,script=no,downscript=no".formatted(id, ifname);
        }
    }

    /// QEMU's user networking.
    record User(String id) implements Netdev {
        @Override public JsonObject arguments() {
            return typed("user", id);
        }

        @Override public String option() {
            return "user,id=" + id;
        }
    }

    /// Frames as datagrams of Unix sockets; since QEMU 7.2.
    ///
    /// @param local made by QEMU
    /// @param remote whom it sends to; may come and go
    record Dgram(String id, Path local, Path remote) implements Netdev {
        @Override public JsonObject arguments() {
            return typed("dgram", id).put("local", address(local)).put("remote", address(remote));
        }

        @Override public String option() {
            return "dgram,id=%s,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s".formatted(id, escape(local),
                    escape(remote));
        }

        private static JsonObject address(Path socket) {
            return new JsonObject().put("type", "unix").put("path", socket.toString());
        }

        /// A comma within an option of several values is written twice. Source: util/qemu-option.c.
        private static String escape(Path path) {
            return path.toString().replace(",", ",,");
        }
    }

    /// Joins another end with all that are at the same hub.
    record Hubport(String id, int hub, String netdev) implements Netdev {
        @Override public JsonObject arguments() {
            return typed("hubport", id).put("hubid", hub).put("netdev", netdev);
        }

        @Override public String option() {
            return "hubport,id=%s,hubid=%d,netdev=%s".formatted(id, hub, netdev);
        }
    }

    private static JsonObject typed(String type, String id) {
        return new JsonObject().put("type", type).put("id", id);
    }
}
