package io.fluctus.access;

import io.vertx.core.json.JsonObject;

/**
 * What a client asks.
 *
 * @param stream the path, or empty where no stream is meant
 * @param detail the method of an RPC, the role that the API needs; or empty
 * @param query what followed the stream's name, for the site
 */
record Question(Action action, Who who, String app, String stream, String detail, String query, JsonObject shown) {
    /** The client: {@code host} is its address without the port, {@code local} says that it is on this machine. */
    record Who(String client, String protocol, String host, String address, boolean local) {}

    static Question of(JsonObject json) {
        Who who = new Who(
                json.getString("client"),
                json.getString("protocol"),
                json.getString("host"),
                json.getString("address"),
                json.getBoolean("local"));
        String stream = json.getString("stream", "");
        int slash = stream.lastIndexOf('/');
        String app = json.getString("app");
        return new Question(
                Action.of(json.getString("action")),
                who,
                app.isEmpty() && slash > 0 ? stream.substring(0, slash) : app,
                stream,
                json.getString("method", json.getString("role", "")),
                json.getString("query", ""),
                json.getJsonObject("shown"));
    }

    Credentials credentials() {
        return Credentials.of(query, shown);
    }

    /** Without what is secret. */
    @Override
    public String toString() {
        return action.word() + " " + (stream.isEmpty() ? app : stream) + " from " + who.host;
    }
}
