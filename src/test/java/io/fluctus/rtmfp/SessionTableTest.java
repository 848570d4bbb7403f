package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sessions in turn: bursts, alarms, and those that are gone. */
class SessionTableTest {
    private final SessionTable table = new SessionTable();
    private final Outgoing out = new Outgoing();
    private final Random random = new Random(3);

    private Session session(int id) {
        SessionKeys keys = SessionKeys.derive(Captures.hex("01"), Captures.hex("02"), Captures.hex("03"));
        PacketCipher cipher = keys.cipher(false, Negotiation.OFFER, Negotiation.OFFER);
        Session.Terms terms = new Session.Terms(
                Packet.RESPONDER, id, id, cipher, keys, Identity.client(random).certificate());
        Session session = new Session(terms, World.at(id), new TimeCritical(), 0);
        table.add(session);
        return session;
    }

    private static void write(Session session, int packets) {
        SendFlow flow = session.openFlow(Captures.hex("54430400"), Optional.empty(), SendFlow.Priority.DATA);
        session.write(flow, Buffer.buffer(new byte[packets * Params.MAX_FRAGMENT]), Delivery.RELIABLE, 0);
    }

    /** The ports, which are the sessions' ids, of the next datagrams. */
    private List<Integer> next(int count) {
        List<Integer> ids = new ArrayList<>();
        while (ids.size() < count && table.poll(out, 0)) {
            ids.add(out.copy().peer().getPort());
        }
        return ids;
    }

    @Test
    void aSessionSpeaksInBurstsAndThenTheOthersDo() {
        write(session(1), 2);
        write(session(2), 2);
        assertThat(next(10)).startsWith(1, 1).contains(2).isSorted();
    }

    @Test
    void nobodySpeaksMoreThanABurstWhileOthersWait() {
        Session first = session(1);
        Session second = session(2);
        next(10);
        for (int i = 0; i < 40; i++) {
            first.enqueue(new Chunk.Ping(Buffer.buffer(new byte[900])));
            second.enqueue(new Chunk.Ping(Buffer.buffer(new byte[900])));
        }
        assertThat(next(24)).containsExactly(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2);
    }

    @Test
    void theEarliestAlarmIsTheTables() {
        Session first = session(1);
        session(2);
        next(10);
        assertThat(table.deadline()).isEqualTo(Params.KEEPALIVE_SERVER);
        first.keepAlive(5_000);
        next(10);
        assertThat(table.deadline()).isEqualTo(5_000);
        assertThat(table.due(4_999)).isNull();
        assertThat(table.due(5_000)).isSameAs(first);
    }

    @Test
    void whoIsRemovedSpeaksNoMore() {
        Session first = session(1);
        Session second = session(2);
        write(first, 1);
        write(second, 1);
        table.remove(first);
        first.abort();
        assertThat(next(10)).containsOnly(2);
        assertThat(table.size()).isEqualTo(1);
        first.enqueue(new Chunk.Ping(Buffer.buffer()));
        assertThat(next(10)).isEmpty();
        assertThat(table.get(1)).isEmpty();
        assertThat(table.get(2)).contains(second);
    }

    @Test
    void aSessionThatClosedItselfIsForgotten() {
        Session session = session(1);
        table.confirm(session);
        assertThat(table.get(session.farCertificate().fingerprint())).contains(session);
        session.abort();
        next(1);
        assertThat(table.size()).isZero();
        assertThat(table.confirmedCount()).isZero();
    }
}
