package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Another instance of the same network under a name of the one's own choice. Source: docker run, `--link`.
///
/// @param alias the name
/// @param instance name or id of the other; where others are found by name it need not be there yet
public record Link(String alias, String instance) {
    /// The word of [Nic#options] that has them.
    public static final String OPTION = "links";

    public Link {
        require(alias.matches("[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?"), "'%s' is not a name for a link", alias);
        require(InstanceName.isName(instance), "'%s' is not the name of an instance", instance);
    }

    public static List<Link> of(Nic nic) {
        var links = new ArrayList<Link>();
        for (var pair : nic.options().getOrDefault(OPTION, "").split(",")) {
            int equals = pair.indexOf('=');
            if (equals > 0) links.add(new Link(pair.substring(0, equals), pair.substring(equals + 1)));
        }
        return links;
    }

    /// As the word has them.
    public static String text(List<Link> links) {
        return links.stream().map(link -> link.alias() + "=" + link.instance()).collect(Collectors.joining(","));
    }
}
