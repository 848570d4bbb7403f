package io.fluctus.audience;

import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Verdict;
import io.fluctus.config.Config;
import io.fluctus.guard.Share;
import io.fluctus.guard.Shares;
import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.media.Prelude;
import io.fluctus.media.StreamName;
import io.netty.channel.EventLoop;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The viewers of one stream on one event loop. Packets go into a ring, every viewer is a cursor; a pass brings all of them to the
 * head in slices, so that newcomers and other streams get their turn between two slices.
 */
public final class Audience {
    private static final Logger LOG = LoggerFactory.getLogger("audience");

    /** Viewers served before the loop is given to others. */
    private static final int SLICE = 64;

    /** Bytes that leave in one write; what is more goes into the next. */
    private static final int MAX_RUN_BYTES = 256 * 1024;

    /** Runs remembered within a pass: as many different cursor positions as a pass commonly meets. */
    private static final int RUNS = 16;

    /** Packets that arrive while the prelude is fetched. */
    private static final int MAX_EARLY = Ring.MAX_PACKETS;

    /**
     * With the adaptive pace a pass that was longer than this is followed by a pause, of what it was longer and at most half its
     * length: a loop that has time sends at once, a loop that is busy gathers.
     */
    private static final long SHORT_PASS_NANOS = 8_000_000;

    /** {@code fanout.gatherMillis} of the adaptive pace. */
    private static final int ADAPTIVE = -1;

    private final StreamName stream;
    private final EventLoop loop;
    private final Config.Fanout pace;
    private final Shares shares;
    private final List<Share> common;
    private final Ring ring;
    private final Prelude prelude;
    private final Registration outlet;
    private final List<Seat> seats = new ArrayList<>();
    private final Run[] runs = new Run[RUNS];
    private final Runnable slice = this::slice;
    private final Runnable pass = this::pass;
    private final List<MediaPacket> early = new ArrayList<>();

    private boolean loaded;
    private boolean live;
    private long lastSequence;
    private int nextRun;
    private Run preludeRun;

    private boolean passing;
    private boolean scheduled;
    private boolean dirty;
    private int nextSeat;
    private long served; // the ring's head when the newest slice began
    private long passStarted;
    private long notBefore;

    private long bytesOut;
    private long dropped;

    /** What all audiences of an instance have; {@code loop} is the caller's own. */
    record Setting(Bus bus, EventLoop loop, Config config, Shares shares) {}

    /** Starts to listen to the stream. */
    Audience(StreamName stream, Setting setting) {
        this.stream = stream;
        this.loop = setting.loop;
        this.pace = setting.config.fanout();
        this.shares = setting.shares;
        this.common = shares.of(stream.app(), stream.stream());
        this.ring = new Ring(pace);
        this.prelude = new Prelude(setting.config.stream().preludeBytes());
        this.outlet = setting.bus.onOutlet(stream, this::receive);
        setting.bus
                .prelude(stream)
                .onSuccess(this::load)
                .onFailure(error -> load(new Prelude.Snapshot(false, 0, List.of())));
    }

    /** A viewer's place: its cursor and its wishes. */
    public final class Seat {
        private final Viewer viewer;
        private final String name;
        private final Portion portion;
        private int index;
        private long cursor;
        private int mask = Ring.EVERYTHING;
        private boolean paused;
        private boolean waitsForKeyFrame;
        private boolean seated;
        private long behindSince;
        private boolean left;
        private final long since = System.currentTimeMillis();

        private Seat(Viewer viewer, String name, Portion portion, int index) {
            this.viewer = viewer;
            this.name = name;
            this.portion = portion;
            this.index = index;
        }

        /** From now on only these tracks; video comes back with a key frame. */
        public void select(boolean audio, boolean video) {
            boolean hadVideo = (mask & Ring.VIDEO) != 0;
            mask = Ring.DATA | Ring.HEADER | (audio ? Ring.AUDIO : 0) | (video ? Ring.VIDEO : 0);
            waitsForKeyFrame |= video && !hadVideo;
        }

        /** While paused only headers pass; afterwards video goes on with a key frame. */
        public void pause(boolean paused) {
            this.paused = paused;
            waitsForKeyFrame = true;
        }

        /**
         * The viewer can take more: it gets what the others had in the last pass, and what is newer with them in the next. So viewers
         * stay at few places, and their runs are shared.
         */
        public void drain() {
            if (seated) {
                serve(this, served, now());
            }
        }

        public void leave() {
            if (!left) {
                left = true;
                Audience.this.leave(this);
            }
        }

        public StreamName stream() {
            return stream;
        }

        /** {@code since} is milliseconds since 1970, {@code lagMillis} how long ago the next packet for it arrived. */
        private JsonObject describe() {
            return new JsonObject()
                    .put("protocol", viewer.protocol())
                    .put("address", viewer.address())
                    .put("name", name)
                    .put("client", viewer.client())
                    .put("since", since)
                    .put("lagMillis", seated && !paused ? ring.age(cursor, now()) : 0)
                    .put("paused", paused)
                    .put("thinned", portion.wasThinned());
        }

        private int wants() {
            return paused ? Ring.HEADER : waitsForKeyFrame ? mask & ~Ring.VIDEO : mask;
        }
    }

    StreamName stream() {
        return stream;
    }

    boolean isEmpty() {
        return seats.isEmpty();
    }

    Seat join(Viewer viewer, Verdict verdict) {
        Portion portion = new Portion(shares, common, shares.own(verdict.kbps()));
        Seat seat = new Seat(viewer, verdict.name(), portion, seats.size());
        seats.add(seat);
        if (loaded) {
            loop.execute(() -> seat(seat));
        }
        return seat;
    }

    void close() {
        shares.release(stream.app(), stream.stream());
        outlet.close();
        forgetRuns();
        forgetPrelude();
    }

    /** Closes the viewers that have not taken anything for too long. */
    void cutTheSlow() {
        long now = now();
        for (Seat seat : List.copyOf(seats)) {
            if (seat.behindSince != 0 && now - seat.behindSince > TimeUnit.SECONDS.toMillis(pace.closeAfterSeconds())) {
                seat.viewer.cut("has read nothing for " + pace.closeAfterSeconds() + " s");
            }
        }
    }

    /** Viewers by protocol now, and payload bytes sent and packets dropped since the last report. */
    JsonObject report() {
        Map<String, Object> viewers = new TreeMap<>();
        for (Seat seat : seats) {
            viewers.merge(seat.viewer.protocol(), 1, (a, b) -> (int) a + (int) b);
        }
        JsonObject report = new JsonObject()
                .put("viewers", new JsonObject(viewers))
                .put("bytesOut", bytesOut)
                .put("dropped", dropped);
        bytesOut = 0;
        dropped = 0;
        return report;
    }

    /** Who watches, the first {@code limit} of them. */
    JsonArray describe(int limit) {
        JsonArray viewers = new JsonArray();
        seats.stream().limit(limit).forEach(seat -> viewers.add(seat.describe()));
        return viewers;
    }

    // -- packets in

    private void load(Prelude.Snapshot snapshot) {
        snapshot.packets().forEach(prelude::add);
        live = snapshot.live();
        lastSequence = snapshot.sequence();
        loaded = true;
        early.forEach(this::take);
        early.clear();
        List.copyOf(seats).forEach(this::seat);
    }

    private void receive(MediaPacket packet) {
        if (!loaded) {
            if (early.size() < MAX_EARLY) {
                early.add(packet);
            }
        } else if (take(packet)) {
            dirty = true;
            wake();
        }
    }

    private boolean take(MediaPacket packet) {
        if (packet.sequence() <= lastSequence) {
            return false;
        }
        lastSequence = packet.sequence();
        forgetPrelude();
        if (packet.kind() == Kind.UNPUBLISHED) {
            prelude.clear();
        }
        live = packet.kind() != Kind.UNPUBLISHED && (live || packet.kind() == Kind.PUBLISHED);
        prelude.add(packet);
        ring.add(packet, now());
        return true;
    }

    private void seat(Seat seat) {
        if (seat.seated || seat.left) {
            return;
        }
        seat.seated = true;
        seat.cursor = ring.head();
        try {
            seat.viewer.joined(live);
            seat.waitsForKeyFrame |= !prelude.hasKeyFrame();
            if (!seat.left && !seat.portion.hasRoom()) {
                seat.leave();
                seat.viewer.cut("refused: the line is full");
            } else if (!seat.left) {
                deliverPrelude(seat);
            }
        } catch (RuntimeException bug) {
            cut(seat, bug);
        }
    }

    /** One run serves everybody who joins before the next packet; who has chosen tracks already gets one of its own. */
    private void deliverPrelude(Seat seat) {
        int mask = seat.paused ? Ring.HEADER : seat.mask;
        if (mask != Ring.EVERYTHING) {
            deliverOnce(seat, Ring.select(prelude.snapshot(live).packets(), mask));
            return;
        }
        if (preludeRun == null) {
            preludeRun = new Run(-1, ring.head(), mask, prelude.snapshot(live).packets());
        }
        if (!preludeRun.packets().isEmpty()) {
            deliver(seat, preludeRun);
        }
    }

    private void deliverOnce(Seat seat, List<MediaPacket> packets) {
        if (!packets.isEmpty()) {
            Run run = new Run(-1, -1, Ring.EVERYTHING, packets);
            deliver(seat, run);
            run.release();
        }
    }

    // -- passes

    private void wake() {
        if (passing || scheduled) {
            return;
        }
        long wait = pace.gatherMillis() > 0
                ? TimeUnit.MILLISECONDS.toNanos(pace.gatherMillis())
                : pace.gatherMillis() == ADAPTIVE ? notBefore - System.nanoTime() : 0;
        if (wait > 0) {
            scheduled = true;
            loop.schedule(pass, wait, TimeUnit.NANOSECONDS);
        } else {
            pass();
        }
    }

    private void pass() {
        scheduled = false;
        passing = true;
        dirty = false;
        nextSeat = 0;
        passStarted = System.nanoTime();
        slice();
    }

    private void slice() {
        long now = now();
        served = ring.head();
        int end = Math.min(seats.size(), nextSeat + SLICE);
        while (nextSeat < Math.min(end, seats.size())) {
            Seat seat = seats.get(nextSeat++);
            if (seat.seated) {
                serve(seat, served, now);
            }
        }
        if (nextSeat < seats.size()) {
            // A scheduled task, unlike an executed one, lets the loop look at its sockets first.
            loop.schedule(slice, 0, TimeUnit.NANOSECONDS);
            return;
        }
        long ended = System.nanoTime();
        long length = ended - passStarted;
        notBefore = ended + Math.min(length / 2, length - SHORT_PASS_NANOS);
        passing = false;
        forgetRuns();
        if (dirty) {
            wake();
        }
    }

    /** A fault of ours with one viewer costs that viewer alone. */
    private void serve(Seat seat, long end, long now) {
        try {
            drain(seat, end, now);
        } catch (RuntimeException bug) {
            cut(seat, bug);
        }
    }

    private void cut(Seat seat, RuntimeException bug) {
        LOG.error("{}: a viewer is cut after a fault of our own", stream, bug);
        seat.leave();
        seat.viewer.cut("a fault of our own");
    }

    private void drain(Seat seat, long end, long now) {
        while (!seat.left && seat.cursor < end) {
            if (seat.cursor < ring.tail()) {
                fallBehind(seat);
                continue;
            }
            if (!seat.viewer.writable()) {
                if (seat.behindSince == 0) {
                    seat.behindSince = now;
                }
                return;
            }
            seat.behindSince = 0;
            step(seat, end);
        }
    }

    /** Sends the next run, or the next word, to one viewer. */
    private void step(Seat seat, long limit) {
        long end = limit;
        if (!seat.portion.isEnough()) {
            seat.leave();
            seat.viewer.cut("its share of the line is too small for this stream");
            return;
        }
        boolean thinned = seat.portion.thinned();
        seat.waitsForKeyFrame |= thinned;
        if (seat.waitsForKeyFrame && !seat.paused) {
            long key = ring.nextKeyFrame(seat.cursor);
            seat.waitsForKeyFrame = key != seat.cursor;
            end = key > seat.cursor ? Math.min(key, limit) : thinned && key == seat.cursor ? key + 1 : limit;
        }
        long word = ring.nextWord(seat.cursor);
        if (word == seat.cursor) {
            seat.cursor++;
            speak(seat, ring.get(word));
            return;
        }
        end = ring.runEnd(seat.cursor, word >= 0 ? Math.min(word, end) : end, MAX_RUN_BYTES);
        Run run = run(seat.cursor, end, seat.wants());
        seat.cursor = end;
        if (!run.packets().isEmpty()) {
            deliver(seat, run);
        }
    }

    private void deliver(Seat seat, Run run) {
        bytesOut += run.bytes();
        seat.portion.take(run.bytes());
        seat.viewer.deliver(run);
    }

    private void speak(Seat seat, MediaPacket word) {
        if (word.kind() == Kind.PUBLISHED) {
            seat.waitsForKeyFrame = true;
            seat.viewer.published();
        } else {
            seat.viewer.unpublished();
        }
    }

    /**
     * The ring has moved past the viewer's cursor: it goes on with the newest key frame, or waits for the next. What it must not miss
     * of the packets in between, it gets: the last word and the headers that are valid now.
     */
    private void fallBehind(Seat seat) {
        long key = ring.lastKeyFrame();
        long target = key >= 0 ? key : ring.head();
        long word = ring.nextWord(ring.tail());
        target = word >= 0 ? Math.min(word, target) : target;
        long from = seat.cursor;
        dropped += target - from;
        seat.cursor = target;
        seat.waitsForKeyFrame = true;
        if (ring.lastWord() >= from && ring.lastWord() < target) {
            speak(seat, ring.newestWord());
        }
        if (!seat.left && ring.lastHeader() >= from && ring.lastHeader() < target) {
            deliverOnce(seat, Ring.select(prelude.snapshot(live).packets(), Ring.HEADER));
        }
    }

    private Run run(long from, long to, int mask) {
        for (Run run : runs) {
            if (run != null && run.from == from && run.to == to && run.mask == mask) {
                return run;
            }
        }
        Run run = new Run(from, to, mask, ring.select(from, to, mask));
        if (runs[nextRun] != null) {
            runs[nextRun].release();
        }
        runs[nextRun] = run;
        nextRun = (nextRun + 1) % RUNS;
        return run;
    }

    private void forgetRuns() {
        for (int i = 0; i < RUNS; i++) {
            if (runs[i] != null) {
                runs[i].release();
                runs[i] = null;
            }
        }
    }

    private void forgetPrelude() {
        if (preludeRun != null) {
            preludeRun.release();
            preludeRun = null;
        }
    }

    private void leave(Seat seat) {
        Seat last = seats.remove(seats.size() - 1);
        if (last != seat) {
            seats.set(seat.index, last);
            last.index = seat.index;
            dirty |= passing && seat.index < nextSeat; // the one that moved was not served yet: another pass
        }
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
