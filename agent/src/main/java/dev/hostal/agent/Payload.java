package dev.hostal.agent;

import static dev.hostal.base.Check.require;

import dev.hostal.model.TerminalSize;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Unpacking;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Builds the payload of a request: big-endian numbers, strings with their length and a closing zero.
final class Payload {
    private static final int TTY = 1;
    private static final int STDIN = 2;
    private static final int READ_ONLY = 1;
    private static final int FILLED = 2;
    private static final int EXEC = 4;
    private static final TerminalSize UNKNOWN = new TerminalSize(0, 0);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static byte[] ofString(String text) {
        return new Payload().string(text).toBytes();
    }

    static byte[] of(Unpacking unpacking) {
        return new Payload().string(unpacking.folder()).string(unpacking.owner()).u8(unpacking.clash().ordinal()).toBytes();
    }

    static byte[] of(GuestConfig config) {
        var payload = new Payload().string(config.hostname()).u16(config.layers())
                .u8(config.program().isEmpty() ? 1 : 0).u8(config.nics().size());
        for (var nic : config.nics()) {
            payload.string(nic.mac()).list(nic.addresses()).list(nic.gateways()).list(nic.resolver());
        }
        if (!config.mounts().isEmpty()) payload.mounts(config.mounts());
        return payload.toBytes();
    }

    private void mounts(List<GuestConfig.Mount> mounts) {
        u16(mounts.size());
        for (var mount : mounts) {
            u8(mount.kind().ordinal())
                    .u8((mount.readOnly() ? READ_ONLY : 0) | (mount.filled() ? FILLED : 0) | (mount.exec() ? EXEC : 0))
                    .string(mount.source()).string(mount.target()).string(mount.options());
        }
    }

    static byte[] of(GuestIdentity identity) {
        var now = identity.now();
        var payload = new Payload().string(now.hostname()).u8(now.nics().size());
        for (int i = 0; i < now.nics().size(); i++) {
            var nic = now.nics().get(i);
            var was = identity.was().nics().get(i);
            payload.string(was.mac()).u8(nic.equals(new GuestConfig.Nic(nic.mac(), was.addresses(), was.gateways(),
                    was.dnsServers(), was.search())) ? 0 : 1).string(nic.mac())
                    .list(nic.addresses()).list(nic.gateways()).list(nic.resolver());
        }
        return payload.toBytes();
    }

    /// The NICs of a guest whose NICs were others; as those of an identity, with nobody else's addresses.
    static byte[] ofChange(GuestConfig before, GuestConfig after) {
        var payload = new Payload().string(after.hostname()).u8(after.nics().size());
        for (var nic : after.nics()) {
            payload.string(nic.mac()).u8(before.nics().contains(nic) ? 0 : 1).string(nic.mac())
                    .list(nic.addresses()).list(nic.gateways()).list(nic.resolver());
        }
        return payload.toBytes();
    }

    Payload u8(int value) {
        bytes.write(value);
        return this;
    }

    Payload u16(int value) {
        return u8(value >> 8).u8(value);
    }

    Payload u32(int value) {
        return u16(value >> 16).u16(value);
    }

    Payload u64(long value) {
        return bytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    Payload bytes(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    Payload string(String text) {
        require(text.indexOf('\0') < 0, "a text for a guest holds no zero byte: '%s'", text);
        var encoded = text.getBytes(StandardCharsets.UTF_8);
        return u32(encoded.length).bytes(encoded).u8(0);
    }

    Payload list(List<String> texts) {
        u32(texts.size());
        texts.forEach(this::string);
        return this;
    }

    Payload program(ProgramSpec program) {
        var size = program.size().orElse(UNKNOWN);
        return list(program.argv()).list(program.env()).string(program.user()).string(program.workdir())
                .u8((program.tty() ? TTY : 0) | (program.stdin() ? STDIN : 0)).u16(size.columns()).u16(size.rows());
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
