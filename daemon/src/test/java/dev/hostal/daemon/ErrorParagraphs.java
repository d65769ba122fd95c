package dev.hostal.daemon;

import dev.hostal.base.ErrorCode;

/// What each error code means for the one who meets it: what happened, what is undone already, what to do. A code
/// without a paragraph does not compile.
final class ErrorParagraphs {
    private ErrorParagraphs() {}

    static String of(ErrorCode code) {
        return switch (code) {
            case BAD_REQUEST -> """
                    The request is not well-formed, or a member or query parameter of it has a wrong type or value; `member` names it \
                    where one is to blame. Nothing was done. Correct the request.""";
            case FORBIDDEN -> """
                    The caller is neither root nor the daemon's own user nor a member of the group that the daemon was given. \
                    Nothing was done. Ask whoever runs the daemon to start it with `--group`, or become that user.""";
            case NOT_FOUND -> """
                    The API has no such route, or the guest has no such file or folder. Nothing was done. The routes are in \
                    `/v1/openapi.json`.""";
            case INSTANCE_NOT_FOUND -> """
                    No instance has that name or id, or the beginning of an id fits more than one. It may have been deleted a moment \
                    ago, as an instance with `--rm` is when its machine ends. Look at `hostal list`.""";
            case IMAGE_NOT_FOUND -> """
                    Neither the local store nor a registry nor the distribution's packages have the image, or it may not be looked for \
                    outside the store (`--pull never`). Nothing was created. Check the spelling, the tag and the architecture.""";
            case OPERATION_NOT_FOUND -> """
                    No operation has that id, or it ended long ago: the last thousand that ended are remembered. What it was about \
                    can be seen at its target.""";
            case SNAPSHOT_NOT_FOUND -> """
                    The instance has no snapshot of that name. Nothing was done. Look at `hostal snapshot list NAME`.""";
            case POOL_NOT_FOUND -> """
                    There is no pool of that name. Nothing was done. Look at `hostal pool list`.""";
            case VOLUME_NOT_FOUND -> """
                    There is no volume of that name. Nothing was done. Look at `hostal volume list`.""";
            case NETWORK_NOT_FOUND -> """
                    There is no network of that name. Nothing was done. Look at `hostal network list`.""";
            case METHOD_NOT_ALLOWED -> """
                    The path exists, but not with that method; the header `Allow` lists those that it has. Nothing was done.""";
            case NAME_IN_USE -> """
                    Another instance has that name. Nothing was created or renamed. Choose another name, or delete the other instance.""";
            case WRONG_PHASE -> """
                    The instance is in a phase in which this cannot be done, such as `exec` in one that is stopped or `delete` of one \
                    that runs. Nothing was changed; the message names the phase. Wait, start or stop it first, or use `--force` \
                    where there is such a flag.""";
            case IMAGE_IN_USE -> """
                    Instances were created from the image and still need it. It was kept. Delete them first; the message names them.""";
            case IN_USE -> """
                    Something else needs the snapshot, disk, volume or network. It was kept. The message names what needs it.""";
            case CANCELLED -> """
                    The operation was cancelled by a user. What it had done is undone: an instance that was being created is gone, one \
                    that was being started is stopped. Ask again if it was not meant.""";
            case CONFLICT -> """
                    The store was changed by another writer again and again while this was being written. Nothing was changed. Ask \
                    again.""";
            case BODY_TOO_LARGE -> """
                    The body is larger than a JSON body may be (1 MiB). It was not read, and nothing was done. Large things are files: \
                    copy them into the guest.""";
            case UNSUPPORTED_MEDIA_TYPE -> """
                    The header `Content-Type` names a form that the route does not take. Nothing was done. Send JSON as \
                    `application/json` and archives as `application/x-tar`.""";
            case UNSUPPORTED -> """
                    What was asked for is understood, and not possible with this version, this image or this host. Nothing was done. \
                    The message says what would be possible.""";
            case BAD_ARCHIVE -> """
                    What was sent is no archive of images (or of a root file system), is damaged or cut off, or does what no such \
                    archive may do. Nothing of it was kept. The message says what is wrong with it.""";
            case BUILD_FAILED -> "A Dockerfile is wrong, or a step of it failed. The message has the file, the line, and of a program "
                    + "that failed its exit status and the end of its output.";
            case WRONG_ARCHITECTURE -> """
                    The image is not there for the architecture that was asked for. Nothing was created. Ask for one of those \
                    that the message names, with `--arch`.""";
            case PROGRAM_NOT_RUNNABLE -> """
                    The program to run is not in the guest or cannot be executed there; the instance is stopped. Check the command, \
                    its path and its mode.""";
            case INTERNAL -> """
                    A fault of Hostal's own: something that must always hold did not. The request's effect is unknown; running guests \
                    are not touched. The whole story is in `daemon.log` in the home: please report it.""";
            case DISK_DAMAGED -> """
                    A disk of the instance, or one that it lies over, is missing, damaged or not what it was. Nothing was started or \
                    written to it. The message names the file; bring it back from a backup, or restore another snapshot.""";
            case DRIVER_FAILED -> """
                    The host did not do its part: a process ended, a file could not be written, a guest's agent was lost. What the \
                    operation had begun is undone, unless the message says what is left. It may work the next time; \
                    `hostal doctor` says whether the host is to blame.""";
            case GUEST_NOT_READY -> """
                    The guest stopped on its way up, or was too slow; the message says at which stage and shows the end of its console. \
                    Its machine was ended and removed; its disk and logs are kept. Look at `hostal logs --console`, and try \
                    more memory or the image in another guest.""";
            case ENGINE_MISSING -> """
                    A program that is needed, such as QEMU, is not installed, and could not or may not be installed from here. Nothing \
                    was done. The message names the packages: install them, or run the daemon as root so that it can.""";
            case REGISTRY_FAILED -> """
                    The registry answered with a refusal or with nonsense: wrong credentials, too many requests, content that is not \
                    what its digest says. Nothing of it was kept. Log in with `docker login`, or try later.""";
            case REGISTRY_UNREACHABLE -> """
                    The registry that the image's name points to could not be reached, and nobody else has the image. Nothing was \
                    created. Check the network and the proxy settings of the daemon, or use an image of the local store.""";
            case PACKAGES_UNAVAILABLE -> """
                    The distribution's package sources are not configured on this host, do not have what is needed, or did not deliver \
                    it. Nothing of it was kept. Try `apt-get update` on the host, and look at its `sources.list`.""";
            case BUSY -> """
                    A queue or a table is full, or the daemon is starting or ending. Nothing was done. Ask again in a moment.""";
            case TIMED_OUT -> """
                    It took longer than it may. What the operation had begun is undone, unless the message says what is left; what \
                    runs in a guest may still run. Try again when the host has less to do.""";
            case NO_SPACE -> """
                    A disk of the host is full, or a quota is used up. What was being written is removed. Make room: \
                    `hostal image list` and `hostal list` show what takes it.""";
        };
    }
}
