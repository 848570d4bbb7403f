package io.fluctus.rtmfp;

import io.fluctus.rtmfp.GroupLink.Worth;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The talk of two members of one group on their main flows: each proves that it knows the group, both say begin, each reports once
 * whom it knows and now and then again. The initiator speaks first.
 */
final class Neighbour {
    private final GroupSpec spec;
    private final Buffer ourId;
    private final GroupLink link;
    private Optional<Long> ourReport = Optional.empty();
    private Optional<Long> farReport = Optional.empty();
    private boolean greeted;
    private boolean reported; // we have
    private boolean heard; // it has reported
    private boolean answerDue; // it owes a report
    private final Map<Buffer, MediaPeer> streams = new HashMap<>(2); // by key

    Neighbour(GroupSpec spec, Buffer ourId, GroupLink link) {
        this.spec = spec;
        this.ourId = ourId;
        this.link = link;
    }

    GroupLink link() {
        return link;
    }

    Map<Buffer, MediaPeer> streams() {
        return streams;
    }

    /** Whether it has proved to be a member. */
    boolean isGreeted() {
        return greeted;
    }

    /** Whether streams may be described to it. */
    boolean hasReported() {
        return heard;
    }

    /** Whether it has answered our last report. */
    boolean isQuiet() {
        return greeted && !answerDue;
    }

    boolean isReport(long farFlow) {
        return farReport.equals(Optional.of(farFlow));
    }

    boolean isOurReport(long flow) {
        return ourReport.equals(Optional.of(flow));
    }

    /** The first word, the initiator's before it has heard anything. */
    void greet() {
        if (ourReport.isPresent()) {
            return;
        }
        ourReport = Optional.of(link.open(GroupFlow.REPORT, farReport));
        say(new GroupMessage.Hello(spec.hexId(), spec.proof(link.farNonce()), link.farPeer()));
        say(new GroupMessage.Ready());
        say(new GroupMessage.Begin());
    }

    /** Throws ProtocolException for one who does not know the group. */
    void greeted(long farFlow, GroupMessage.Hello hello) {
        boolean knows = hello.groupId().equalsIgnoreCase(spec.hexId())
                && hello.to().equals(ourId)
                && hello.proof().equals(spec.proof(link.nearNonce()));
        if (!knows || greeted) {
            throw new ProtocolException("does not know the group");
        }
        farReport = Optional.of(farFlow);
        greeted = true;
        greet();
    }

    /** It said begin: the first report is ours if it has not come yet. */
    boolean reportIsDue() {
        return !reported;
    }

    /** {@code unasked}: it is to answer. */
    void report(GroupMessage.Report report, boolean unasked) {
        reported = true;
        answerDue = unasked;
        say(report);
    }

    /** Its report came; whether it wants one of ours in answer. */
    boolean heardReport() {
        heard = true;
        boolean answer = !answerDue;
        answerDue = false;
        return answer;
    }

    void say(GroupMessage message) {
        link.write(ourReport.orElseThrow(), message.encode(), Worth.RELIABLE);
    }

    /** The stream that a flow of ours belongs to. */
    Optional<Buffer> keyOf(long ourFlow) {
        return streams.entrySet().stream()
                .filter(e -> e.getValue().ourReport() == ourFlow || e.getValue().ownsMedia(ourFlow))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Who speaks of a stream on that flow of its own. */
    Optional<MediaPeer> peerOfReport(long farFlow) {
        return streams.values().stream()
                .filter(p -> p.farReport().equals(Optional.of(farFlow)))
                .findFirst();
    }

    /** Who sends fragments on that flow of its own. */
    Optional<MediaPeer> peerOfMedia(long farFlow) {
        return streams.values().stream().filter(p -> p.isMedia(farFlow)).findFirst();
    }

    /** Opens the flow on which a stream is described to it. */
    MediaPeer describe(StreamDescription stream) {
        MediaPeer peer = new MediaPeer(link, link.open(GroupFlow.MEDIA_REPORT, farReport));
        streams.put(stream.key(), peer);
        peer.say(new GroupMessage.Described(stream));
        return peer;
    }
}
