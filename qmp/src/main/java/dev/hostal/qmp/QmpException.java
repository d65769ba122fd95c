package dev.hostal.qmp;

import java.io.IOException;

/// QEMU understood a command and refused it, or answered with something that cannot be read.
public final class QmpException extends IOException {
    private static final long serialVersionUID = 1;

    private final String command;
    private final String errorClass;
    private final String desc;

    public QmpException(String command, String errorClass, String desc) {
        super("QEMU refused '%s': %s (%s)".formatted(command, desc, errorClass));
        this.command = command;
        this.errorClass = errorClass;
        this.desc = desc;
    }

    /// The command's name on the wire.
    public String command() {
        return command;
    }

    /// QEMU's class of the error, such as `GenericError` or `CommandNotFound`. Source: qapi/error.json.
    public String errorClass() {
        return errorClass;
    }

    /// QEMU's own sentence; made for people, not for programs.
    public String desc() {
        return desc;
    }
}
