package io.fluctus.rtmfp;

import io.fluctus.rtmfp.GroupLink.Worth;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** A neighbour as it takes part in one stream: its flows, what it wants of us and we of it, and what it holds. */
final class MediaPeer {
    /** Bytes that wait for a neighbour at which it is not pushed to any more: what it lacks it pulls, from others too. */
    private static final int BUSY_BYTES = 256 * 1024;

    private final GroupLink link;
    private final long ourReport;
    private Optional<Long> farReport = Optional.empty();
    private Optional<Long> ourMedia = Optional.empty();
    private Optional<Long> farMedia = Optional.empty();
    private GroupMessage.Holdings holdings = new GroupMessage.Holdings(0, Buffer.buffer());
    private int wants; // the mask it has sent
    private int asked; // the mask that we have sent
    private long toldLast;

    /** {@code ourReport} is the flow on which the stream was described to it. */
    MediaPeer(GroupLink link, long ourReport) {
        this.link = link;
        this.ourReport = ourReport;
    }

    GroupLink link() {
        return link;
    }

    long ourReport() {
        return ourReport;
    }

    Optional<Long> farReport() {
        return farReport;
    }

    boolean ownsMedia(long flow) {
        return ourMedia.equals(Optional.of(flow));
    }

    /** It has described the stream, too: from now on its wishes count. */
    void subscribed(long flow) {
        farReport = Optional.of(flow);
    }

    boolean isSubscribed() {
        return farReport.isPresent();
    }

    /** A flow of its own brings fragments. */
    void fragmentsCome(long flow) {
        farMedia = Optional.of(flow);
    }

    boolean isMedia(long flow) {
        return farMedia.equals(Optional.of(flow));
    }

    /** It wants no more fragments on that flow; the next ones get another. */
    void mediaRefused() {
        ourMedia = Optional.empty();
        wants = 0;
    }

    GroupMessage.Holdings holdings() {
        return holdings;
    }

    /** False for a map that is no newer than the last. */
    boolean holds(GroupMessage.Holdings map) {
        if (map.last() <= holdings.last()) {
            return false;
        }
        holdings = new GroupMessage.Holdings(map.last(), map.bits().copy());
        return true;
    }

    void wants(int mask) {
        wants = mask;
    }

    int asked() {
        return asked;
    }

    /** Whether it wants fragments of this number pushed and can take one. */
    boolean isPushable(long id) {
        return isSubscribed() && (wants & bit(id)) != 0 && link.queuedBytes() < BUSY_BYTES;
    }

    static int bit(long id) {
        return 1 << (int) (id & 7);
    }

    void send(Fragment fragment, Worth worth) {
        if (ourMedia.isEmpty()) {
            ourMedia = Optional.of(link.open(GroupFlow.MEDIA, farReport));
        }
        link.write(ourMedia.get(), fragment.encode(), worth);
    }

    /** Tells what we hold, if there is news; whether there was. */
    boolean tell(GroupMessage.Holdings ours) {
        if (ours.last() <= toldLast) {
            return false;
        }
        toldLast = ours.last();
        say(ours);
        return true;
    }

    void ask(int mask) {
        if (mask != asked) {
            asked = mask;
            say(new GroupMessage.Push(mask));
        }
    }

    void pull(long id) {
        say(new GroupMessage.Pull(id));
    }

    void say(GroupMessage message) {
        link.write(ourReport, message.encode(), Worth.RELIABLE);
    }

    void finish() {
        ourMedia.ifPresent(link::finish);
        link.finish(ourReport);
    }
}
