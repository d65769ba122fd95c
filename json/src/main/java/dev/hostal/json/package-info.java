/// JSON values. Text is parsed by Jackson's streaming parser, with its limits; everything above this package
/// sees only [dev.hostal.json.Json] values and reads them with accessors that name what is missing or wrong.
package dev.hostal.json;
