package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The handshakes that we answer, from a good cookie until the first packet of their session; and the cookies that were used. */
final class HalfOpen {
    /** Used cookies that are remembered; the oldest are forgotten first. */
    private static final int USED_COOKIES = 65_536;

    private final Map<Buffer, ResponderHandshake> byCookie = new LinkedHashMap<>();
    private final Map<Integer, ResponderHandshake> byId = new HashMap<>();
    private final Map<InetAddress, Integer> byHost = new HashMap<>();
    private final Map<Long, Long> used = new LinkedHashMap<>();

    int size() {
        return byCookie.size();
    }

    boolean isFull() {
        return byCookie.size() >= Params.MAX_HALF_OPEN;
    }

    /** Whether nobody has come with this cookie before, and the host has not begun too much. */
    boolean mayBegin(Buffer cookie, InetAddress host) {
        return !used.containsKey(Cookies.name(cookie)) && byHost.getOrDefault(host, 0) < Params.MAX_HALF_OPEN_PER_HOST;
    }

    void begin(ResponderHandshake handshake, long now) {
        byCookie.put(handshake.cookie(), handshake);
        byId.put(handshake.nearId(), handshake);
        byHost.merge(handshake.peer().getAddress(), 1, Integer::sum);
        used.put(Cookies.name(handshake.cookie()), now);
        Iterator<Long> oldest = used.values().iterator();
        while (oldest.hasNext()) {
            if (now - oldest.next() <= Params.COOKIE_LIFETIME && used.size() <= USED_COOKIES) {
                return;
            }
            oldest.remove();
        }
    }

    Optional<ResponderHandshake> get(Buffer cookie) {
        return Optional.ofNullable(byCookie.get(cookie));
    }

    Optional<ResponderHandshake> get(int id) {
        return Optional.ofNullable(byId.get(id));
    }

    void remove(ResponderHandshake handshake) {
        if (byId.remove(handshake.nearId(), handshake)) {
            byCookie.remove(handshake.cookie());
            byHost.computeIfPresent(handshake.peer().getAddress(), (host, count) -> count > 1 ? count - 1 : null);
        }
    }

    /** The oldest one; all live equally long. */
    Optional<ResponderHandshake> oldest() {
        return byCookie.values().stream().findFirst();
    }
}
