package dev.hostal.spi;

/// What is told of a build under way. A step is known by its number.
public sealed interface BuildEvent {
    int step();

    /// @param name such as `[build 2/3] RUN make`
    /// @param text of the instruction as it is written
    /// @param place of the instruction among all that are built, from 1; 0 for what is none
    /// @param of how many there are
    record Begun(int step, String name, String text, int place, int of) implements BuildEvent {}

    /// What a program wrote, or what is to be said of the step.
    ///
    /// @param stderr the program wrote it there
    record Output(int step, byte[] bytes, boolean stderr) implements BuildEvent {
        public Output(int step, byte[] bytes) {
            this(step, bytes, false);
        }
    }

    /// @param cached nothing had to be done
    /// @param id of what is made so far, short; empty where nothing is
    record Done(int step, boolean cached, String id) implements BuildEvent {}

    /// The build will end with it.
    record Failed(int step, String why) implements BuildEvent {}

    /// Told of everything, in order; may be called by any thread.
    @FunctionalInterface
    interface Listener {
        void tell(BuildEvent event);
    }
}
