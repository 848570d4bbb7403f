package io.fluctus.bus;

import io.fluctus.media.StreamName;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/**
 * One client's line to the authoriser, whatever its protocol: the one door to ask before anything is allowed. Each question is
 * answered with a {@link Verdict} or fails with a {@link Refusal}, whose sentence is for the client. What was granted is counted until
 * it is given back. Not for more than one thread.
 */
public final class AccessLink {
    private final Bus bus;
    private final Who who;
    private Shown shown = Shown.nothing();
    private String app = "";
    private boolean asked;
    private boolean asksCalls;

    /**
     * Who asks.
     *
     * @param client its id, as {@link Address#client} reads it: who may be there for a time only is kicked under this name
     * @param protocol rtmp, rtmfp, flv, hls, api, ...
     * @param host its address without the port: what rules look at
     * @param address host and port, for people
     * @param local whether it is on this machine
     */
    public record Who(String client, String protocol, String host, String address, boolean local) {}

    public AccessLink(Bus bus, Who who) {
        this.bus = bus;
        this.who = who;
    }

    /** A connection to an application; protocols that have none begin with {@link #shows}. */
    public Future<Verdict> connect(String app, Shown shown) {
        this.app = app;
        this.shown = shown;
        return ask(question("connect")).onSuccess(verdict -> asksCalls = verdict.asksCalls());
    }

    /** What holds for every question from now on. */
    public AccessLink shows(Shown what) {
        shown = what;
        return this;
    }

    /** {@code query} is what followed {@code ?} in the stream's name. */
    public Future<Verdict> publish(StreamName stream, String query) {
        return ask(question("publish").put("stream", stream.path()).put("query", query));
    }

    public Future<Verdict> play(StreamName stream, String query) {
        return ask(question("play").put("stream", stream.path()).put("query", query));
    }

    public Future<Verdict> record(StreamName stream) {
        return ask(question("record").put("stream", stream.path()));
    }

    /** An RPC; answered at once unless the site wants to be asked. */
    public Future<Void> call(String method) {
        return asksCalls ? ask(question("rpc").put("method", method)).mapEmpty() : Future.succeededFuture();
    }

    /** Whether one with this role ({@code viewer}, {@code operator}, {@code admin}) asks. */
    public Future<Verdict> api(String role) {
        return ask(question("api").put("role", role));
    }

    /** What was granted under this name is over; {@code stream} is the real one. */
    public void unpublished(StreamName stream) {
        end(new JsonObject().put("action", "publish").put("stream", stream.path()));
    }

    public void stopped(StreamName stream) {
        end(new JsonObject().put("action", "play").put("stream", stream.path()));
    }

    /** The last word: whatever is still granted is over. */
    public void disconnected() {
        if (asked) {
            asked = false;
            end(new JsonObject().put("action", "connect"));
        }
    }

    private void end(JsonObject word) {
        bus.send(Address.ACCESS, word.put("op", "end").put("client", who.client()));
    }

    private Future<Verdict> ask(JsonObject question) {
        asked = true;
        return bus.request(Address.ACCESS, question).map(Verdict::of);
    }

    private JsonObject question(String action) {
        return new JsonObject()
                .put("op", "ask")
                .put("action", action)
                .put("client", who.client())
                .put("protocol", who.protocol())
                .put("host", who.host())
                .put("address", who.address())
                .put("local", who.local())
                .put("app", app)
                .put("shown", shown.toJson());
    }
}
