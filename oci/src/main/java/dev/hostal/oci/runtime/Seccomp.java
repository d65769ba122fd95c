package dev.hostal.oci.runtime;

import dev.hostal.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/// `linux.seccomp`: everything is allowed but what is listed. A program that needs a known set of calls and
/// is itself trusted not to change keeps working with the next release of its libraries, which a list of what is
/// allowed would break. Source: OCI runtime-spec, config-linux.md, "Seccomp"; seccomp(2).
///
/// @param refused answered with EPERM
/// @param missing answered with ENOSYS, so that libraries fall back to an older call
/// @param cloneFlagsRefused flags of which clone(2) may have none; they are its first argument (on s390x hosts, where
///        they are the second, these rules do nothing)
public record Seccomp(List<String> refused, List<String> missing, List<Long> cloneFlagsRefused) {
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;

    public Seccomp {
        refused = List.copyOf(refused);
        missing = List.copyOf(missing);
        cloneFlagsRefused = List.copyOf(cloneFlagsRefused);
    }

    JsonObject toJson() {
        var rules = new ArrayList<JsonObject>();
        rules.add(rule(refused, EPERM));
        rules.add(rule(missing, ENOSYS));
        for (long flag : cloneFlagsRefused) {
            rules.add(rule(List.of("clone"), EPERM).putObjects("args", List.of(new JsonObject()
                    .put("index", 0).put("value", flag).put("valueTwo", flag).put("op", "SCMP_CMP_MASKED_EQ"))));
        }
        return new JsonObject().put("defaultAction", "SCMP_ACT_ALLOW").putObjects("syscalls", rules);
    }

    private static JsonObject rule(List<String> names, int errno) {
        return new JsonObject().putTexts("names", names).put("action", "SCMP_ACT_ERRNO").put("errnoRet", errno);
    }
}
