package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.ProtoReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A build as a client asks for it. Source: moby/buildkit, api/services/control, `SolveRequest`.
///
/// @param definition a graph of the client's own was sent
/// @param frontend empty: the client asks through the bridge
/// @param entitlements what its steps may ask for
/// @param cacheTo where steps are left, and from where they are taken
/// @param internal nobody wants to know of it later
record SolveRequest(String ref, boolean definition, List<Exporter> exporters, String session, String frontend,
        Map<String, String> attributes, List<String> entitlements, List<Exporter> cacheTo, List<Exporter> cacheFrom,
        boolean inputs, boolean internal) {
    /// Where the outcome goes.
    record Exporter(String type, Map<String, String> attributes) {
        static Exporter parse(ProtoReader in) throws GrpcException {
            var type = "";
            var attributes = new LinkedHashMap<String, String>();
            while (in.next()) {
                if (in.field() == 1) type = in.text();
                else if (in.field() == 2) in.entry(attributes);
            }
            return new Exporter(type, attributes);
        }
    }

    SolveRequest {
        exporters = List.copyOf(exporters);
        attributes = Map.copyOf(attributes);
        entitlements = List.copyOf(entitlements);
        cacheTo = List.copyOf(cacheTo);
        cacheFrom = List.copyOf(cacheFrom);
    }

    static SolveRequest parse(byte[] message) throws GrpcException {
        var ref = "";
        boolean definition = false;
        var oldType = "";
        var oldAttributes = new LinkedHashMap<String, String>();
        var session = "";
        var frontend = "";
        var attributes = new LinkedHashMap<String, String>();
        var entitlements = new ArrayList<String>();
        var cacheTo = new ArrayList<Exporter>();
        var cacheFrom = new ArrayList<Exporter>();
        boolean inputs = false;
        boolean internal = false;
        var exporters = new ArrayList<Exporter>();
        for (var in = new ProtoReader(message); in.next(); ) {
            switch (in.field()) {
                case 1 -> ref = in.text();
                case 2 -> definition = in.bytes().length > 0;
                case 3 -> oldType = in.text();
                case 4 -> in.entry(oldAttributes);
                case 5 -> session = in.text();
                case 6 -> frontend = in.text();
                case 7 -> in.entry(attributes);
                case 8 -> {
                    for (var cache = in.message(); cache.next(); ) {
                        if (cache.field() == 4) cacheTo.add(Exporter.parse(cache.message()));
                        else if (cache.field() == 5) cacheFrom.add(Exporter.parse(cache.message()));
                    }
                }
                case 9 -> entitlements.add(in.text());
                case 10 -> {
                    in.bytes();
                    inputs = true;
                }
                case 11 -> internal = in.flag();
                case 13 -> exporters.add(Exporter.parse(in.message()));
                default -> { }
            }
        }
        if (exporters.isEmpty() && !oldType.isEmpty()) exporters.add(new Exporter(oldType, oldAttributes));
        return new SolveRequest(ref, definition, exporters, session, frontend, attributes, entitlements, cacheTo,
                cacheFrom, inputs, internal);
    }
}
