package io.fluctus.bus;

import io.fluctus.media.StreamName;
import io.vertx.core.json.JsonObject;

/**
 * What the authoriser grants; a refusal is a {@link Refusal} with its reason.
 *
 * @param stream the path of the stream that is really meant, or empty: the one that was asked for
 * @param name who it is, for people; or empty
 * @param credential tells whether two publishers are the same one; no secret can be read from it
 * @param kbps kbit/s that a publisher may send or a viewer gets; 0 is no limit
 * @param asksCalls whether each RPC of the client is to be asked about
 * @param role in the API: nobody, viewer, operator or admin
 */
public record Verdict(String stream, String name, String credential, int kbps, boolean asksCalls, String role) {
    /** Where nobody is asked. */
    public static final Verdict NOTHING = new Verdict("", "", "", 0, false, "nobody");

    /** The stream that is meant. */
    public StreamName streamOr(StreamName asked) {
        return stream.isEmpty() ? asked : StreamName.parse(stream);
    }

    public JsonObject toJson() {
        return new JsonObject()
                .put("stream", stream)
                .put("name", name)
                .put("credential", credential)
                .put("kbps", kbps)
                .put("asksCalls", asksCalls)
                .put("role", role);
    }

    static Verdict of(JsonObject json) {
        return new Verdict(
                json.getString("stream"),
                json.getString("name"),
                json.getString("credential"),
                json.getInteger("kbps"),
                json.getBoolean("asksCalls"),
                json.getString("role"));
    }
}
