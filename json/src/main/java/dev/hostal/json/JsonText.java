package dev.hostal.json;

import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// Between text and [Json], by Jackson's streaming parser and generator.
final class JsonText {
    /// Deepest nesting that is read. Chosen: nothing that we read comes near it.
    static final int DEPTH_MAX = 64;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxNumberLength(64)
                    .build())
            .build();

    private JsonText() {}

    static Json parse(String text) {
        try (var parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() == null) throw new JsonException("", "the text is empty, not JSON");
            var value = read(parser, "");
            if (parser.nextToken() != null) throw new JsonException("", "more text follows the JSON value");
            return value;
        } catch (JacksonException e) {
            throw new JsonException("", "not well-formed JSON%s: %s".formatted(place(e), e.getOriginalMessage()));
        }
    }

    /// Where the parser stopped; it does not say so when a limit of ours was met.
    private static String place(JacksonException e) {
        var at = e.getLocation();
        return at == null ? "" : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
    }

    static String write(Json value, boolean pretty) {
        var text = new StringWriter();
        try (var generator = FACTORY.createGenerator(pretty ? PRETTY : ObjectWriteContext.empty(), text)) {
            write(value, generator);
        }
        return text.toString();
    }

    private static final ObjectWriteContext PRETTY = new ObjectWriteContext.Base() {
        @Override public boolean hasPrettyPrinter() {
            return true;
        }

        @Override public tools.jackson.core.PrettyPrinter getPrettyPrinter() {
            var newline = new DefaultIndenter("  ", "\n");
            return new DefaultPrettyPrinter().withObjectIndenter(newline).withArrayIndenter(newline);
        }
    };

    private static Json read(JsonParser parser, String path) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> readObject(parser, path);
            case START_ARRAY -> readArray(parser, path);
            case VALUE_STRING -> new Json.Text(parser.getString());
            case VALUE_NUMBER_INT -> new Json.Number(new BigDecimal(parser.getBigIntegerValue()));
            case VALUE_NUMBER_FLOAT -> new Json.Number(parser.getDecimalValue());
            case VALUE_TRUE -> new Json.Bool(true);
            case VALUE_FALSE -> new Json.Bool(false);
            case VALUE_NULL -> new Json.Null();
            default -> throw new JsonException(path, "not a JSON value");
        };
    }

    private static Json readObject(JsonParser parser, String path) {
        var members = new LinkedHashMap<String, Json>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            parser.nextToken();
            members.put(name, read(parser, JsonObject.join(path, name)));
        }
        return new Json.Obj(new JsonObject(members, path));
    }

    private static Json readArray(JsonParser parser, String path) {
        List<Json> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(read(parser, path + "[" + items.size() + "]"));
        }
        return new Json.Array(items);
    }

    /// Without a switch over types: the first one of a process costs a command line 10 to 20 ms, and most need no other.
    private static void write(Json value, JsonGenerator generator) {
        if (value instanceof Json.Text(var text)) {
            generator.writeString(text);
        } else if (value instanceof Json.Obj(var object)) {
            generator.writeStartObject();
            object.members().forEach((name, member) -> {
                generator.writeName(name);
                write(member, generator);
            });
            generator.writeEndObject();
        } else if (value instanceof Json.Array(var items)) {
            generator.writeStartArray();
            items.forEach(item -> write(item, generator));
            generator.writeEndArray();
        } else if (value instanceof Json.Number(var number)) {
            writeNumber(number, generator);
        } else if (value instanceof Json.Bool(var bool)) {
            generator.writeBoolean(bool);
        } else {
            generator.writeNull();
        }
    }

    private static void writeNumber(BigDecimal number, JsonGenerator generator) {
        if (number.scale() == 0) {
            generator.writeNumber(number.unscaledValue());
        } else {
            generator.writeNumber(number);
        }
    }
}
