package io.fluctus.script;

import io.fluctus.bus.AppEvent.Visitor;
import io.fluctus.wire.AmfValue;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** What an application sees of a client that connects. */
final class Visitors {
    /** Members of a URL's query that become properties of the client. */
    static final int MAX_QUERY = 64;

    private Visitors() {}

    /** The client's properties; those of the URL's query never hide one of ours. */
    static Map<String, AmfValue> properties(String path, Visitor visitor) {
        Map<String, AmfValue> properties = query(visitor.query());
        properties.put("id", AmfValue.of(HexFormat.of().formatHex(rawId(visitor))));
        properties.put("path", AmfValue.of("/" + path));
        properties.put("address", AmfValue.of(visitor.address()));
        properties.put("protocol", AmfValue.of(visitor.protocol()));
        properties.put("pageUrl", text(visitor, "pageUrl"));
        properties.put("swfUrl", text(visitor, "swfUrl"));
        properties.put("flashVersion", text(visitor, "flashVer"));
        properties.put("ping", AmfValue.of(0));
        return properties;
    }

    /** The peer's id, or what stands for it: 32 bytes in any case. */
    static byte[] rawId(Visitor visitor) {
        return visitor.peerId().length() == 0
                ? rawId(visitor.client())
                : visitor.peerId().getBytes();
    }

    /** 32 bytes as an RTMFP peer has them, derived from the client's id on the bus. */
    static byte[] rawId(String client) {
        return AppApi.digest("SHA-256", client.getBytes(StandardCharsets.UTF_8));
    }

    private static AmfValue text(Visitor visitor, String name) {
        return AmfValue.of(
                visitor.properties().getOrDefault(name, AmfValue.NULL).string().orElse(""));
    }

    private static Map<String, AmfValue> query(String query) {
        Map<String, AmfValue> members = new LinkedHashMap<>();
        for (String pair : query.split("&", MAX_QUERY)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                members.put(decoded(pair.substring(0, equals)), AmfValue.of(decoded(pair.substring(equals + 1))));
            }
        }
        return members;
    }

    /** What is not encoded as it should be stays as it is. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
