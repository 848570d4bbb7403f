package io.fluctus.netconnection;

import io.fluctus.wire.AmfValue;
import java.util.LinkedHashMap;
import java.util.Map;

/** The information object of {@code onStatus}, {@code _result} of connect and {@code _error} (RTMP 1.0 7.2): verbatim codes. */
public record Status(Level level, String code, String description) {
    public enum Level {
        STATUS("status"),
        WARNING("warning"),
        ERROR("error");

        private final String word;

        Level(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    private static final int MAX_SHOWN = 128;

    public static final String CONNECT_SUCCESS = "NetConnection.Connect.Success";
    public static final String CONNECT_REJECTED = "NetConnection.Connect.Rejected";
    public static final String CONNECT_INVALID_APP = "NetConnection.Connect.InvalidApp";
    public static final String CONNECT_APP_SHUTDOWN = "NetConnection.Connect.AppShutdown";
    public static final String CONNECT_CLOSED = "NetConnection.Connect.Closed";
    public static final String CONNECT_RECONNECT_REQUEST = "NetConnection.Connect.ReconnectRequest";
    public static final String CALL_FAILED = "NetConnection.Call.Failed";
    public static final String FAILED = "NetStream.Failed";
    public static final String PUBLISH_START = "NetStream.Publish.Start";
    public static final String PUBLISH_BAD_NAME = "NetStream.Publish.BadName";
    public static final String PUBLISH_DENIED = "NetStream.Publish.Denied";
    public static final String PUBLISH_IDLE = "NetStream.Publish.Idle";
    public static final String UNPUBLISH_SUCCESS = "NetStream.Unpublish.Success";
    public static final String PLAY_RESET = "NetStream.Play.Reset";
    public static final String PLAY_START = "NetStream.Play.Start";
    public static final String PLAY_STOP = "NetStream.Play.Stop";
    public static final String PLAY_FAILED = "NetStream.Play.Failed";
    public static final String PLAY_STREAM_NOT_FOUND = "NetStream.Play.StreamNotFound";
    public static final String PLAY_PUBLISH_NOTIFY = "NetStream.Play.PublishNotify";
    public static final String PLAY_UNPUBLISH_NOTIFY = "NetStream.Play.UnpublishNotify";
    public static final String PLAY_INSUFFICIENT_BW = "NetStream.Play.InsufficientBW";
    public static final String PAUSE_NOTIFY = "NetStream.Pause.Notify";
    public static final String UNPAUSE_NOTIFY = "NetStream.Unpause.Notify";
    public static final String SEEK_NOTIFY = "NetStream.Seek.Notify";
    public static final String SEEK_FAILED = "NetStream.Seek.Failed";
    public static final String DATA_START = "NetStream.Data.Start";

    public static Status status(String code, String description) {
        return new Status(Level.STATUS, code, description);
    }

    public static Status error(String code, String description) {
        return new Status(Level.ERROR, code, description);
    }

    /** The answer to a call that no application knows. */
    public static Status methodNotFound(String name) {
        String shown = name.length() <= MAX_SHOWN ? name : name.substring(0, MAX_SHOWN);
        return error(CALL_FAILED, "Method not found (" + shown + ")");
    }

    /** The object as it stands on the wire; {@code extra} members follow the three of every status. */
    public AmfValue toAmf(Map<String, AmfValue> extra) {
        Map<String, AmfValue> members = new LinkedHashMap<>();
        members.put("level", AmfValue.of(level.word));
        members.put("code", AmfValue.of(code));
        members.put("description", AmfValue.of(description));
        members.putAll(extra);
        return AmfValue.Obj.of(members);
    }

    /** Reads what a peer sent; a member that is missing reads as empty, an unknown level as STATUS. */
    public static Status fromAmf(AmfValue info) {
        Map<String, AmfValue> members = info.members();
        String word = text(members, "level");
        Level level = word.equals("error") ? Level.ERROR : word.equals("warning") ? Level.WARNING : Level.STATUS;
        return new Status(level, text(members, "code"), text(members, "description"));
    }

    private static String text(Map<String, AmfValue> members, String key) {
        return members.getOrDefault(key, AmfValue.NULL).string().orElse("");
    }
}
