package io.fluctus.web;

import io.fluctus.media.AudioConfig;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.MediaTag;
import io.fluctus.media.Prelude;
import io.fluctus.media.VideoConfig;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfJson;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a stream says of itself before its first frame: its codec headers decoded, and its metadata. */
final class Tracks {
    /** Bytes of a header that are shown. */
    private static final int MAX_HEX = 256;

    /** A larger metadata message is only named. */
    private static final int MAX_METADATA_BYTES = 16 * 1024;

    /** H.264 annex A.2; profile_idc. */
    private static final Map<Integer, String> H264 = Map.of(
            66,
            "Baseline",
            77,
            "Main",
            88,
            "Extended",
            100,
            "High",
            110,
            "High 10",
            122,
            "High 4:2:2",
            244,
            "High 4:4:4");

    /** H.265 A.3; general_profile_idc. */
    private static final Map<Integer, String> HEVC =
            Map.of(1, "Main", 2, "Main 10", 3, "Main Still Picture", 4, "Range Extensions");

    /** AV1 A.2; seq_profile. */
    private static final Map<Integer, String> AV1 = Map.of(0, "Main", 1, "High", 2, "Professional");

    /** ISO/IEC 14496-3 table 1.17; audio object type. */
    private static final Map<Integer, String> AAC =
            Map.of(1, "Main", 2, "LC", 5, "HE-AAC", 29, "HE-AAC v2", 42, "xHE-AAC");

    private Tracks() {}

    /** {@code {tracks: [...], metadata: {...}}}. */
    static JsonObject of(Prelude.Snapshot prelude) {
        JsonArray tracks = new JsonArray();
        JsonObject metadata = new JsonObject();
        for (MediaPacket packet : prelude.packets()) {
            if (packet.kind() == Kind.DATA) {
                metadata = metadata(packet.payload()).orElse(metadata);
            } else if (MediaTag.header(packet.kind(), packet.payload())) {
                read(packet, tracks);
            }
        }
        return new JsonObject().put("tracks", tracks).put("metadata", metadata);
    }

    private static void read(MediaPacket packet, JsonArray tracks) {
        String kind = packet.kind() == Kind.VIDEO ? "video" : "audio";
        try {
            MediaTag tag = MediaTag.decode(packet.kind(), packet.payload());
            tag.tracks().forEach(track -> tracks.add(describe(kind, tag, track)));
        } catch (ProtocolException e) {
            tracks.add(new JsonObject()
                    .put("kind", kind)
                    .put("broken", e.getMessage())
                    .put("header", hex(packet.payload())));
        }
    }

    private static JsonObject describe(String kind, MediaTag tag, MediaTag.Track track) {
        JsonObject described = new JsonObject()
                .put("kind", kind)
                .put("id", track.id())
                .put("codec", track.codec().name())
                .put("fourCc", track.codec().fourCc())
                .put("message", tag.isMetadata() ? "metadata" : "sequence header")
                .put("bytes", track.body().length())
                .put("header", hex(track.body()));
        track.picture().ifPresent(picture -> describe(track.codec().name(), picture, described));
        track.sound().ifPresent(sound -> describe(sound, described));
        return described;
    }

    private static void describe(String codec, VideoConfig picture, JsonObject described) {
        int level = picture.level();
        switch (codec) {
            case "H.264" -> profile(described, H264, picture.profile(), level / 10 + "." + level % 10);
            case "HEVC" -> profile(described, HEVC, picture.profile(), level / 30 + "." + level % 30 / 3);
            case "AV1" -> profile(described, AV1, picture.profile(), 2 + (level >> 2) + "." + (level & 3));
            default -> profile(described, Map.of(), picture.profile(), Integer.toString(level));
        }
        described.put("width", picture.width()).put("height", picture.height());
    }

    private static void profile(JsonObject described, Map<Integer, String> names, int profile, String level) {
        described
                .put("profile", names.getOrDefault(profile, "profile " + profile))
                .put("level", level);
    }

    private static void describe(AudioConfig sound, JsonObject described) {
        if (sound.profile() > 0) {
            described.put("profile", AAC.getOrDefault(sound.profile(), "object type " + sound.profile()));
        }
        described.put("sampleRate", sound.sampleRate()).put("channels", sound.channels());
    }

    private static String hex(Buffer bytes) {
        byte[] shown = bytes.getBytes(0, Math.min(MAX_HEX, bytes.length()));
        return HexFormat.ofDelimiter(" ").formatHex(shown) + (bytes.length() > MAX_HEX ? " ..." : "");
    }

    /** The values of onMetaData; whoever sends it decides what they are. */
    private static Optional<JsonObject> metadata(Buffer payload) {
        if (payload.length() > MAX_METADATA_BYTES) {
            return Optional.empty();
        }
        try {
            List<AmfValue> values = Amf0.decodeReadable(new ByteReader(payload));
            return values.stream()
                    .skip(1)
                    .flatMap(value -> AmfJson.toJson(value).stream())
                    .filter(JsonObject.class::isInstance)
                    .map(JsonObject.class::cast)
                    .findFirst();
        } catch (ProtocolException e) {
            return Optional.empty();
        }
    }
}
