package io.fluctus.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.container.FlvReader;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Prelude;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is shown of a stream's headers. */
class TracksTest {
    private static JsonObject of(MediaPacket... packets) {
        return Tracks.of(new Prelude.Snapshot(true, 0, List.of(packets)));
    }

    @Test
    void theDemoIsDescribed() throws IOException {
        List<MediaPacket> packets;
        try (InputStream in = TracksTest.class.getResourceAsStream("/demo/colorbars.flv")) {
            packets = new FlvReader().receive(Buffer.buffer(in.readAllBytes()));
        }
        JsonObject described = of(packets.toArray(MediaPacket[]::new));
        assertThat(described.getJsonArray("tracks")).hasSize(2);
        for (int i = 0; i < 2; i++) {
            JsonObject track = described.getJsonArray("tracks").getJsonObject(i);
            if (track.getString("kind").equals("video")) {
                assertThat(track.getString("codec")).isEqualTo("H.264");
                assertThat(track.getString("fourCc")).isEqualTo("avc1");
                assertThat(track.getString("profile")).isEqualTo("High");
                assertThat(track.getString("level")).matches("\\d\\.\\d");
                assertThat(track.getInteger("width")).isEqualTo(640);
                assertThat(track.getInteger("height")).isEqualTo(360);
                assertThat(track.getString("header")).startsWith("01 64 00");
            } else {
                assertThat(track.getString("codec")).isEqualTo("AAC");
                assertThat(track.getString("profile")).isEqualTo("LC");
                assertThat(track.getInteger("sampleRate")).isEqualTo(48_000);
                assertThat(track.getInteger("channels")).isOne();
            }
        }
        assertThat(described.getJsonObject("metadata").getInteger("width")).isEqualTo(640);
    }

    @Test
    void aBrokenHeaderIsShownAsOne() {
        Buffer broken = Buffer.buffer(new byte[] {0x17, 0, 0, 0, 0, 1, 2, 3, 4, (byte) 0xFF, (byte) 0xE1, 0, 9, 1});
        JsonObject track =
                of(MediaPacket.of(Kind.VIDEO, 0, broken)).getJsonArray("tracks").getJsonObject(0);
        assertThat(track.getString("broken")).isNotEmpty();
        assertThat(track.getString("header")).startsWith("17 00");
    }

    @Test
    void metadataIsWhateverThePublisherSaysOrNothing() {
        Buffer words = new ByteWriter().buffer();
        ByteWriter out = new ByteWriter(words);
        Amf0.encode(new AmfValue.Str("onMetaData"), out);
        Amf0.encode(new AmfValue.Str("no object"), out);
        assertThat(of(MediaPacket.of(Kind.DATA, 0, words)).getJsonObject("metadata"))
                .isEmpty();
        assertThat(of(MediaPacket.of(Kind.DATA, 0, Buffer.buffer())).getJsonObject("metadata"))
                .isEmpty();
        assertThat(of(MediaPacket.of(Kind.DATA, 0, Buffer.buffer(new byte[40_000])))
                        .getJsonObject("metadata"))
                .isEmpty();
    }

    @Test
    void noBytesBreakIt() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = new byte[random.nextInt(48)];
            random.nextBytes(bytes);
            if (bytes.length > 2) {
                bytes[0] = new byte[] {0x17, (byte) 0xAF, (byte) 0x90, (byte) 0x86, 0x02}[random.nextInt(5)];
                bytes[1] = 0;
            }
            Kind kind = new Kind[] {Kind.AUDIO, Kind.VIDEO, Kind.DATA}[random.nextInt(3)];
            assertThat(of(MediaPacket.of(kind, 0, Buffer.buffer(bytes))).encode())
                    .startsWith("{");
        }
    }
}
