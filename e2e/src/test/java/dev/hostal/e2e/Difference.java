package dev.hostal.e2e;

import dev.hostal.json.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Where two answers to one request differ, member by member.
///
/// @param request its name in the list
/// @param member `status`, or the path of a member: `.Config.Env[]`
/// @param how `missing`: only dockerd has it; `extra`: only Hostal has it; else what both have
record Difference(String request, String member, String how) {
    /// Chosen: the whole list is played in less on the slowest host.
    private static final BigDecimal APART_MAX_SECONDS = BigDecimal.valueOf(600);
    private static final Pattern ID = Pattern.compile("\\b[0-9a-f]{64}\\b|\\b[0-9a-f]{12}\\b");
    private static final Pattern TIME = Pattern.compile("20\\d\\d-\\d\\d-\\d\\dT[0-9:.]+(Z|[+-]\\d\\d:\\d\\d)");
    private static final Pattern UP = Pattern.compile("(Up|Exited \\(\\d+\\)) (Less than a second|About a minute|\\d+ \\w+)");
    private static final Pattern MAC = Pattern.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}");

    @Override public String toString() {
        return "%s %s: %s".formatted(request, member, how);
    }

    /// A request whose name begins with `~` has other values on every run: members and their kinds are compared.
    static List<Difference> between(String request, EngineSocket.Answer dockerd, EngineSocket.Answer hostal) {
        var all = new ArrayList<Difference>();
        if (dockerd.status() != hostal.status()) {
            all.add(new Difference(request, "status", "%d, Hostal %d %s".formatted(dockerd.status(), hostal.status(),
                    hostal.status() >= 400 ? hostal.text().strip() : "")));
            return all;
        }
        if (dockerd.isJson() != hostal.isJson()) {
            all.add(new Difference(request, "type", "'%s', Hostal '%s'".formatted(
                    dockerd.headers().get("content-type"), hostal.headers().get("content-type"))));
        } else if (dockerd.isJson()) {
            compare(request, "", lastOf(dockerd), lastOf(hostal), all);
        } else if (!normal(dockerd.text()).equals(normal(hostal.text()))) {
            all.add(new Difference(request, "body", "'%s', Hostal '%s'".formatted(dockerd.text(), hostal.text())));
        }
        return all;
    }

    /// Of a stream of objects the last.
    private static Json lastOf(EngineSocket.Answer answer) {
        var lines = answer.text().strip().split("\\r?\\n");
        return Json.parse(lines[lines.length - 1]);
    }

    private static void compare(String request, String member, Json dockerd, Json hostal, List<Difference> all) {
        switch (dockerd) {
            case Json.Obj(var object) when hostal instanceof Json.Obj(var other) -> {
                var names = new TreeSet<>(object.members().keySet());
                names.addAll(other.members().keySet());
                for (var name : names) {
                    // What begins like an id or an address stands for any such.
                    var path = member + "." + ID.matcher(name).replaceAll("<id>");
                    var mine = object.members().get(name);
                    var theirs = other.members().get(name);
                    if (mine == null && isId(name) || theirs == null && isId(name)) continue;
                    if (mine == null) all.add(new Difference(request, path, "extra " + theirs.toText()));
                    else if (theirs == null) all.add(new Difference(request, path, "missing " + mine.toText()));
                    else compare(request, path, mine, theirs, all);
                }
            }
            case Json.Array(var items) when hostal instanceof Json.Array(var others) -> {
                if (request.startsWith("~") && !items.isEmpty() && !others.isEmpty()) {
                    compare(request, member + "[]", items.getFirst(), others.getFirst(), all);
                    return;
                }
                if (items.size() != others.size()) {
                    all.add(new Difference(request, member + "[]", "%s, Hostal %s".formatted(dockerd.toText(), hostal.toText())));
                    return;
                }
                var mine = sorted(items);
                var theirs = sorted(others);
                for (int i = 0; i < mine.size(); i++) compare(request, member + "[]", mine.get(i), theirs.get(i), all);
            }
            default -> {
                boolean same = areTimes(member, dockerd, hostal) || request.startsWith("~") ? dockerd.kind()
                        .equals(hostal.kind()) : normal(dockerd.toText()).equals(normal(hostal.toText()));
                if (!same) {
                    all.add(new Difference(request, member, "%s, Hostal %s".formatted(dockerd.toText(), hostal.toText())));
                }
            }
        }
    }

    /// Seconds since 1970: both engines were asked one after the other.
    private static boolean areTimes(String member, Json dockerd, Json hostal) {
        return member.endsWith(".Created") && dockerd instanceof Json.Number(var one) && hostal instanceof Json.Number(var other)
                && one.subtract(other).abs().compareTo(APART_MAX_SECONDS) < 0;
    }

    /// Lists of named objects have no order.
    private static List<Json> sorted(List<Json> items) {
        return items.stream().sorted(Comparator.comparing(item -> item instanceof Json.Obj(var object)
                ? object.findText("Name").or(() -> object.findText("Destination")).orElse("") : "")).toList();
    }

    private static boolean isId(String name) {
        return ID.matcher(name).matches();
    }

    /// Without what is another on every run.
    private static String normal(String text) {
        var noIds = ID.matcher(text).replaceAll("<id>");
        var noTimes = UP.matcher(TIME.matcher(noIds).replaceAll("<time>")).replaceAll("$1 <time>");
        return MAC.matcher(noTimes).replaceAll("<mac>");
    }
}
