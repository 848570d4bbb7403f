package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.netconnection.Message;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our session in the place of one end of a recorded one: it hears each message that the other end said, and answers it. */
class RecordedPeersTest {
    private static final Buffer METADATA = Captures.hex("54430400");
    private static final int FLOWS = 8;

    static Stream<Path> sessions() {
        return Captures.cryptoFiles().stream();
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void theServersPlaceHearsTheClient(Path file) {
        hears(Captures.json(file), Packet.RESPONDER, "i2r");
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void theClientsPlaceHearsTheServer(Path file) {
        hears(Captures.json(file), Packet.INITIATOR, "r2i");
    }

    private static void hears(JsonObject recorded, int role, String way) {
        Session session = session(recorded, role);
        PacketCipher other = cipher(recorded, role == Packet.RESPONDER ? Packet.INITIATOR : Packet.RESPONDER);
        List<SessionEvent> events = new ArrayList<>();
        Map<Long, Model> models = new HashMap<>();
        Set<Long> acked = new HashSet<>();
        for (JsonObject datagram : RecordedSessionsTest.datagrams(recorded)) {
            if (!datagram.getString("dir").equals(way)
                    || !datagram.getString("key").equals("session")) {
                continue;
            }
            long now = 1_000_000 + datagram.getDouble("t_ms").longValue();
            Buffer plain = session.cipher()
                    .open(RecordedSessionsTest.hex(datagram, "hex"))
                    .orElseThrow();
            Packet packet = Packet.decode(plain);
            session.receive(packet, World.at(5000), now, events);
            model(packet, models);
            for (Datagram out : World.poll(session, now)) {
                Packet answer = Packet.decode(other.open(out.bytes()).orElseThrow());
                assertThat(answer.timestamp()).isNotNegative();
                answer.chunks().stream()
                        .filter(c -> c instanceof Chunk.AckRanges)
                        .forEach(c -> acked.add(((Chunk.AckRanges) c).flowId()));
            }
            session.tick(now, events);
        }
        List<SessionEvent.MessageReceived> heard = events.stream()
                .filter(e -> e instanceof SessionEvent.MessageReceived)
                .map(SessionEvent.MessageReceived.class::cast)
                .toList();
        models.forEach((flow, model) -> assertThat(
                        heard.stream().filter(m -> m.flow().id() == flow).map(SessionEvent.MessageReceived::message))
                .as("flow " + flow)
                .containsExactlyElementsOf(model.messages()));
        assertThat(heard).isNotEmpty().allSatisfy(m -> assertThat(decode(m)).isNotNull());
        assertThat(acked).isNotEmpty();
        assertThat(session.heldBytes()).isZero();
    }

    private static Message decode(SessionEvent.MessageReceived message) {
        int streamId =
                FlowMetadata.decode(message.flow().metadata()).orElseThrow().streamId();
        return message.message().length() == 0
                ? new Message.Unknown(0, 0, 0, message.message())
                : FlowMessage.read(message.message()).decode(streamId);
    }

    private static PacketCipher cipher(JsonObject recorded, int role) {
        Negotiation initiator =
                Keying.decode(RecordedSessionsTest.hex(recorded, "skic")).negotiation();
        Negotiation responder =
                Keying.decode(RecordedSessionsTest.hex(recorded, "skrc")).negotiation();
        boolean initiates = role == Packet.INITIATOR;
        return RecordedSessionsTest.keys(recorded)
                .cipher(initiates, initiates ? initiator : responder, initiates ? responder : initiator);
    }

    /** A session with some flows of ours, since the far ones say that they answer them. */
    private static Session session(JsonObject recorded, int role) {
        Certificate far = Certificate.decode(RecordedSessionsTest.hex(
                recorded, role == Packet.INITIATOR ? "responder_certificate" : "initiator_certificate"));
        Session.Terms terms =
                new Session.Terms(role, 1, 2, cipher(recorded, role), RecordedSessionsTest.keys(recorded), far);
        Session session = new Session(terms, World.at(5000), new TimeCritical(), 1_000_000);
        for (int i = 0; i < FLOWS; i++) {
            session.openFlow(METADATA, Optional.empty(), SendFlow.Priority.COMMAND);
        }
        return session;
    }

    /** The simplest possible receiver: all fragments in a map, looked at when everything has arrived. */
    private static final class Model {
        private final TreeMap<Long, Chunk.UserData> fragments = new TreeMap<>();

        List<Buffer> messages() {
            List<Buffer> messages = new ArrayList<>();
            Buffer partial = null;
            long last = 0;
            for (Chunk.UserData fragment : fragments.values()) {
                int control = fragment.flags() & Chunk.UserData.FRAGMENT_CONTROL;
                boolean abandoned = (fragment.flags() & Chunk.UserData.ABANDON) != 0;
                boolean begins = control == Chunk.UserData.WHOLE || control == Chunk.UserData.BEGIN;
                if (abandoned || !begins && fragment.sequence() != last + 1) {
                    partial = null;
                } else if (begins) {
                    partial = fragment.data().copy();
                } else if (partial != null) {
                    partial.appendBuffer(fragment.data());
                }
                if (partial != null && (control == Chunk.UserData.WHOLE || control == Chunk.UserData.END)) {
                    messages.add(partial);
                    partial = null;
                }
                last = fragment.sequence();
            }
            return messages;
        }
    }

    private static void model(Packet packet, Map<Long, Model> models) {
        Chunk.UserData last = null;
        for (Chunk chunk : packet.chunks()) {
            if (chunk instanceof Chunk.UserData data) {
                last = data;
            } else if (chunk instanceof Chunk.NextUserData next && last != null) {
                last = new Chunk.UserData(
                        next.flags(), last.flowId(), last.sequence() + 1, 0, next.options(), next.data());
            } else {
                last = null;
                continue;
            }
            models.computeIfAbsent(last.flowId(), id -> new Model()).fragments.putIfAbsent(last.sequence(), last);
        }
    }
}
