package io.fluctus.bus;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Prelude;
import io.fluctus.media.StreamName;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A stream for one who takes all of it: its prelude, then each packet once and in order. One who comes to a stream that is not live
 * hears UNPUBLISHED first.
 */
public final class Following {
    /** Packets that may arrive while the prelude is fetched; more are lost. */
    private static final int MAX_EARLY = 8192;

    private final Consumer<MediaPacket> follower;
    private final Bus.Registration outlet;
    private final List<MediaPacket> early = new ArrayList<>();
    private boolean loaded;
    private boolean closed;
    private long lastSequence;

    public Following(Bus bus, StreamName stream, Consumer<MediaPacket> follower) {
        this.follower = follower;
        this.outlet = bus.onOutlet(stream, this::receive);
        bus.prelude(stream).onSuccess(this::load).onFailure(error -> load(new Prelude.Snapshot(false, 0, List.of())));
    }

    /** Nothing is told from now on. */
    public Future<Void> close() {
        closed = true;
        early.clear();
        return outlet.close();
    }

    private void load(Prelude.Snapshot snapshot) {
        lastSequence = snapshot.sequence();
        loaded = true;
        if (!snapshot.live()) {
            tell(new MediaPacket(Kind.UNPUBLISHED, 0, Buffer.buffer(), 0, lastSequence));
        }
        snapshot.packets().forEach(this::tell);
        List.copyOf(early).forEach(this::receive);
        early.clear();
    }

    private void receive(MediaPacket packet) {
        if (!loaded) {
            if (early.size() < MAX_EARLY) {
                early.add(packet);
            }
        } else if (packet.sequence() > lastSequence) {
            lastSequence = packet.sequence();
            tell(packet);
        }
    }

    private void tell(MediaPacket packet) {
        if (!closed) {
            follower.accept(packet);
        }
    }
}
