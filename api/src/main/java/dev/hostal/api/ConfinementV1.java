package dev.hostal.api;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Confinement;

/// Confinement as it is on the wire of `/v1`; members that say nothing are left out. What they mean: [Confinement].
public final class ConfinementV1 {
    private ConfinementV1() {}

    public static JsonObject toJson(Confinement confinement) {
        var json = new JsonObject();
        if (confinement.privileged()) json.put("privileged", true);
        if (!confinement.capAdd().isEmpty()) json.putTexts("capAdd", confinement.capAdd());
        if (!confinement.capDrop().isEmpty()) json.putTexts("capDrop", confinement.capDrop());
        if (confinement.noNewPrivileges()) json.put("noNewPrivileges", true);
        json.putIfPresent("seccomp", confinement.seccomp());
        if (confinement.openPaths()) json.put("openPaths", true);
        if (confinement.readOnlyRoot()) json.put("readOnlyRoot", true);
        json.putIfPresent("userNamespace", confinement.userNamespace());
        json.putIfPresent("pidNamespace", confinement.pidNamespace());
        json.putIfPresent("ipcNamespace", confinement.ipcNamespace());
        json.putIfPresent("utsNamespace", confinement.utsNamespace());
        if (!confinement.sysctls().isEmpty()) json.putTexts("sysctls", confinement.sysctls());
        if (!confinement.devices().isEmpty()) json.putTexts("devices", confinement.devices());
        if (!confinement.groups().isEmpty()) json.putTexts("groups", confinement.groups());
        confinement.shmSize().ifPresent(bytes -> json.put("shmSize", bytes.count()));
        if (confinement.reaper()) json.put("reaper", true);
        if (!confinement.extraHosts().isEmpty()) json.putTexts("extraHosts", confinement.extraHosts());
        if (!confinement.dns().isEmpty()) json.putTexts("dns", confinement.dns());
        if (!confinement.dnsSearch().isEmpty()) json.putTexts("dnsSearch", confinement.dnsSearch());
        if (!confinement.dnsOptions().isEmpty()) json.putTexts("dnsOptions", confinement.dnsOptions());
        return json;
    }

    public static Confinement from(JsonObject json) {
        json.onlyMembers("privileged", "capAdd", "capDrop", "noNewPrivileges", "seccomp", "openPaths",
                "readOnlyRoot", "userNamespace", "pidNamespace", "ipcNamespace", "utsNamespace", "sysctls", "devices",
                "groups", "shmSize", "reaper", "extraHosts", "dns", "dnsSearch", "dnsOptions");
        return new Confinement(
                json.bool("privileged", false),
                json.texts("capAdd"),
                json.texts("capDrop"),
                json.bool("noNewPrivileges", false),
                json.findText("seccomp"),
                json.bool("openPaths", false),
                json.bool("readOnlyRoot", false),
                json.findText("userNamespace"),
                json.findText("pidNamespace"),
                json.findText("ipcNamespace"),
                json.findText("utsNamespace"),
                json.textMap("sysctls"),
                json.texts("devices"),
                json.texts("groups"),
                json.findInteger("shmSize").map(Bytes::new),
                json.bool("reaper", false),
                json.texts("extraHosts"),
                json.texts("dns"),
                json.texts("dnsSearch"),
                json.texts("dnsOptions"));
    }
}
