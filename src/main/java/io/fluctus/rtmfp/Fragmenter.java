package io.fluctus.rtmfp;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Cuts the packets of a stream into numbered fragments. A member that joins late gets nothing that is older than its first fragment,
 * so codec headers and metadata are said again: before key frames, and for sound about once a second.
 */
final class Fragmenter {
    private static final int REPEAT_MILLIS = 900;

    private final Map<Kind, MediaPacket> headers = new LinkedHashMap<>();
    private final Map<Kind, Long> saidAt = new LinkedHashMap<>();
    private Optional<Long> start = Optional.empty();
    private boolean keyFrameSeen;
    private long last;
    private long tooLong;

    /** The number of the newest fragment; 0 before the first. */
    long last() {
        return last;
    }

    /** Messages that were left out because their count of pieces does not fit into a byte. */
    long tooLong() {
        return tooLong;
    }

    /** The fragments of the next packet of the stream, and of headers that are due before it. */
    List<Fragment> cut(MediaPacket packet) {
        List<Fragment> out = new ArrayList<>();
        Buffer payload = packet.payload();
        if (payload.length() == 0 || packet.kind() != Kind.DATA && !packet.isMedia()) {
            return out;
        }
        if (packet.kind() == Kind.DATA || MediaTag.header(packet.kind(), payload)) {
            headers.put(packet.kind(), packet);
            say(packet.kind(), packet.timestamp(), out);
            return out;
        }
        if (packet.kind() == Kind.AUDIO) {
            repeat(Kind.AUDIO, packet.timestamp(), out);
        } else if (MediaTag.keyFrame(payload)) {
            keyFrameSeen = true;
            repeat(Kind.DATA, packet.timestamp(), out);
            repeat(Kind.VIDEO, packet.timestamp(), out);
        } else if (!keyFrameSeen) {
            return out;
        }
        cut(packet.kind(), packet.timestamp(), payload, out);
        return out;
    }

    private void repeat(Kind kind, long time, List<Fragment> out) {
        if (headers.containsKey(kind) && time - saidAt.getOrDefault(kind, time) >= REPEAT_MILLIS) {
            say(kind, time, out);
        }
    }

    private void say(Kind kind, long time, List<Fragment> out) {
        saidAt.put(kind, time);
        Buffer payload = headers.get(kind).payload();
        if (kind != Kind.DATA || payload.length() <= Fragment.MAX_DATA) { // librtmfp misreads data in pieces
            cut(kind, time, payload, out);
        }
    }

    private void cut(Kind kind, long timestamp, Buffer payload, List<Fragment> out) {
        int length = payload.length();
        if (length > Fragment.MAX_MESSAGE) {
            tooLong++;
            return;
        }
        if (start.isEmpty()) {
            start = Optional.of(timestamp);
        }
        long time = Math.max(0, timestamp - start.get());
        int type = type(kind);
        if (length <= Fragment.MAX_DATA) {
            out.add(new Fragment(Fragment.Place.WHOLE, ++last, 0, type, time, payload));
            return;
        }
        int remaining = (length - 1) / Fragment.MAX_DATA;
        for (int at = 0; at < length; at += Fragment.MAX_DATA, remaining--) {
            Buffer piece = payload.slice(at, Math.min(length, at + Fragment.MAX_DATA));
            Fragment.Place place =
                    at == 0 ? Fragment.Place.FIRST : remaining == 0 ? Fragment.Place.LAST : Fragment.Place.MIDDLE;
            out.add(new Fragment(place, ++last, remaining, at == 0 ? type : 0, at == 0 ? time : 0, piece));
        }
    }

    private static int type(Kind kind) {
        return kind == Kind.AUDIO ? FlowMessage.AUDIO : kind == Kind.VIDEO ? FlowMessage.VIDEO : FlowMessage.DATA_AMF0;
    }
}
