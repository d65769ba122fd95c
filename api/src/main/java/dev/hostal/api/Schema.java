package dev.hostal.api;

import java.util.List;

/// The form of a JSON object of `/v1`, for the documents.
record Schema(String name, String text, List<Member> members) {
    /// One member.
    ///
    /// @param type `string`, `integer`, `number`, `boolean`; the name of a schema; with `[]` an array of it; with `{}` an object
    /// whose members are of it
    record Member(String name, String type, boolean required, String text) {}

    static Schema of(String name, String text, Member... members) {
        return new Schema(name, text, List.of(members));
    }

    /// A member that is always there.
    static Member has(String name, String type, String text) {
        return new Member(name, type, true, text);
    }

    /// A member that may be missing.
    static Member may(String name, String type, String text) {
        return new Member(name, type, false, text);
    }
}
