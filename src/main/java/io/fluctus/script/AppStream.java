package io.fluctus.script;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.StreamName;
import io.fluctus.script.MediaDoor.Opened;
import io.fluctus.script.MediaDoor.Outlet;
import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** A stream that clients of a tree publish or play: a publication, as scripts call it. */
final class AppStream {
    private static final AmfValue ZERO = AmfValue.of(0);

    static final Given NO_QUALITY = new Given.Plain(AmfValue.Obj.of(Map.of(
            "lostRate", ZERO, "byteRate", ZERO, "congestionRate", ZERO, "latency", ZERO, "droppedFrames", ZERO)));

    static final Kind<AppStream> KIND = new Kind<AppStream>("publication")
            .property("name", stream -> Given.of(stream.name.stream()))
            .property(
                    "publisherId",
                    stream -> Given.of(stream.publisher.map(Client::id).orElse("")))
            .part("listeners", stream -> stream.collection)
            .property("audioQOS", stream -> NO_QUALITY)
            .property("videoQOS", stream -> NO_QUALITY)
            .method("close", AppStream::close)
            .method("pushAudioPacket", (stream, given) -> stream.push(MediaPacket.Kind.AUDIO, given))
            .method("pushVideoPacket", (stream, given) -> stream.push(MediaPacket.Kind.VIDEO, given))
            .method("pushDataPacket", AppStream::pushData)
            .method("flush", (stream, given) -> Given.NOTHING);

    private final StreamName name;
    private final Thing thing;
    private final NavigableMap<String, Thing> listeners = new TreeMap<>();
    private final Thing collection = Thing.collection(listeners);
    private Optional<Client> publisher = Optional.empty();
    private Optional<Opened> heard = Optional.empty();
    private Optional<Outlet> outlet = Optional.empty();
    private long lastTime; // of what was pushed: data messages have none of their own

    AppStream(StreamName name) {
        this.name = name;
        this.thing = Thing.of(KIND, this);
    }

    Thing thing() {
        return thing;
    }

    StreamName name() {
        return name;
    }

    /** By the ids of those who play it. */
    NavigableMap<String, Thing> listeners() {
        return listeners;
    }

    void publisher(Optional<Client> client) {
        publisher = client;
    }

    boolean isOver() {
        return publisher.isEmpty() && outlet.isEmpty() && listeners.isEmpty();
    }

    // -- media

    void heard(Opened opened) {
        heard = Optional.of(opened);
    }

    boolean isHeard() {
        return heard.isPresent();
    }

    /** Its media is not listened to any more. */
    void deaf() {
        heard.ifPresent(Opened::close);
        heard = Optional.empty();
    }

    /** The application publishes it itself; empty: no more. */
    void outlet(Optional<Outlet> own) {
        outlet = own;
    }

    private Outlet own() {
        return outlet.orElseThrow(
                () -> new ProtocolException("packets are pushed into what cumulus:publish gives back"));
    }

    /** Time, bytes, and perhaps where in the bytes the packet begins. */
    private Given push(MediaPacket.Kind kind, Arguments given) {
        Buffer bytes = Buffer.buffer(given.bytes(1));
        lastTime = time(given.number(0, 0));
        own().send(MediaPacket.of(kind, lastTime, from(bytes, given.number(2, 0))));
        return Given.NOTHING;
    }

    private static long time(double millis) {
        return (long) millis & 0xFFFFFFFFL;
    }

    private static Buffer from(Buffer bytes, double offset) {
        return offset > 0 && offset <= bytes.length() ? bytes.slice((int) offset, bytes.length()) : bytes;
    }

    /** A name, and values: as bytes that hold AMF, as Cumulus had it, or as they are. */
    private Given pushData(Arguments given) {
        ByteWriter out = new ByteWriter();
        Amf0.encode(AmfValue.of(given.text(0)), out);
        if (given.isBytes(1)) {
            out.bytes(from(Buffer.buffer(given.bytes(1)), given.number(2, 0)));
        } else {
            given.from(1).forEach(value -> Amf0.encode(value, out));
        }
        own().send(MediaPacket.of(MediaPacket.Kind.DATA, lastTime, out.buffer()));
        return Given.NOTHING;
    }

    private Given close(Arguments given) {
        publisher.ifPresent(client -> client.close(given.text(0), given.text(1)));
        closeOutlet();
        return Given.NOTHING;
    }

    void closeOutlet() {
        outlet.ifPresent(Opened::close);
    }

    /** One client that plays it. */
    static final class Listener {
        static final Kind<Listener> KIND = new Kind<Listener>("listener")
                .property("id", listener -> Given.of(listener.id))
                .part("publication", listener -> listener.stream.thing)
                .property("audioQOS", listener -> NO_QUALITY)
                .property("videoQOS", listener -> NO_QUALITY);

        static {
            for (Flag flag : Flag.values()) {
                KIND.property(
                        flag.member,
                        listener -> Given.of(listener.flags[flag.ordinal()]),
                        (listener, value) -> listener.set(flag, value.bool().orElse(true)));
            }
        }

        /** What scripts may switch. */
        enum Flag {
            AUDIO_SAMPLE_ACCESS("audioSampleAccess"),
            VIDEO_SAMPLE_ACCESS("videoSampleAccess"),
            RECEIVE_AUDIO("receiveAudio"),
            RECEIVE_VIDEO("receiveVideo");

            private final String member;

            Flag(String member) {
                this.member = member;
            }
        }

        private final Client client;
        private final String id;
        private final AppStream stream;
        private final boolean[] flags = {true, true, true, true};

        Listener(Client client, AppStream stream) {
            this.client = client;
            this.id = client.id();
            this.stream = stream;
        }

        private void set(Flag flag, boolean value) {
            flags[flag.ordinal()] = value;
            if (flag == Flag.RECEIVE_AUDIO || flag == Flag.RECEIVE_VIDEO) {
                client.select(stream.name, flags[Flag.RECEIVE_AUDIO.ordinal()], flags[Flag.RECEIVE_VIDEO.ordinal()]);
            }
        }
    }
}
