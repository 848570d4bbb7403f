package io.fluctus.script;

import io.fluctus.media.StreamName;
import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.fluctus.wire.AmfValue;
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
            .method("close", (stream, given) -> {
                stream.publisher.ifPresent(client -> client.close(given.text(0), given.text(1)));
                return Given.NOTHING;
            });

    private final StreamName name;
    private final Thing thing;
    private final NavigableMap<String, Thing> listeners = new TreeMap<>();
    private final Thing collection = Thing.collection(listeners);
    private Optional<Client> publisher = Optional.empty();

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
        return publisher.isEmpty() && listeners.isEmpty();
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
                        (listener, value) ->
                                listener.flags[flag.ordinal()] = value.bool().orElse(true));
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

        private final String id;
        private final AppStream stream;
        private final boolean[] flags = {true, true, true, true};

        Listener(Client client, AppStream stream) {
            this.id = client.id();
            this.stream = stream;
        }
    }
}
