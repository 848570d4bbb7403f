package io.fluctus.cli;

import io.fluctus.media.MediaPacket;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.NetConnection;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** One connection from the client's side, whatever carries it: leads the dialogue, and publishes or plays one stream. */
final class ClientSession implements Session.Publication, Carrier.Listener {
    /** How long a server may take to confirm the end of a publication; many say nothing. */
    private static final long FAREWELL_MILLIS = 2_000;

    private static final long LIVE_OR_RECORDED = -2;

    /** What the connection is for; an idle one is connected and nothing more. */
    enum Use {
        PUBLISH,
        PLAY,
        IDLE
    }

    /** Who connects in order to call: an idle connection that is told more. */
    interface Calling extends Session.Listener {
        void connected(ClientSession session);

        /** The answer to {@link ClientSession#call}: the result, or what the server says of the failure. */
        void answered(boolean success, AmfValue value);
    }

    /** How far it got. */
    private enum Step {
        CONNECT("connect"),
        STREAM("createStream"),
        START("publish or play"),
        RUNNING(""),
        FAREWELL(""),
        OVER("");

        private final String word;

        Step(String word) {
            this.word = word;
        }
    }

    private final Target target;
    private final Use use;
    private final Session.Listener listener;
    private final Consumer<ClientSession> gone;
    private final long began = Session.now();
    private Step step = Step.CONNECT;
    private long farewell;
    private int streamId;
    private NetConnection dialogue = NetConnection.client();
    private Carrier carrier;
    private boolean obeying;

    /** {@code gone} is told when it is over. */
    ClientSession(Target target, Use use, Session.Listener listener, Consumer<ClientSession> gone) {
        this.target = target;
        this.use = use;
        this.listener = listener;
        this.gone = gone;
    }

    /** Begins: {@code way} opens what carries it and tells it what comes. */
    void begin(Function<Carrier.Listener, Carrier> way) {
        carrier = way.apply(this);
    }

    // -- what the carrier tells

    @Override
    public void connected(NetConnection opened) {
        dialogue = opened;
        dialogue.connect(target.app(), target.tcUrl(), use == Use.PUBLISH);
        carrier.flush();
    }

    @Override
    public void heard(Supplier<List<Event>> mutation) {
        if (step == Step.OVER) {
            return;
        }
        try {
            obeying = true;
            mutation.get().forEach(this::obey);
            obeying = false;
            carrier.flush();
        } catch (ProtocolException e) {
            end(Optional.of(e.getMessage()));
        }
    }

    @Override
    public void writable() {
        listener.writable();
    }

    @Override
    public void broke(String reason) {
        end(Optional.of(reason));
    }

    @Override
    public void closed() {
        end(step == Step.FAREWELL ? Optional.empty() : Optional.of("the server closed the connection"));
    }

    void tick() {
        heard(carrier::tick);
        long now = Session.now();
        if (step.compareTo(Step.RUNNING) < 0 && now - began > Session.ANSWER_MILLIS) {
            end(Optional.of("the server did not answer " + step.word));
        } else if (step == Step.FAREWELL && now - farewell > FAREWELL_MILLIS) {
            close();
        }
    }

    // -- the dialogue

    private void obey(Event event) {
        if (step == Step.OVER) {
            return;
        }
        if (event instanceof Event.PacketReceived received) {
            listener.received(received.packet());
        } else if (event instanceof Event.Connected) {
            if (use == Use.IDLE) {
                step = Step.RUNNING;
                listener.accepted();
                calling(calling -> calling.connected(this));
            } else {
                step = Step.STREAM;
                dialogue.createStream();
            }
        } else if (event instanceof Event.CallAnswered answer) {
            calling(calling ->
                    calling.answered(answer.success(), answer.values().get(0)));
        } else if (event instanceof Event.ConnectRefused refused) {
            end(Optional.of(sentence(refused.status())));
        } else if (event instanceof Event.StreamCreated created) {
            start(created.streamId());
        } else if (event instanceof Event.StatusReceived received) {
            heard(received.status());
        } else if (event instanceof Event.CallReceived call && call.transactionId() != 0) {
            dialogue.error(call.transactionId(), Status.methodNotFound(call.name()));
        } else if (event instanceof Event.CloseRequested request) {
            end(Optional.of(request.reason()));
        }
    }

    private void calling(Consumer<Calling> action) {
        if (listener instanceof Calling calling) {
            action.accept(calling);
        }
    }

    private void start(int created) {
        streamId = created;
        step = Step.START;
        if (use == Use.PUBLISH) {
            dialogue.publish(created, target.stream(), "live");
        } else {
            dialogue.play(created, target.stream(), LIVE_OR_RECORDED);
        }
    }

    private void heard(Status status) {
        if (status.level() == Status.Level.ERROR) {
            end(Optional.of(sentence(status)));
            return;
        }
        switch (status.code()) {
            case Status.PUBLISH_START, Status.PLAY_START -> {
                if (step == Step.START) {
                    step = Step.RUNNING;
                    listener.accepted();
                }
            }
            case Status.UNPUBLISH_SUCCESS -> {
                if (step == Step.FAREWELL) {
                    close();
                }
            }
            case Status.PLAY_UNPUBLISH_NOTIFY, Status.PLAY_STOP ->
                carrier.arrived().onComplete(done -> end(Optional.empty()));
            default -> {} // Play.Reset, Data.Start, ...
        }
    }

    private static String sentence(Status status) {
        return "the server says " + status.code() + (status.description().isEmpty() ? "" : ": " + status.description());
    }

    // -- doors

    /** Calls the application; {@link Calling#answered} follows. Calls made while one is answered leave together. */
    void call(String method, List<AmfValue> arguments) {
        dialogue.call(method, arguments.toArray(AmfValue[]::new));
        if (!obeying) {
            carrier.flush();
        }
    }

    @Override
    public void pause(boolean paused) {
        carrier.pause(paused);
    }

    @Override
    public long lost() {
        return carrier.lost();
    }

    @Override
    public boolean full() {
        return carrier.full();
    }

    @Override
    public void send(List<MediaPacket> packets) {
        if (step == Step.RUNNING) {
            heard(() -> {
                for (MediaPacket packet : packets) {
                    dialogue.send(streamId, packet);
                    carrier.flush();
                }
                return List.of();
            });
        }
    }

    @Override
    public void finish() {
        if (step == Step.RUNNING) {
            step = Step.FAREWELL;
            farewell = Session.now();
            carrier.delivered().onComplete(done -> {
                if (step == Step.FAREWELL) {
                    dialogue.deleteStream(streamId);
                    carrier.flush().onFailure(e -> broke("the connection broke: " + e.getMessage()));
                }
            });
        }
    }

    @Override
    public void close() {
        end(Optional.empty());
    }

    private void end(Optional<String> fault) {
        if (step != Step.OVER) {
            step = Step.OVER;
            gone.accept(this);
            carrier.close();
            listener.ended(fault);
        }
    }
}
