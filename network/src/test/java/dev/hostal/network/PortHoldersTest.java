package dev.hostal.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortHoldersTest {
    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1", "127.0.0.1, ::1", "::1, 127.0.0.1", "127.0.0.1, 0.0.0.0", "0.0.0.0, 127.0.0.1"})
    void whoListensIsFoundWhateverOfItIsAskedFor(String bound, String wanted) throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName(bound))) {
            assertThat(PortHolders.find(wanted, socket.getLocalPort(), "tcp").orElseThrow())
                    .contains(Long.toString(ProcessHandle.current().pid()));
            assertThat(PortHolders.find(wanted, socket.getLocalPort(), "udp")).isEmpty();
        }
    }
}
