package dev.hostal.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A JSON object with accessors that never guess: a member that is missing or of another type is an error
/// that names its path. Made by parsing, or member by member with [#put], which returns the same object.
public final class JsonObject {
    private final Map<String, Json> members;
    private final String path;

    public JsonObject() {
        this(new LinkedHashMap<>(), "");
    }

    JsonObject(Map<String, Json> members, String path) {
        this.members = members;
        this.path = path;
    }

    /// Parses a document that is an object.
    ///
    /// @throws JsonException the text is no JSON, or another kind of value
    public static JsonObject parse(String text) {
        var json = Json.parse(text);
        if (json instanceof Json.Obj(var object)) return object;
        throw new JsonException("", "must be an object, is " + json.kind());
    }

    /// The members in their order; not to be changed.
    public Map<String, Json> members() {
        return Collections.unmodifiableMap(members);
    }

    /// Path of this object in the document that it was parsed from; empty for the document itself.
    public String path() {
        return path;
    }

    public boolean has(String name) {
        var value = members.get(name);
        return value != null && !(value instanceof Json.Null);
    }

    // ---- writing

    public JsonObject put(String name, Json value) {
        members.put(name, value);
        return this;
    }

    public JsonObject put(String name, String value) {
        return put(name, Json.of(value));
    }

    public JsonObject put(String name, long value) {
        return put(name, Json.of(value));
    }

    public JsonObject put(String name, double value) {
        return put(name, Json.of(value));
    }

    public JsonObject put(String name, boolean value) {
        return put(name, Json.of(value));
    }

    public JsonObject put(String name, JsonObject value) {
        return put(name, Json.of(value));
    }

    public JsonObject putTexts(String name, Iterable<String> values) {
        return put(name, Json.ofTexts(values));
    }

    public JsonObject putObjects(String name, Iterable<JsonObject> values) {
        var items = new ArrayList<Json>();
        for (var value : values) {
            items.add(Json.of(value));
        }
        return put(name, new Json.Array(items));
    }

    public JsonObject putTexts(String name, Map<String, String> values) {
        var object = new JsonObject();
        values.forEach(object::put);
        return put(name, object);
    }

    /// Puts the member only where there is a value.
    public JsonObject putIfPresent(String name, Optional<String> value) {
        value.ifPresent(text -> put(name, text));
        return this;
    }

    public String toText() {
        return Json.of(this).toText();
    }

    public String toPrettyText() {
        return Json.of(this).toPrettyText();
    }

    // ---- reading

    public String text(String name) {
        if (need(name) instanceof Json.Text(var text)) return text;
        throw wrong(name, "a string");
    }

    /// The text, or empty where the member is absent or null.
    public Optional<String> findText(String name) {
        return has(name) ? Optional.of(text(name)) : Optional.empty();
    }

    public boolean bool(String name) {
        if (need(name) instanceof Json.Bool(var bool)) return bool;
        throw wrong(name, "true or false");
    }

    public boolean bool(String name, boolean otherwise) {
        return has(name) ? bool(name) : otherwise;
    }

    /// A whole number within 64 bits.
    public long integer(String name) {
        return integer(name, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /// A whole number within the given limits, both included.
    public long integer(String name, long min, long max) {
        if (need(name) instanceof Json.Number(var number)) {
            try {
                long value = number.longValueExact();
                if (value >= min && value <= max) return value;
            } catch (ArithmeticException _) {
                // Falls through to the one message for numbers that are not whole or too large.
            }
        }
        throw wrong(name, "a whole number from %d to %d".formatted(min, max));
    }

    public long integer(String name, long min, long max, long otherwise) {
        return has(name) ? integer(name, min, max) : otherwise;
    }

    /// The whole number, or empty where the member is absent or null.
    public Optional<Long> findInteger(String name) {
        return has(name) ? Optional.of(integer(name)) : Optional.empty();
    }

    /// A whole number within 32 bits, or empty where the member is absent or null.
    public Optional<Integer> findInt(String name) {
        return findInt(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /// A whole number within the given limits, both included, or empty where the member is absent or null.
    public Optional<Integer> findInt(String name, int min, int max) {
        return has(name) ? Optional.of((int) integer(name, min, max)) : Optional.empty();
    }

    public double number(String name) {
        if (need(name) instanceof Json.Number(var number)) return number.doubleValue();
        throw wrong(name, "a number");
    }

    /// The number, or empty where the member is absent or null.
    public Optional<Double> findNumber(String name) {
        return has(name) ? Optional.of(number(name)) : Optional.empty();
    }

    public JsonObject object(String name) {
        if (need(name) instanceof Json.Obj(var object)) return object;
        throw wrong(name, "an object");
    }

    public Optional<JsonObject> findObject(String name) {
        return has(name) ? Optional.of(object(name)) : Optional.empty();
    }

    public List<Json> array(String name) {
        if (need(name) instanceof Json.Array(var items)) return items;
        throw wrong(name, "an array");
    }

    /// The texts of an array; none where the member is absent.
    public List<String> texts(String name) {
        if (!has(name)) return List.of();
        var texts = new ArrayList<String>();
        for (var item : array(name)) {
            if (!(item instanceof Json.Text(var text))) throw wrong(name, "an array of strings");
            texts.add(text);
        }
        return texts;
    }

    /// The objects of an array; none where the member is absent.
    public List<JsonObject> objects(String name) {
        if (!has(name)) return List.of();
        var objects = new ArrayList<JsonObject>();
        for (var item : array(name)) {
            if (!(item instanceof Json.Obj(var object))) throw wrong(name, "an array of objects");
            objects.add(object);
        }
        return objects;
    }

    /// An object whose members are texts; empty where the member is absent.
    public Map<String, String> textMap(String name) {
        var map = new TreeMap<String, String>();
        if (has(name)) {
            var object = object(name);
            object.members.keySet().forEach(key -> map.put(key, object.text(key)));
        }
        return map;
    }

    /// Refuses members that a person must have misspelt: anything but the given names.
    ///
    /// @throws JsonException names the unknown member and the nearest known one
    public void onlyMembers(String... known) {
        for (var name : members.keySet()) {
            if (!List.of(known).contains(name)) {
                throw new JsonException(join(path, name), "is not known here; the nearest known name is '%s'"
                        .formatted(Nearest.of(name, known)));
            }
        }
    }

    static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private Json need(String name) {
        var value = members.get(name);
        if (value == null) throw new JsonException(join(path, name), "is missing");
        return value;
    }

    private JsonException wrong(String name, String wanted) {
        var found = members.get(name);
        var text = found.toText();
        var shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
        return new JsonException(join(path, name), "must be %s, is %s".formatted(wanted, shown));
    }

    @Override public String toString() {
        return toText();
    }
}
