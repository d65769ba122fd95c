package dev.hostal.linux;

/// How a program ended. Standard error is kept apart: it is the reason.
///
/// @param status 0..255; 128 and the signal's number where a signal ended it
/// @param stdout all of it, where the command keeps it
/// @param stderr at most [Command#STDERR_MAX] bytes of it, from its end
public record Exit(int status, String stdout, String stderr) {
    /// Passes a success on and turns anything else into an exception.
    ///
    /// @param doing what was being done, such as `creating volume v1`
    public Exit orThrow(String doing) throws CommandFailed {
        if (status == 0) return this;
        throw new CommandFailed(doing, this);
    }
}
