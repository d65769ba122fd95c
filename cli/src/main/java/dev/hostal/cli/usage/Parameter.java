package dev.hostal.cli.usage;

/// A word that is no option, such as `IMAGE`.
///
/// @param names what its words name, for completion
public record Parameter(String name, Count count, Names names) {
    /// How many words it takes.
    public enum Count {
        ONE,
        /// At most one.
        OPTIONAL,
        /// One or more.
        SOME,
        /// None or more.
        ANY,
        /// Everything from the first such word on, options of another program included.
        REST
    }

    /// What a word names.
    public enum Names {
        INSTANCE,
        VOLUME,
        /// Of the instance that the word before names.
        SNAPSHOT,
        POOL, IMAGE, OPERATION, FILE, SHELL, OTHER
    }

    public static Parameter one(String name, Names names) {
        return new Parameter(name, Count.ONE, names);
    }

    public static Parameter optional(String name, Names names) {
        return new Parameter(name, Count.OPTIONAL, names);
    }

    public static Parameter some(String name, Names names) {
        return new Parameter(name, Count.SOME, names);
    }

    public static Parameter any(String name, Names names) {
        return new Parameter(name, Count.ANY, names);
    }

    public static Parameter rest(String name) {
        return new Parameter(name, Count.REST, Names.OTHER);
    }

    /// As the synopsis shows it.
    public String shown() {
        return switch (count) {
            case ONE -> name;
            case OPTIONAL -> "[" + name + "]";
            case SOME -> name + "...";
            case ANY -> "[" + name + "...]";
            case REST -> "[" + name + " [ARG...]]";
        };
    }
}
