package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * How often peers are introduced (RFC 7016 3.5.1.4), and in which order one who asks again is told the addresses: the public one is
 * first, and each repetition begins with the next.
 */
final class Rendezvous {
    /** Introductions a second that one asker gets, by its address. */
    static final int PER_REQUESTER = 10;

    /** Introductions a second that one peer is disturbed by. */
    static final int PER_TARGET = 5;

    /** Addresses of one peer. */
    static final int MAX_ADDRESSES = 8;

    /** Questions whose repetitions are counted; the oldest are forgotten first. */
    private static final int MAX_TAGS = 4_096;

    private final RateLimit requesters;
    private final RateLimit targets;
    private final Map<Buffer, Integer> asked = new LinkedHashMap<>();

    Rendezvous(RandomGenerator random) {
        requesters = new RateLimit(random.nextInt(), PER_REQUESTER);
        targets = new RateLimit(random.nextInt(), PER_TARGET);
    }

    boolean mayAsk(Object requester, long now) {
        return requesters.take(requester, now);
    }

    boolean mayDisturb(Buffer target, long now) {
        return targets.take(target, now);
    }

    /** The addresses in the order for this time that the question is asked. */
    List<Address> turned(Buffer tag, List<Address> addresses) {
        int times = asked.merge(tag.copy(), 1, Integer::sum) - 1;
        if (asked.size() > MAX_TAGS) {
            asked.remove(asked.keySet().iterator().next());
        }
        List<Address> turned = new ArrayList<>(addresses);
        Collections.rotate(turned, -times);
        return turned;
    }

    /** Addresses as they travel on the bus. */
    static byte[] encode(List<Address> addresses) {
        ByteWriter out = new ByteWriter();
        addresses.stream().limit(MAX_ADDRESSES).forEach(a -> a.encode(out));
        return out.buffer().getBytes();
    }

    static List<Address> decode(byte[] bytes) {
        List<Address> addresses = new ArrayList<>();
        try {
            for (ByteReader in = new ByteReader(Buffer.buffer(bytes)); in.hasRemaining(); ) {
                addresses.add(Address.decode(in));
            }
        } catch (ProtocolException e) {
            return List.of();
        }
        return addresses;
    }
}
