package dev.hostal.store;

import static dev.hostal.base.Check.require;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// What one call of [Store#commit] asks for, within the limits.
record Transaction(List<Store.Compare> compares, List<Store.Write> writes) {
    /// Comes after every character of a key.
    static final char KEY_CHARACTERS_END = 0x7f;

    Transaction {
        compares = List.copyOf(compares);
        writes = List.copyOf(writes);
        require(compares.size() <= Store.TRANSACTION_LENGTH_MAX && writes.size() <= Store.TRANSACTION_LENGTH_MAX,
                "a transaction has at most %d comparisons and as many writes", Store.TRANSACTION_LENGTH_MAX);
        compares.forEach(compare -> requireKey(keyOf(compare)));
        var written = new HashSet<String>();
        for (var write : writes) {
            requireKey(keyOf(write));
            require(written.add(keyOf(write)), "a transaction writes a key once, not '%s' twice", keyOf(write));
            if (write instanceof Store.Write.Put(var key, var value)) {
                requireValue(key, value);
            }
        }
    }

    /// Whether a comparison holds for what is at its key now.
    static boolean holds(Store.Compare compare, Optional<Store.Entry> now) {
        return switch (compare) {
            case Store.Compare.Absent _ -> now.isEmpty();
            case Store.Compare.Unchanged(_, long revision) ->
                    now.filter(entry -> entry.modRevision() == revision).isPresent();
        };
    }

    static String keyOf(Store.Compare compare) {
        return switch (compare) {
            case Store.Compare.Absent(var key) -> key;
            case Store.Compare.Unchanged(var key, _) -> key;
        };
    }

    static String keyOf(Store.Write write) {
        return switch (write) {
            case Store.Write.Put(var key, _) -> key;
            case Store.Write.Delete(var key) -> key;
        };
    }

    static void requireKey(String key) {
        require(!key.isEmpty() && key.length() <= Store.KEY_LENGTH_MAX, "a key has 1 to %d characters, not %d",
                Store.KEY_LENGTH_MAX, key.length());
        requirePrefix(key);
    }

    /// A prefix may be empty, and is made of what keys are made of.
    static void requirePrefix(String prefix) {
        // ASCII has one order in Java, in SQLite and in etcd.
        require(prefix.chars().allMatch(c -> c > ' ' && c < KEY_CHARACTERS_END),
                "a key is printable ASCII without spaces, not '%s'", prefix);
    }

    private static void requireValue(String key, String value) {
        require(value.length() <= Store.VALUE_LENGTH_MAX, "a value has at most %d bytes, that of '%s' has more",
                Store.VALUE_LENGTH_MAX, key);
        try {
            int length = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value)).remaining();
            require(length <= Store.VALUE_LENGTH_MAX, "a value has at most %d bytes, that of '%s' has %d",
                    Store.VALUE_LENGTH_MAX, key, length);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the value of '%s' is no text: half of a pair".formatted(key), e);
        }
    }
}
