package dev.hostal.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/// A JSON value. Objects keep the order of their members; a member that stands twice is refused.
public sealed interface Json {
    /// `null` of JSON.
    record Null() implements Json {}

    record Bool(boolean value) implements Json {}

    record Text(String value) implements Json {}

    /// A number, exact.
    record Number(BigDecimal value) implements Json {}

    record Array(List<Json> items) implements Json {
        public Array {
            items = List.copyOf(items);
        }
    }

    /// An object; its members and accessors are in [JsonObject].
    record Obj(JsonObject value) implements Json {}

    static Json of(String value) {
        return new Text(value);
    }

    static Json of(long value) {
        return new Number(BigDecimal.valueOf(value));
    }

    static Json of(double value) {
        return new Number(BigDecimal.valueOf(value));
    }

    static Json of(boolean value) {
        return new Bool(value);
    }

    static Json of(JsonObject value) {
        return new Obj(value);
    }

    /// An array of texts.
    static Json ofTexts(Iterable<String> values) {
        var items = new ArrayList<Json>();
        for (var value : values) {
            items.add(of(value));
        }
        return new Array(items);
    }

    /// Parses one document; nothing but white space may follow it.
    ///
    /// @throws JsonException the text is no JSON, or nested deeper than [JsonText#DEPTH_MAX]
    static Json parse(String text) {
        return JsonText.parse(text);
    }

    /// The compact text, on one line.
    default String toText() {
        return JsonText.write(this, false);
    }

    /// The text with two spaces of indentation, for people and for files under version control.
    default String toPrettyText() {
        return JsonText.write(this, true);
    }

    /// What kind of value this is, in words.
    default String kind() {
        return switch (this) {
            case Null _ -> "null";
            case Bool _ -> "a boolean";
            case Text _ -> "a string";
            case Number _ -> "a number";
            case Array _ -> "an array";
            case Obj _ -> "an object";
        };
    }
}
