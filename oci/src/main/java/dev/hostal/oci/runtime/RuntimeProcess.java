package dev.hostal.oci.runtime;

import dev.hostal.json.JsonObject;
import java.util.List;

/// `process`: what is run, as whom. It gets no privileges later than at its start, and no core dump, which would have
/// a guest's memory in it. Source: OCI runtime-spec, config.md, "Process".
///
/// @param capabilities such as `CAP_NET_BIND_SERVICE`; none for most
public record RuntimeProcess(
        List<String> args, List<String> env, String cwd, int uid, int gid, List<String> capabilities) {
    public RuntimeProcess {
        args = List.copyOf(args);
        env = List.copyOf(env);
        capabilities = List.copyOf(capabilities);
    }

    JsonObject toJson() {
        var sets = new JsonObject();
        for (var set : List.of("bounding", "effective", "permitted", "inheritable", "ambient")) {
            sets.putTexts(set, capabilities);
        }
        return new JsonObject()
                .put("terminal", false)
                .put("user", new JsonObject().put("uid", uid).put("gid", gid))
                .putTexts("args", args)
                .putTexts("env", env)
                .put("cwd", cwd)
                .put("capabilities", sets)
                .putObjects("rlimits", List.of(
                        new JsonObject().put("type", "RLIMIT_CORE").put("hard", 0).put("soft", 0)))
                .put("noNewPrivileges", true);
    }
}
