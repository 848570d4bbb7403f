package io.fluctus.rtmfp;

import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.json.JsonObject;

/**
 * A stream of the gateway that goes into a group, or comes from one.
 *
 * @param name what the stream is called in the group
 */
record Carried(StreamName stream, GroupSpec group, Direction direction, String name) {
    enum Direction {
        TO,
        FROM
    }

    private static final String TO = "to";
    private static final String FROM = "from";

    /** {@code {to: "G:..."}} or {@code {from: "G:..."}}, and {@code name} if it differs; throws ProtocolException. */
    static Carried of(String stream, JsonObject said) {
        StreamName parsed = StreamName.parse(stream);
        boolean to = said.getValue(TO) instanceof String;
        boolean from = said.getValue(FROM) instanceof String;
        if (to == from) {
            throw new ProtocolException("a stream goes `to` one group or comes `from` one");
        }
        Object name = said.getValue("name", parsed.stream());
        if (!(name instanceof String text) || text.isEmpty() || text.length() > StreamDescription.MAX_NAME) {
            throw new ProtocolException("the name in a group is 1 to " + StreamDescription.MAX_NAME + " characters");
        }
        return new Carried(
                parsed, GroupSpec.parse(said.getString(to ? TO : FROM)), to ? Direction.TO : Direction.FROM, text);
    }
}
