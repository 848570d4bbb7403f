package io.fluctus;

import io.fluctus.container.FlvWriter;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** FLV made by hand: H.264 headers that are real, 25 frames a second with a key frame each second, AAC, and bodies that tell their number. */
public final class TestFlv {
    public static final int FRAME_MILLIS = 40;
    public static final int FRAMES_PER_KEY = 25;
    private static final int BODY = 400;

    /** AVCDecoderConfigurationRecord of a picture of 1280 by 720, High profile, level 3.1. */
    private static final String AVC_CONFIG =
            "0164001fffe1001b6764001facd9405005bb016a02020280000003008000001e478c18cb01000568ebecb22c";

    private static final String AAC_CONFIG = "1210"; // AAC-LC, 44,100 Hz, 2 channels

    private TestFlv() {}

    public static MediaPacket metadata() {
        ByteWriter out = new ByteWriter();
        Amf0.encodeAll(
                List.of(
                        AmfValue.of("onMetaData"),
                        AmfValue.Obj.of(
                                Map.of("encoder", AmfValue.of("made by hand\u001b[2J"), "width", AmfValue.of(1280)))),
                0,
                out);
        return MediaPacket.of(Kind.DATA, 0, out.buffer());
    }

    public static MediaPacket videoHeader(long timestamp) {
        return MediaPacket.of(Kind.VIDEO, timestamp, hex("1700000000" + AVC_CONFIG));
    }

    public static MediaPacket audioHeader(long timestamp) {
        return MediaPacket.of(Kind.AUDIO, timestamp, hex("af00" + AAC_CONFIG));
    }

    /** Frame {@code number}, a key frame each second; its number stands in its last 4 bytes. */
    public static MediaPacket video(int number) {
        Buffer body = hex((number % FRAMES_PER_KEY == 0 ? "17" : "27") + "01000000");
        return MediaPacket.of(
                Kind.VIDEO,
                (long) number * FRAME_MILLIS,
                body.appendBytes(new byte[BODY]).appendInt(number));
    }

    public static MediaPacket audio(int number) {
        return MediaPacket.of(
                Kind.AUDIO,
                (long) number * FRAME_MILLIS,
                hex("af01").appendBytes(new byte[BODY / 8]).appendInt(number));
    }

    /** Headers and {@code frames} of each track. */
    public static List<MediaPacket> packets(int frames) {
        List<MediaPacket> packets = new ArrayList<>(List.of(metadata(), videoHeader(0), audioHeader(0)));
        for (int i = 0; i < frames; i++) {
            packets.add(video(i));
            packets.add(audio(i));
        }
        return packets;
    }

    public static Buffer file(List<MediaPacket> packets) {
        Buffer out = FlvWriter.header(true, true);
        packets.forEach(packet -> FlvWriter.tag(packet, out));
        return out;
    }

    private static Buffer hex(String digits) {
        return Buffer.buffer(HexFormat.of().parseHex(digits));
    }
}
