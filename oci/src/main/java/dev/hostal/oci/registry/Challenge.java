package dev.hostal.oci.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What a 401 asks for. Source: RFC 9110, section 11.6.1, `WWW-Authenticate`.
///
/// @param scheme in lower case, such as `bearer`
/// @param parameters by their names in lower case
record Challenge(String scheme, Map<String, String> parameters) {
    private static final int LENGTH_MAX = 8 << 10;
    private static final Pattern SCHEME = Pattern.compile("\\s*,?\\s*([A-Za-z][A-Za-z0-9-]*)(?=\\s+[^=\\s]|\\s*$|\\s*,)");
    private static final Pattern PARAMETER =
            Pattern.compile("\\s*,?\\s*([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]*))");

    /// The challenges of all such headers, in order; what cannot be understood is left out.
    static List<Challenge> parseAll(List<String> headers) {
        var challenges = new ArrayList<Challenge>();
        for (var header : headers) {
            if (header.length() <= LENGTH_MAX) parse(header, challenges);
        }
        return challenges;
    }

    /// The one to answer: a token where one is asked for, else a password.
    static Optional<Challenge> best(List<Challenge> challenges) {
        var bearer = challenges.stream().filter(challenge -> challenge.scheme.equals("bearer")).findFirst();
        return bearer.or(() -> challenges.stream().filter(each -> each.scheme.equals("basic")).findFirst());
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name)).filter(text -> !text.isEmpty());
    }

    private static void parse(String header, List<Challenge> challenges) {
        var scheme = SCHEME.matcher(header);
        var parameter = PARAMETER.matcher(header);
        int at = 0;
        while (scheme.find(at) && scheme.start() == at) {
            var parameters = new TreeMap<String, String>();
            at = scheme.end();
            while (parameter.find(at) && parameter.start() == at) {
                var value = parameter.group(2) == null
                        ? parameter.group(3) : parameter.group(2).replaceAll("\\\\(.)", "$1");
                parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value);
                at = parameter.end();
            }
            challenges.add(new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters));
        }
    }
}
