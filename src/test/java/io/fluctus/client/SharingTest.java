package io.fluctus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.audience.Viewer;
import io.fluctus.bus.AppEvent;
import io.fluctus.bus.ApplicationLink;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Refusal;
import io.fluctus.bus.SharedNews;
import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import io.fluctus.netconnection.Answers;
import io.fluctus.netconnection.Event;
import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.NetConnection;
import io.fluctus.netconnection.SharedObjectMessage;
import io.fluctus.netconnection.Status;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One client and its shared objects: what is passed on, what waits, what is refused, and what it hears. */
class SharingTest {
    private static final SharedEvent SET = new SharedEvent.RequestChange("x", AmfValue.of(1));
    private static final SharedName LOBBY = new SharedName("games", "lobby");

    private static Vertx vertx;
    private static Bus bus;
    private static Context context;

    private final BlockingQueue<SharedWord> words = new LinkedBlockingQueue<>();
    private final List<Bus.Registration> registrations = new ArrayList<>();
    private final Mouth mouth = new Mouth();
    private final ApplicationLink application = new ApplicationLink(bus, "rtmp.7/1");
    private SharedSeats seats;
    private Sharing sharing;
    private boolean paused;

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
        bus = new Bus(vertx, "test", 1);
        context = vertx.getOrCreateContext();
    }

    @AfterAll
    static void close() throws Exception {
        wait(vertx.close());
    }

    @BeforeEach
    void enter() throws Exception {
        on(() -> {
            seats = new SharedSeats(bus, "rtmp.7");
            sharing = new Sharing(
                    seats, mouth, application, "rtmp.7/1", () -> paused = sharing != null && sharing.tooMany());
            return sharing;
        });
    }

    @AfterEach
    void leave() throws Exception {
        for (Bus.Registration registration : registrations) {
            wait(registration.close());
        }
        wait(seats.close());
    }

    private static <T> T on(Callable<T> action) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(go -> {
            try {
                done.complete(action.call());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        return done.get(5, TimeUnit.SECONDS);
    }

    private static void wait(Future<?> future) throws Exception {
        future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    /** The line of a client that has connected, and what it is told. */
    private static final class Mouth implements Line, Answers {
        private final NetConnection dialogue = NetConnection.server();
        private final BlockingQueue<SharedObjectMessage> told = new LinkedBlockingQueue<>();
        private boolean held;

        private Mouth() {
            Map<String, AmfValue> members = Map.of("app", AmfValue.of("games"));
            dialogue.receive(Message.Command.of(0, "connect", 1, AmfValue.Obj.of(members)), 0);
            dialogue.accept();
            flush();
        }

        private void flush() {
            for (Message message = dialogue.poll(); message != null; message = dialogue.poll()) {
                if (message instanceof Message.SharedObject shared) {
                    NetConnection far = NetConnection.client();
                    Event event = far.receive(shared, 0).get(0);
                    told.add(((Event.SharedObjectReceived) event).message());
                }
            }
        }

        @Override
        public void speak(Supplier<List<Event>> mutation) {
            mutation.get();
            flush();
        }

        @Override
        public Answers answers() {
            return this;
        }

        @Override
        public NetConnection dialogue() {
            return dialogue;
        }

        @Override
        public void hold() {
            held = true;
        }

        @Override
        public Caller caller() {
            return new Caller("rtmp.7/1", "rtmp", "10.0.0.7", "10.0.0.7:1", false, Buffer.buffer());
        }

        @Override
        public boolean ending() {
            return false;
        }

        @Override
        public List<Event> accept(Map<String, AmfValue> extra) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Event> acceptPublish(int streamId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void rejectPublish(int streamId, Status status) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Event> acceptPlay(int streamId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void rejectPlay(int streamId, Status status) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void finishMedia(int streamId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void end(String reason) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void say(String what) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Viewer viewer(int streamId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void pauseReading(boolean paused) {
            throw new UnsupportedOperationException();
        }
    }

    // -- the other side

    private void serve() throws Exception {
        registrations.add(on(() -> bus.serveShared(words::add, question -> new JsonObject())));
    }

    /** An application that lets the client in, and decides about shared objects as {@code verdict} does. */
    private void apply(Future<AmfValue> verdict) throws Exception {
        registrations.add(on(() -> bus.serveApplication(
                "games", event -> event instanceof AppEvent.Shared ? verdict : Future.succeededFuture(AmfValue.NULL))));
        AppEvent.Visitor visitor =
                new AppEvent.Visitor("rtmp.7/1", "rtmp", "10.0.0.7:1", Buffer.buffer(), "", Map.of());
        Promise<AmfValue> connected = Promise.promise();
        on(() -> application
                .connect("games", new AppEvent.Connected(visitor, List.of()))
                .onComplete(connected));
        wait(connected.future());
    }

    private void say(String name, boolean persistent, SharedEvent... events) throws Exception {
        on(() -> {
            sharing.received(new SharedObjectMessage(name, 0, persistent, List.of(events)), "games");
            mouth.flush();
            return null;
        });
    }

    private List<SharedEvent> passed() throws Exception {
        return Optional.ofNullable(words.poll(5, TimeUnit.SECONDS))
                .orElseThrow()
                .events();
    }

    private List<SharedEvent> told() throws Exception {
        return Optional.ofNullable(mouth.told.poll(5, TimeUnit.SECONDS))
                .orElseThrow()
                .events();
    }

    private void tell(String user, boolean others, SharedEvent... events) {
        bus.tell("rtmp.7", new SharedNews(LOBBY, false, 9, user, others, List.of(events)));
    }

    // -- laws

    @Test
    void whatIsSaidIsPassedOnInOrderAndWhatComesBackIsHeard() throws Exception {
        serve();
        say("lobby", false, SharedEvent.USE);
        say("lobby", false, SET);
        assertThat(passed()).containsExactly(SharedEvent.USE);
        assertThat(passed()).containsExactly(SET);
        assertThat(mouth.held).as("it need neither publish nor play").isTrue();
        tell("rtmp.7/1", false, SharedEvent.USE_SUCCESS, SharedEvent.CLEAR);
        tell("", true, new SharedEvent.Change("x", AmfValue.of(2)));
        assertThat(told()).containsExactly(SharedEvent.USE_SUCCESS, SharedEvent.CLEAR);
        assertThat(told()).containsExactly(new SharedEvent.Change("x", AmfValue.of(2)));
    }

    @Test
    void whatIsForOthersIsNotHeard() throws Exception {
        serve();
        say("lobby", false, SharedEvent.USE);
        tell("rtmp.7/1", false, SharedEvent.USE_SUCCESS);
        tell("rtmp.7/1", true, SharedEvent.CLEAR);
        tell("rtmp.7/2", false, SharedEvent.CLEAR);
        tell("rtmp.7/1", false, new SharedEvent.Success("end"));
        assertThat(told()).containsExactly(SharedEvent.USE_SUCCESS);
        assertThat(told()).containsExactly(new SharedEvent.Success("end"));
    }

    @Test
    void whoGaveItUpHearsNothingEvenIfTheAnswerIsOnItsWay() throws Exception {
        serve();
        say("lobby", false, SharedEvent.USE);
        say("other", false, SharedEvent.USE);
        say("lobby", false, SharedEvent.RELEASE);
        tell("rtmp.7/1", false, SharedEvent.USE_SUCCESS);
        tell("", true, SharedEvent.CLEAR);
        bus.tell(
                "rtmp.7",
                new SharedNews(
                        new SharedName("games", "other"),
                        false,
                        9,
                        "rtmp.7/1",
                        false,
                        List.of(SharedEvent.USE_SUCCESS)));
        assertThat(told()).containsExactly(SharedEvent.USE_SUCCESS);
        assertThat(mouth.told).isEmpty();
        say("other", false, SharedEvent.RELEASE);
        assertThat(on(() -> seats.isEmpty())).isTrue();
    }

    @Test
    void theApplicationIsAskedFirstAndWhatIsSaidMeanwhileWaits() throws Exception {
        serve();
        Promise<AmfValue> verdict = Promise.promise();
        apply(verdict.future());
        say("lobby", true, SharedEvent.USE);
        say("lobby", true, SET);
        say("lobby", true, new SharedEvent.RequestRemove("x"));
        assertThat(words).isEmpty();
        verdict.complete(AmfValue.NULL);
        assertThat(passed()).containsExactly(SharedEvent.USE);
        assertThat(passed()).containsExactly(SET);
        assertThat(passed()).containsExactly(new SharedEvent.RequestRemove("x"));
    }

    @Test
    void whatTheApplicationRefusesIsNotUsed() throws Exception {
        serve();
        apply(Future.failedFuture(new Refusal(AppEvent.REFUSED, "no")));
        say("lobby", false, SharedEvent.USE);
        assertThat(told()).containsExactly(SharedEvent.Status.error(SharedEvent.Status.NO_READ_ACCESS));
        say("lobby", false, SET);
        assertThat(told()).containsExactly(SharedEvent.Status.error(SharedEvent.Status.NO_WRITE_ACCESS));
        assertThat(words).isEmpty();
        assertThat(on(() -> seats.isEmpty())).isTrue();
    }

    @Test
    void whoMayOnlyReadChangesNothing() throws Exception {
        serve();
        apply(Future.succeededFuture(AmfValue.of("read")));
        say("lobby", false, SharedEvent.USE, SET);
        assertThat(passed()).containsExactly(SharedEvent.USE);
        assertThat(told()).containsExactly(SharedEvent.Status.error(SharedEvent.Status.NO_WRITE_ACCESS));
        say("lobby", false, SharedEvent.CLEAR, new SharedEvent.SendMessage("x", List.of()));
        assertThat(told()).containsExactly(SharedEvent.Status.error(SharedEvent.Status.NO_WRITE_ACCESS));
        say("lobby", false, SharedEvent.RELEASE);
        assertThat(passed()).containsExactly(SharedEvent.RELEASE);
    }

    @Test
    void noMoreWaitsThanItsBound() throws Exception {
        serve();
        apply(Promise.<AmfValue>promise().future());
        say("lobby", false, SharedEvent.USE);
        for (int i = 1; i < Sharing.MAX_HELD; i++) {
            say("lobby", false, SET);
        }
        assertThatThrownBy(() -> say("lobby", false, SET))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ProtocolException.class);
    }

    @Test
    void whoLeavesReleasesWhatItUsedAndNothingElse() throws Exception {
        serve();
        say("lobby", false, SharedEvent.USE);
        passed();
        apply(Promise.<AmfValue>promise().future());
        say("asked", false, SharedEvent.USE);
        on(() -> {
            sharing.leaveAll();
            sharing.leaveAll();
            return null;
        });
        SharedWord word = Optional.ofNullable(words.poll(5, TimeUnit.SECONDS)).orElseThrow();
        assertThat(word.object()).isEqualTo(LOBBY);
        assertThat(word.events()).containsExactly(SharedEvent.RELEASE);
        assertThat(words).isEmpty();
        assertThat(on(() -> seats.isEmpty())).isTrue();
    }

    @Test
    void persistentObjectsNeedAnApplication() throws Exception {
        serve();
        say("lobby", true, SharedEvent.USE);
        assertThat(told()).containsExactly(SharedEvent.Status.error(SharedEvent.Status.CREATION_FAILED));
        assertThat(words).isEmpty();
    }

    @Test
    void whereNobodyOwnsObjectsTheyAreRefused() throws Exception {
        say("lobby", false, SharedEvent.USE);
        assertThat(told()).containsExactly(SharedEvent.Status.error(SharedEvent.Status.CREATION_FAILED));
        assertThat(on(() -> seats.isEmpty())).isTrue();
    }

    @Test
    void whatTheOwnerRefusesIsNotUsedAnyMore() throws Exception {
        serve();
        say("lobby", false, SharedEvent.USE);
        tell("rtmp.7/1", false, SharedEvent.Status.error(SharedEvent.Status.BAD_PERSISTENCE));
        assertThat(told()).containsExactly(SharedEvent.Status.error(SharedEvent.Status.BAD_PERSISTENCE));
        assertThat(on(() -> seats.isEmpty())).isTrue();
    }

    @Test
    void whoSaysMoreThanIsTakenIsPausedAndAtLastCutOff() throws Exception {
        serve();
        assertThatThrownBy(() -> on(() -> {
                    for (int i = 0; i <= Sharing.MAX_UNTAKEN; i++) {
                        assertThat(paused).isEqualTo(i >= Sharing.UNTAKEN);
                        sharing.received(
                                new SharedObjectMessage("lobby", 0, false, List.of(i == 0 ? SharedEvent.USE : SET)),
                                "games");
                    }
                    return null;
                }))
                .hasCauseInstanceOf(ProtocolException.class);
        for (int i = 0; i < Sharing.MAX_UNTAKEN; i++) {
            passed();
        }
        while (on(() -> paused)) {
            Thread.onSpinWait(); // the last words are on their way back
        }
    }
}
