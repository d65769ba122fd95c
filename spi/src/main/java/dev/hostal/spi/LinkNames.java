package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.model.InstanceId;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// How what a daemon makes on its host is called: names of 15 characters, as many as Linux takes, that begin with the
/// daemon's own mark, so that two daemons never take each other's for theirs.
///
/// @param home four characters made of the daemon's home
public record LinkNames(String home) {
    private static final int HOME_DIGITS = 4;
    private static final int OWN_DIGITS = 8;

    public LinkNames {
        require(home.matches("[0-9a-z]{4}"), "'%s' is not the mark of a home", home);
    }

    /// @param home path of the daemon's home
    public static LinkNames of(String home) {
        return new LinkNames(digits(home, HOME_DIGITS));
    }

    public String prefix() {
        return "ho" + home;
    }

    public String bridge(String network) {
        return prefix() + "b" + digits(network, OWN_DIGITS);
    }

    /// The host's side of a NIC.
    public String nic(InstanceId instance, int index) {
        return nics() + digits(instance.value() + "/" + index, OWN_DIGITS);
    }

    /// The host's side of a NIC that shares an interface of the host; its driver makes and removes it.
    public String shared(InstanceId instance, int index) {
        return prefix() + "s" + digits(instance.value() + "/" + index, OWN_DIGITS);
    }

    /// What carries the NIC's address on the shared interface.
    public static String uplink(String shared) {
        return shared.substring(0, HOME_DIGITS + 2) + "m" + shared.substring(HOME_DIGITS + 3);
    }

    /// Whether that is one of the two, of any home.
    public boolean isShared(String device) {
        return device.startsWith(prefix() + "s") || device.startsWith(prefix() + "m");
    }

    /// The interface that what comes from a NIC is led through to be shaped.
    public String shaper(String nic) {
        return prefix() + "i" + nic.substring(nics().length());
    }

    /// How all names of NICs begin.
    public String nics() {
        return prefix() + "n";
    }

    /// Name of the tables of the packet filter.
    public String table() {
        return "hostal_" + home;
    }

    private static String digits(String text, int count) {
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            var digits = new BigInteger(1, hash).toString(36);
            return digits.substring(digits.length() - count);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
