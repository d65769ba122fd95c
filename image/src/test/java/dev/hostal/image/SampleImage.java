package dev.hostal.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/// An image of three layers with everything in it that is hard to carry, made by umoci and GNU tar.
final class SampleImage {
    final Path layout;

    SampleImage(Path folder) throws IOException, InterruptedException {
        layout = folder.resolve("sample");
        Tools.run("umoci", "init", "--layout", layout.toString());
        Tools.run("umoci", "new", "--image", layout + ":app");
        addFirst(folder.resolve("first"));
        addSecond(folder.resolve("second"));
        // A layer that holds nothing, as some builders write for steps that only change the config.
        var empty = new Tars().toBytes();
        add(Files.write(folder.resolve("empty.tar"), empty));
        Tools.run("umoci", "config", "--image", layout + ":app", "--config.entrypoint", "/bin/tool", "--config.user",
                "7", "--config.env", "PATH=/bin", "--config.label", "who=test", "--architecture", "amd64");
    }

    String name() {
        return "oci:" + layout + ":app";
    }

    /// The whole tree as umoci unpacks it, as a tar.
    byte[] unpacked(Path folder) throws IOException, InterruptedException {
        Tools.run("umoci", "unpack", "--image", layout + ":app", folder.toString());
        return Tools.run("tar", "-C", folder.resolve("rootfs").toString(), "--format=posix", "--xattrs",
                "--xattrs-include=*", "--numeric-owner", "--sort=name", "-c", ".");
    }

    private void addFirst(Path root) throws IOException, InterruptedException {
        for (var name : new String[] {"etc/old", "bin", "dev", "data/deep/er", "gone", "boot", "usr/lib/systemd"}) {
            Files.createDirectories(root.resolve(name));
        }
        Files.writeString(root.resolve("etc/old/a"), "old a");
        Files.writeString(root.resolve("etc/old/b"), "old b");
        Files.writeString(root.resolve("etc/conf"), "one");
        Files.writeString(root.resolve("gone/x"), "x");
        Files.writeString(root.resolve("data/" + "long".repeat(60)), "long name");
        Files.writeString(root.resolve("data/ünïcode"), "u");
        Files.write(root.resolve("data/large"), new byte[3_000_000]);
        Files.writeString(root.resolve("bin/tool"), "tool");
        Files.createLink(root.resolve("bin/same"), root.resolve("bin/tool"));
        Files.createSymbolicLink(root.resolve("bin/sh"), Path.of("../" + "x".repeat(150)));
        Files.writeString(root.resolve("usr/lib/systemd/systemd"), "init");
        Tools.run("chmod", "6755", root.resolve("bin/tool").toString());
        Files.writeString(root.resolve("data/owned"), "");
        Tools.run("chown", "1000:70000", root.resolve("data/owned").toString());
        Tools.run("mknod", root.resolve("dev/null").toString(), "c", "1", "3");
        Tools.run("mknod", root.resolve("dev/sda").toString(), "b", "8", "0");
        Tools.run("mkfifo", root.resolve("dev/pipe").toString());
        Tools.run("setcap", "cap_net_raw+ep", root.resolve("data/large").toString());
        Files.setAttribute(root.resolve("data/owned"), "user:note", ByteBuffer.wrap(new byte[] {1, 0, -1}));
        Tools.run("truncate", "-s", "40M", root.resolve("data/sparse").toString());
        Tools.run("sh", "-c", "printf end >> \"$1\"", "sh", root.resolve("data/sparse").toString());
        Tools.run("sh", "-c", "printf x > \"$1/$(printf 'latin\\374')\"", "sh", root.resolve("data").toString());
        Tools.run("chmod", "1777", root.resolve("data").toString());
        var tar = root.resolveSibling("first.tar");
        Tools.run("tar", "-C", root.toString(), "--format=posix", "--sparse", "--xattrs", "--xattrs-include=*",
                "--numeric-owner", "-cf", tar.toString(), ".");
        add(tar);
    }

    private void addSecond(Path root) throws IOException, InterruptedException {
        Files.createDirectories(root.resolve("etc/old"));
        Files.writeString(root.resolve("etc/old/.wh..wh..opq"), "");
        Files.writeString(root.resolve("etc/old/c"), "new c");
        Files.writeString(root.resolve(".wh.gone"), "");
        Files.writeString(root.resolve("etc/conf"), "two");
        Files.createDirectories(root.resolve("data"));
        Files.writeString(root.resolve("data/.wh.deep"), "");
        Tools.run("chmod", "0700", root.resolve("etc").toString());
        var tar = root.resolveSibling("second.tar");
        Tools.run("tar", "-C", root.toString(), "--format=gnu", "--numeric-owner", "-cf", tar.toString(), ".");
        add(tar);
    }

    private void add(Path tar) throws IOException, InterruptedException {
        Tools.run("umoci", "raw", "add-layer", "--image", layout + ":app", tar.toString());
    }
}
