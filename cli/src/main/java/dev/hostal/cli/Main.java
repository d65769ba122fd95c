package dev.hostal.cli;

/// The command line's first class.
public final class Main {
    private Main() {}

    public static void main(String[] words) {
        System.err.println("hostal: no command is there yet, in build " + System.getProperty("hostal.build"));
        System.exit(125);
    }
}
