package dev.hostal.image.disk;

import java.util.List;

/// What a disk runs that boots without Hostal.
///
/// @param boots the image's own init, instead of `argv`
/// @param hostname where there is no init
record DiskProgram(boolean boots, String hostname, List<String> argv, List<String> env, String user, String workdir) {
    DiskProgram {
        argv = List.copyOf(argv);
        env = List.copyOf(env);
    }
}
