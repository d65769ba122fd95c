package dev.hostal.core.instance;

import dev.hostal.core.journal.DiskRecord;
import dev.hostal.model.DiskId;
import dev.hostal.model.Kind;
import dev.hostal.spi.Images;
import java.io.IOException;

/// The disks that images are, as disks which those of instances lie over: one for each content, as long as one lies over it.
record ImageDisks(Node node) {
    private static final String SHA256 = "sha256:";
    private static final int DIGITS = 24;

    DiskRecord record(Images.Disk disk) {
        return DiskRecord.ofImage(id(disk), disk.size());
    }

    /// Afterwards the disk is on the host.
    void ensure(Images.Disk disk) throws IOException {
        node.tidying().orElseThrow().host(Kind.VM).ensureImageDisk(id(disk), disk.file());
    }

    /// The same content has the same one.
    private static DiskId id(Images.Disk disk) {
        return new DiskId(disk.digest().substring(SHA256.length(), SHA256.length() + DIGITS));
    }
}
