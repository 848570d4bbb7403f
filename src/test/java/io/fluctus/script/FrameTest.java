package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ClientWord;
import io.fluctus.media.SharedName;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What passes between the gateway and the process of an isolated tree. */
class FrameTest {
    private static final List<AmfValue> VALUES = List.of(AmfValue.of(1), AmfValue.of("two"), AmfValue.NULL);
    private static final StreamName STREAM = StreamName.parse("games/cam");

    private static Frame passed(Frame frame) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frame.write(out);
        return Frame.read(new DataInputStream(new ByteArrayInputStream(out.toByteArray())));
    }

    @Test
    void eventsOfClientsPassAsTheyAre() throws IOException {
        AppEvent.Visitor visitor = new AppEvent.Visitor(
                "c/1", "rtmfp", "h:1", Buffer.buffer(new byte[] {0, -1}), "a=b", Map.of("pageUrl", AmfValue.of("x")));
        for (AppEvent event : List.of(
                new AppEvent.Connected(visitor, VALUES),
                new AppEvent.Disconnected("c/1", "broken"),
                new AppEvent.Called("c/1", "f", VALUES),
                new AppEvent.JoinedGroup("c/1", Buffer.buffer("group")),
                new AppEvent.LeftGroup("c/1", Buffer.buffer("group")),
                new AppEvent.RendezvousUnknown("", Buffer.buffer("peer")),
                new AppEvent.Greeted("", "h:1", "games"),
                new AppEvent.Published("c/1", STREAM),
                new AppEvent.Unpublished("c/1", STREAM),
                new AppEvent.Subscribed("c/1", STREAM),
                new AppEvent.Unsubscribed("c/1", STREAM),
                new AppEvent.Shared("c/1", new SharedName("games", "lobby/one"), true))) {
            Frame frame = passed(Frame.of(7, "games", event));
            assertThat(frame.event()).contains(event);
            assertThat(frame.number(0)).isEqualTo(7);
            assertThat(frame.text(1)).isEqualTo("games");
        }
        assertThat(Frame.of("manage").event()).isEmpty();
    }

    @Test
    void wordsToClientsPassAsTheyAre() throws IOException {
        for (ClientWord word : List.of(
                new ClientWord.Tell("c/1", "f", VALUES),
                new ClientWord.Call("c/1", "f", VALUES),
                new ClientWord.Say("c/1", "code", "text", true),
                new ClientWord.Select("c/1", STREAM, true, false),
                new ClientWord.Close("c/1", "code", "text"))) {
            Frame frame = passed(Frame.of(3, word));
            assertThat(frame.clientWord()).contains(word);
            assertThat(frame.number(0)).isEqualTo(3);
        }
        assertThat(Frame.of("done").clientWord()).isEmpty();
    }

    @Test
    void whatIsNoFrameIsRefused() {
        assertThatThrownBy(() -> read(0x7F, 0xFF, 0xFF, 0xFF)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> read(0xFF, 0xFF, 0xFF, 0xFF)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> read(0, 0, 0, 1, 0x05)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> read(0, 0, 0, 1, 0x01)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> read(0, 0, 0, 9, 0x01)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> read(0, 0)).isInstanceOf(EOFException.class);
    }

    private static Frame read(int... bytes) throws IOException {
        byte[] all = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            all[i] = (byte) bytes[i];
        }
        return Frame.read(new DataInputStream(new ByteArrayInputStream(all)));
    }
}
