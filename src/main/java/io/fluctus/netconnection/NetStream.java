package io.fluctus.netconnection;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One NetStream as the server sees it (RTMP 1.0 7.2.2): idle, publishing or playing, one of them at a time. */
final class NetStream {
    /** Flash sends before it hears Publish.Start: what fits is kept for the owner's answer, the rest is dropped. */
    static final int MAX_EARLY_PACKETS = 256;

    static final int MAX_EARLY_BYTES = 1 << 20;

    /** The commands that are a NetStream's. */
    static final Set<String> WORDS = Set.of(
            "publish",
            "play",
            "play2",
            "pause",
            "pauseRaw",
            "seek",
            "receiveAudio",
            "receiveVideo",
            "receiveVideoFPS",
            "closeStream");

    /** What all NetStreams of one connection share. */
    record Connection(String app, String clientId, Outbox out) {}

    private enum State {
        IDLE,
        PUBLISH_REQUESTED,
        PUBLISHING,
        PLAY_REQUESTED,
        PLAYING
    }

    private final int id;
    private final Connection connection;
    private final Outbox out;
    private final List<Event> early = new ArrayList<>();
    private int earlyBytes;
    private State state = State.IDLE;
    private String name = "";
    private boolean reset;
    private boolean paused;
    private boolean audio = true;
    private boolean video = true;
    private long bufferMillis;
    private long ignored;

    /** {@code bufferMillis}: what the client set for all its streams, 0 if nothing. */
    NetStream(int id, Connection connection, long bufferMillis) {
        this.id = id;
        this.connection = connection;
        this.out = connection.out;
        this.bufferMillis = bufferMillis;
    }

    /** Messages with media that came while nothing was published here, or too much of it before the owner's answer. */
    long ignored() {
        return ignored;
    }

    boolean publishes(String streamName) {
        return (state == State.PUBLISHING || state == State.PUBLISH_REQUESTED) && name.equals(streamName);
    }

    /** One of {@link #WORDS}. */
    void receive(Call call, List<Event> events) {
        switch (call.name()) {
            case "publish" -> publish(call, events);
            case "play" -> play(call, events);
            case "play2" -> status(Status.error(Status.PLAY_FAILED, "play2 is not served"));
            case "pause", "pauseRaw" -> pause(call.flag(0, true), events);
            case "seek" -> seek(call.millis(0, 0), events);
            case "receiveAudio" -> select(call.flag(0, true), video, call.flag(0, true), events);
            case "receiveVideo" -> select(audio, call.flag(0, true), call.flag(0, true), events);
            case "closeStream" -> close(events);
            default -> {} // receiveVideoFPS: frames are not thinned out
        }
    }

    // -- publishing

    private void publish(Call call, List<Event> events) {
        String asked = call.text(0).orElse("");
        if (call.text(0).isEmpty()) { // publish(false)
            close(events);
            return;
        }
        stop(events);
        try {
            StreamPath path = StreamPath.ofStream(connection.app, asked);
            name = path.path();
            state = State.PUBLISH_REQUESTED;
            events.add(new Event.PublishRequested(id, name, path.query(), type(call)));
        } catch (ProtocolException unfit) {
            status(Status.error(Status.PUBLISH_BAD_NAME, unfit.getMessage()));
            // Many encoders hang at BadName until the connection ends.
            events.add(new Event.CloseRequested(unfit.getMessage()));
        }
    }

    /** {@code appendWithGap} is FMLE's append; every other word that is none means live. */
    private static String type(Call call) {
        return switch (call.text(1).orElse("")) {
            case "record" -> "record";
            case "append", "appendWithGap" -> "append";
            default -> "live";
        };
    }

    /** {@code announced}: the client said FCPublish and waits for its answer too. */
    List<Event> acceptPublish(boolean announced) {
        if (state != State.PUBLISH_REQUESTED) {
            return List.of();
        }
        state = State.PUBLISHING;
        Status start = Status.status(Status.PUBLISH_START, name + " is now published");
        if (announced) {
            out.command(0, "onFCPublish", 0, AmfValue.NULL, start.toAmf(Map.of()));
        }
        status(start);
        List<Event> kept = List.copyOf(early);
        forgetEarly();
        return kept;
    }

    void rejectPublish(Status status) {
        if (state == State.PUBLISH_REQUESTED) {
            status(status);
            idle();
        }
    }

    /** Audio, video, data or an aggregate of them. */
    void media(Message message, List<Event> events) {
        switch (state) {
            case PUBLISHING -> MediaReader.read(message, events);
            case PUBLISH_REQUESTED -> keepEarly(message);
            default -> ignored++;
        }
    }

    /**
     * A packet may be a view of its message, which it keeps alive, or larger than that once AMF3 became AMF0: the larger size counts,
     * and all of the message or none is kept.
     */
    private void keepEarly(Message message) {
        List<Event> read = new ArrayList<>();
        MediaReader.read(message, read);
        int bytes = Math.max(MediaReader.size(message), MediaReader.size(read));
        if (early.size() + read.size() <= MAX_EARLY_PACKETS && bytes <= MAX_EARLY_BYTES - earlyBytes) {
            early.addAll(read);
            earlyBytes += bytes;
        } else {
            ignored++;
        }
    }

    private void forgetEarly() {
        early.clear();
        earlyBytes = 0;
    }

    // -- playing

    private void play(Call call, List<Event> events) {
        if (call.text(0).isEmpty()) { // play(false)
            boolean played = state == State.PLAYING;
            close(events);
            if (played) {
                out.userControl(Message.UserControl.STREAM_EOF, id);
                status(Status.status(Status.PLAY_STOP, "Stopped"));
            }
            return;
        }
        stop(events);
        try {
            StreamPath path = StreamPath.ofStream(connection.app, call.text(0).get());
            name = path.path();
            reset = call.flag(3, true);
            state = State.PLAY_REQUESTED;
            events.add(new Event.PlayRequested(id, name, path.query(), start(call), call.millis(2, -1), reset));
        } catch (ProtocolException unfit) {
            status(Status.error(Status.PLAY_STREAM_NOT_FOUND, unfit.getMessage()));
        }
    }

    /** The text of 7.2.2.1 says seconds, but clients send milliseconds: -1000 is the API's -1, -2000 its -2. */
    private static long start(Call call) {
        double value = call.argument(1).number().orElse(-2.0);
        return value == -1 || value == -1000 ? -1 : call.millis(1, -2);
    }

    /** What the client asked for beforehand is told now: buffer, tracks, pause. */
    List<Event> acceptPlay() {
        if (state != State.PLAY_REQUESTED) {
            return List.of();
        }
        state = State.PLAYING;
        out.userControl(Message.UserControl.STREAM_BEGIN, id);
        if (reset) {
            status(Status.status(Status.PLAY_RESET, "Playing and resetting " + name));
        }
        playStart();
        out.add(new Message.Data(id, 0, ScriptData.sampleAccess(), false));
        List<Event> events = new ArrayList<>();
        if (bufferMillis > 0) {
            events.add(new Event.BufferLengthSet(id, bufferMillis));
        }
        if (!audio || !video) {
            events.add(new Event.TracksSelected(id, audio, video));
        }
        if (paused) {
            answerPause();
            events.add(new Event.Paused(id, true));
        }
        return events;
    }

    void rejectPlay(Status status) {
        if (state == State.PLAY_REQUESTED) {
            status(status);
            idle();
        }
    }

    void published() {
        if (state == State.PLAYING) {
            out.userControl(Message.UserControl.STREAM_BEGIN, id);
            status(Status.status(Status.PLAY_PUBLISH_NOTIFY, name + " is now published"));
        }
    }

    void unpublished() {
        if (state == State.PLAYING) {
            status(Status.status(Status.PLAY_UNPUBLISH_NOTIFY, name + " is now unpublished"));
            out.userControl(Message.UserControl.STREAM_EOF, id);
        }
    }

    void setBufferLength(long millis, List<Event> events) {
        bufferMillis = millis;
        if (state == State.PLAYING) {
            events.add(new Event.BufferLengthSet(id, millis));
        }
    }

    /** librtmp pauses and unpauses to make a server refill its buffer: cheap, and told upward only when it changes. */
    private void pause(boolean wanted, List<Event> events) {
        boolean changed = paused != wanted;
        paused = wanted;
        if (state == State.PLAYING) {
            answerPause();
            if (changed) {
                events.add(new Event.Paused(id, paused));
            }
        }
    }

    private void answerPause() {
        if (paused) {
            status(Status.status(Status.PAUSE_NOTIFY, "Pausing " + name));
            out.userControl(Message.UserControl.STREAM_EOF, id);
        } else {
            out.userControl(Message.UserControl.STREAM_BEGIN, id);
            status(Status.status(Status.UNPAUSE_NOTIFY, "Unpausing " + name));
        }
    }

    /** ffmpeg throws media away until Seek.Notify and gives up at an error, so a live stream's seek succeeds where it is. */
    private void seek(long millis, List<Event> events) {
        if (state != State.PLAYING) {
            status(Status.error(Status.SEEK_FAILED, "Nothing plays here"));
            return;
        }
        out.userControl(Message.UserControl.STREAM_EOF, id);
        out.userControl(Message.UserControl.STREAM_BEGIN, id);
        status(Status.status(Status.SEEK_NOTIFY, "Seeking " + millis + " ms in " + name));
        playStart();
        events.add(new Event.Seeked(id, millis));
    }

    /** 7.2.2.4: {@code false} has no answer, {@code true} is answered with Seek.Notify and Play.Start. */
    private void select(boolean audioWanted, boolean videoWanted, boolean on, List<Event> events) {
        boolean changed = audio != audioWanted || video != videoWanted;
        audio = audioWanted;
        video = videoWanted;
        if (state != State.PLAYING) {
            return;
        }
        if (on) {
            status(Status.status(Status.SEEK_NOTIFY, "Seeking in " + name));
            playStart();
        }
        if (changed) {
            events.add(new Event.TracksSelected(id, audio, video));
        }
    }

    private void playStart() {
        status(Status.status(Status.PLAY_START, "Started playing " + name));
    }

    // -- the end

    /** closeStream, publish(false), play(false) and FCUnpublish: a publisher is told that it is done. */
    void close(List<Event> events) {
        if (state == State.PUBLISHING) {
            status(Status.status(Status.UNPUBLISH_SUCCESS, name + " is now unpublished"));
        }
        stop(events);
        paused = false;
        audio = true;
        video = true;
    }

    /** Ends what goes on here, so that another publish or play can begin. */
    void stop(List<Event> events) {
        switch (state) {
            case PUBLISH_REQUESTED, PUBLISHING -> events.add(new Event.PublishStopped(id));
            case PLAY_REQUESTED, PLAYING -> events.add(new Event.PlayStopped(id));
            case IDLE -> {}
        }
        idle();
    }

    private void idle() {
        state = State.IDLE;
        name = "";
        forgetEarly();
    }

    /** {@code onStatus} here; {@code details} is the stream's name, as FMS has it. */
    void status(Status status) {
        Map<String, AmfValue> extra = new LinkedHashMap<>();
        extra.put("details", AmfValue.of(name));
        extra.put("clientid", AmfValue.of(connection.clientId));
        out.status(id, status, extra);
    }
}
