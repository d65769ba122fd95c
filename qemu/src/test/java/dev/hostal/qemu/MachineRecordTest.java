package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.model.Arch;
import dev.hostal.spi.MachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineRecordTest {
    private static final Instant NOW = Instant.parse("2026-11-23T20:00:00.123456789Z");

    @TempDir Path folder;

    @Test void readsWhatItWrote() throws IOException {
        var file = folder.resolve("machine.json");
        var spec = Samples.of(Arch.X86_64, 3);
        var record = MachineRecord.of(spec, NOW, Accelerator.TCG);
        record.write(file);
        record.write(file);
        assertThat(MachineRecord.read(file)).contains(record);
        Golden.check("machine.json", Files.readString(file) + "\n");

        var withInit = MachineRecord.of(new MachineSpec(spec.id(), spec.hostname(), spec.arch(), spec.cpus(),
                spec.memory(), spec.diskSize(), spec.root(), spec.mac(), Optional.empty()), NOW, Accelerator.KVM);
        withInit.write(file);
        assertThat(MachineRecord.read(file)).contains(withInit);
    }

    @Test void damageIsSaidAndAbsenceIsEmpty() throws IOException {
        var file = folder.resolve("machine.json");
        assertThat(MachineRecord.read(file)).isEmpty();
        for (var text : new String[] {"", "{", "[]", "{}", "{\"id\": \"x\"}"}) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> MachineRecord.read(file)).as(text)
                    .isInstanceOf(IOException.class).hasMessageContaining("damaged");
        }
    }
}
