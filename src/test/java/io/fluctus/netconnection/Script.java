package io.fluctus.netconnection;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.wire.AmfValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A dialogue played from a table, one line a step: {@code C} the peer says, {@code A} our owner's door, and what must come of it,
 * in order and without a rest: {@code E} events upward, {@code S} messages to the peer. Events stand before messages.
 */
final class Script {
    private final NetConnection connection;
    private final List<String> left = new ArrayList<>();
    private long now;

    Script(NetConnection connection) {
        this.connection = connection;
    }

    /** A server whose client has connected to {@code live}. */
    static Script connected() {
        Script script = new Script(NetConnection.server());
        script.connection.receive(connect("live"), 0);
        script.connection.accept();
        script.drain();
        return script;
    }

    static Message.Command connect(String app, AmfValue... arguments) {
        Map<String, AmfValue> members = new LinkedHashMap<>();
        members.put("app", AmfValue.of(app));
        members.put("tcUrl", AmfValue.of("rtmp://localhost:1935/" + app));
        return connect(members, arguments);
    }

    static Message.Command connect(Map<String, AmfValue> members, AmfValue... arguments) {
        List<AmfValue> values = new ArrayList<>();
        values.add(AmfValue.Obj.of(members));
        values.addAll(List.of(arguments));
        return Message.Command.of(0, "connect", 1, values.toArray(AmfValue[]::new));
    }

    NetConnection connection() {
        return connection;
    }

    Script play(String... lines) {
        for (String line : lines) {
            String rest = line.substring(2).trim();
            switch (line.charAt(0)) {
                case 'C' -> {
                    nothingLeft(line);
                    note(connection.receive(Words.message(rest), ++now));
                }
                case 'A' -> {
                    nothingLeft(line);
                    note(door(rest.split(" ")));
                }
                default ->
                    assertThat(left.isEmpty() ? "nothing" : left.remove(0))
                            .as("after: " + String.join("\n", lines))
                            .isEqualTo(line.charAt(0) + " " + rest);
            }
        }
        nothingLeft("the end");
        return this;
    }

    private void nothingLeft(String before) {
        assertThat(left).as("not expected before: " + before).isEmpty();
    }

    private void note(List<Event> events) {
        events.forEach(event -> left.add("E " + Words.of(event)));
        drain().forEach(message -> left.add("S " + Words.of(message)));
    }

    /** Everything that waits for the peer. */
    List<Message> drain() {
        List<Message> messages = new ArrayList<>();
        for (Message m = connection.poll(); m != null; m = connection.poll()) {
            messages.add(m);
        }
        return messages;
    }

    private List<Event> door(String[] words) {
        switch (words[0]) {
            case "accept":
                return connection.accept();
            case "reject":
                connection.reject(Status.error(words[1], "no"));
                return List.of();
            case "acceptPublish":
                return connection.acceptPublish(Integer.parseInt(words[1]));
            case "acceptPlay":
                return connection.acceptPlay(Integer.parseInt(words[1]));
            default:
                quietDoor(words);
                return List.of();
        }
    }

    private void quietDoor(String[] words) {
        int streamId = words.length > 1 && words[1].matches("\\d+") ? Integer.parseInt(words[1]) : 0;
        switch (words[0]) {
            case "rejectPublish" -> connection.rejectPublish(streamId, Status.error(words[2], "no"));
            case "rejectPlay" -> connection.rejectPlay(streamId, Status.error(words[2], "no"));
            case "published" -> connection.published(streamId);
            case "unpublished" -> connection.unpublished(streamId);
            case "status" -> connection.status(streamId, Status.status(words[2], "so"));
            case "result" -> connection.result(streamId, Words.value(words[2]));
            case "notFound" -> connection.error(streamId, Status.methodNotFound(words[2]));
            case "createStream" -> connection.createStream();
            case "publish" -> connection.publish(streamId, words[2], words[3]);
            case "play" -> connection.play(streamId, words[2], Long.parseLong(words[3]));
            case "deleteStream" -> connection.deleteStream(streamId);
            case "call" -> connection.call(words[1], Words.value(words[2]));
            case "tell" -> connection.tell(words[1], Words.value(words[2]));
            default -> throw new AssertionError("no such door: " + words[0]);
        }
    }
}
