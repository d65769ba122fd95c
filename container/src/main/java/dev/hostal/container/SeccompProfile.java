package dev.hostal.container;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A seccomp profile that a user brings, in the form of the Docker Engine or in that of the OCI runtime-spec: rules that
/// count only with or without certain capabilities or architectures are taken in or left out here.
/// Source: docker's profile format; OCI runtime-spec, config-linux.md, "Seccomp".
final class SeccompProfile {
    /// Members of a rule that an OCI runtime knows.
    private static final List<String> RULE = List.of("names", "action", "errnoRet", "args");
    private static final List<String> HEAD = List.of("defaultAction", "defaultErrnoRet", "flags");
    /// Docker's names of the architectures whose name differs from the one in this table are not many.
    private static final Map<String, String> ARCHITECTURES = Map.of("SCMP_ARCH_X86_64", "amd64", "SCMP_ARCH_AARCH64",
            "arm64", "SCMP_ARCH_RISCV64", "riscv64", "SCMP_ARCH_PPC64LE", "ppc64le", "SCMP_ARCH_S390X", "s390x");

    private SeccompProfile() {}

    /// @param text the profile
    /// @param architectures of the host, its own first
    static JsonObject of(String text, List<String> architectures, List<String> capabilities) {
        try {
            return of(JsonObject.parse(text), architectures, capabilities);
        } catch (JsonException e) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The seccomp profile is not understood: %s.".formatted(e.getMessage()), e);
        }
    }

    private static JsonObject of(JsonObject profile, List<String> architectures, List<String> capabilities) {
        profile.text("defaultAction");
        var json = new JsonObject();
        HEAD.forEach(name -> copy(profile, json, name));
        json.putTexts("architectures", profile.has("architectures") ? profile.texts("architectures") : architectures);
        var rules = new ArrayList<JsonObject>();
        for (var rule : profile.objects("syscalls")) {
            if (!counts(rule, architectures.getFirst(), Set.copyOf(capabilities))) continue;
            var kept = new JsonObject();
            RULE.forEach(name -> copy(rule, kept, name));
            var names = new LinkedHashSet<>(rule.texts("names"));
            rule.findText("name").ifPresent(names::add);
            rules.add(kept.putTexts("names", names));
        }
        return json.putObjects("syscalls", rules);
    }

    private static boolean counts(JsonObject rule, String architecture, Set<String> capabilities) {
        var arch = ARCHITECTURES.getOrDefault(architecture, architecture);
        var includes = rule.findObject("includes").orElseGet(JsonObject::new);
        var excludes = rule.findObject("excludes").orElseGet(JsonObject::new);
        return capabilities.containsAll(includes.texts("caps"))
                && (!includes.has("arches") || includes.texts("arches").contains(arch))
                && excludes.texts("caps").stream().noneMatch(capabilities::contains)
                && !excludes.texts("arches").contains(arch);
    }

    private static void copy(JsonObject from, JsonObject to, String name) {
        if (from.has(name) && !(from.members().get(name) instanceof Json.Null)) to.put(name, from.members().get(name));
    }
}
