package dev.hostal.agent;

/// The types of frames; the numbers are on the wire and never re-used.
final class FrameType {
    static final int CONFIGURE = 1;
    static final int RUN = 2;
    static final int EXEC = 3;
    static final int ATTACH = 4;
    static final int TAR_READ = 5;
    static final int TAR_WRITE = 6;
    static final int CONNECT = 7;
    static final int ADDRESSES = 8;
    static final int SHUTDOWN = 9;
    static final int FREEZE = 10;
    static final int THAW = 11;
    static final int RENEW = 12;
    static final int SIGNAL_MAIN = 13;
    static final int IDENTITY = 14;
    static final int NICS = 15;

    static final int DATA = 32;
    static final int EOF = 33;
    static final int CREDIT = 34;
    static final int RESIZE = 35;
    static final int SIGNAL = 36;
    static final int CLOSE = 37;
    static final int FAREWELL = 38;

    static final int HELLO = 64;
    static final int REPLY = 65;
    static final int EXIT = 66;
    static final int MAIN_EXIT = 67;
    static final int END = 68;
    static final int BROKEN = 69;

    private FrameType() {}
}
