package dev.hostal.base;

import java.util.Optional;

/// Something for a person to read, with a code for programs. One place turns it into a reply.
///
/// The message says what was being done, to what, and what is true now; advice stands on a line of its own
/// that starts with "Maybe".
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;
    private final String member;

    public Problem(ErrorCode code, String message) {
        this(code, message, "", null);
    }

    public Problem(ErrorCode code, String message, Throwable cause) {
        this(code, message, "", cause);
    }

    private Problem(ErrorCode code, String message, String member, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.member = member;
    }

    /// A request in which one member is wrong.
    ///
    /// @param member its path, such as `disks[1].size`
    public static Problem badMember(String member, String message) {
        return new Problem(ErrorCode.BAD_REQUEST, message, member, null);
    }

    public ErrorCode code() {
        return code;
    }

    /// Path of the member of the request that is wrong, where one is.
    public Optional<String> member() {
        return member.isEmpty() ? Optional.empty() : Optional.of(member);
    }
}
