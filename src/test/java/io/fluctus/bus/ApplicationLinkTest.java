package io.fluctus.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.AppEvent.Visitor;
import io.fluctus.media.StreamName;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client's line to its application, and the application's to its client, over a bus. */
class ApplicationLinkTest {
    private static final StreamName CAM = StreamName.parse("games/cam");

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx, "n", 1);
    private final List<AppEvent> heard = new CopyOnWriteArrayList<>();
    private final ApplicationLink link = new ApplicationLink(bus, "rtmp.0/1");

    @AfterEach
    void close() throws Exception {
        get(vertx.close());
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static String failure(Future<?> future) throws Exception {
        return get(future.map("none").otherwise(error -> ((Refusal) error).code() + " " + error.getMessage()));
    }

    private Future<AmfValue> connect() {
        Visitor visitor = new Visitor("rtmp.0/1", "rtmp", "h:1", Buffer.buffer(), "", Map.of());
        return link.connect("games", new AppEvent.Connected(visitor, List.of()));
    }

    private void serve(Future<AmfValue> answer) {
        bus.serveApplication("games", event -> {
            heard.add(event);
            return answer;
        });
    }

    @Test
    void withoutAnApplicationNobodyIsAsked() throws Exception {
        assertThat(get(connect())).isEqualTo(AmfValue.NULL);
        assertThat(link.present()).isFalse();
        assertThat(link.publish(CAM).isComplete()).isTrue();
        assertThat(link.subscribe(CAM).isComplete()).isTrue();
        link.disconnected("");
    }

    @Test
    void theApplicationHearsEverythingInOrder() throws Exception {
        AmfValue answer = AmfValue.Obj.of(Map.of("a", AmfValue.of(1)));
        serve(Future.succeededFuture(answer));
        assertThat(get(connect())).isSameAs(answer);
        assertThat(link.present()).isTrue();
        get(link.publish(CAM));
        link.unpublished(CAM);
        get(link.subscribe(CAM));
        link.unsubscribed(CAM);
        AmfValue argument = AmfValue.of("x");
        assertThat(get(link.call("f", List.of(argument)))).isSameAs(answer);
        link.disconnected("why");
        get(bus.ask("games", new AppEvent.Called("other", "last", List.of())));
        assertThat(heard.subList(1, 7))
                .containsExactly(
                        new AppEvent.Published("rtmp.0/1", CAM),
                        new AppEvent.Unpublished("rtmp.0/1", CAM),
                        new AppEvent.Subscribed("rtmp.0/1", CAM),
                        new AppEvent.Unsubscribed("rtmp.0/1", CAM),
                        new AppEvent.Called("rtmp.0/1", "f", List.of(argument)),
                        new AppEvent.Disconnected("rtmp.0/1", "why"));
    }

    @Test
    void aRefusalIsGivenAsItIs() throws Exception {
        serve(Future.failedFuture(new Refusal(AppEvent.REFUSED, "no")));
        assertThat(failure(connect())).isEqualTo("403 no");
        assertThat(link.present()).isFalse();
        link.disconnected("");
        assertThat(heard).hasSize(1);
    }

    @Test
    void whoLeavesBeforeTheAnswerIsTakenLeaveOf() throws Exception {
        Promise<AmfValue> late = Promise.promise();
        serve(late.future());
        Future<AmfValue> connecting = connect();
        link.disconnected("");
        late.complete(AmfValue.NULL);
        get(connecting);
        assertThat(link.present()).isFalse();
        assertThat(heard).hasSize(2).last().isEqualTo(new AppEvent.Disconnected("rtmp.0/1", ""));
    }

    @Test
    void anUnknownMethodIsToldFromAFailure() {
        assertThat(ApplicationLink.isUnknown(new Refusal(AppEvent.UNKNOWN_METHOD, "")))
                .isTrue();
        assertThat(ApplicationLink.isUnknown(new Refusal(AppEvent.NOBODY, ""))).isTrue();
        assertThat(ApplicationLink.isUnknown(new Refusal(AppEvent.REFUSED, ""))).isFalse();
        assertThat(ApplicationLink.isUnknown(new IllegalStateException())).isFalse();
    }

    @Test
    void whatTheApplicationAsksIsAnsweredFailedOrGivenUp() throws Exception {
        List<Promise<AmfValue>> asked =
                List.of(Promise.promise(), Promise.promise(), Promise.promise(), Promise.promise(), Promise.promise());
        for (int i = 0; i < asked.size(); i++) {
            link.begin(i, asked.get(i));
        }
        link.answered(0, true, AmfValue.of("yes"));
        link.answered(1, false, AmfValue.Obj.of(Map.of("description", AmfValue.of("broken"))));
        link.answered(2, false, AmfValue.NULL);
        link.expire(3);
        link.disconnected("");
        link.answered(4, true, AmfValue.NULL);
        link.expire(0);
        assertThat(get(asked.get(0).future())).isEqualTo(AmfValue.of("yes"));
        assertThat(failure(asked.get(1).future())).isEqualTo("403 broken");
        assertThat(failure(asked.get(2).future())).isEqualTo("403 the client's function failed");
        assertThat(failure(asked.get(3).future())).isEqualTo("403 the client did not answer");
        assertThat(failure(asked.get(4).future())).isEqualTo("403 the client is gone");
    }

    @Test
    void aWordReachesTheInstanceThatHoldsTheClient() throws Exception {
        bus.serveClients("rtmp.0", word -> Future.succeededFuture(AmfValue.of(word.client())));
        bus.serveClients("rtmp.1", word -> ApplicationLink.gone());
        assertThat(get(bus.ask(new ClientWord.Tell("rtmp.0/7", "f", List.of()))))
                .isEqualTo(AmfValue.of("rtmp.0/7"));
        assertThat(failure(bus.ask(new ClientWord.Tell("rtmp.1/7", "f", List.of()))))
                .isEqualTo("403 the client is gone");
        assertThat(failure(bus.ask(new ClientWord.Tell("rtmp.2/7", "f", List.of()))))
                .startsWith("503");
        bus.tell(new ClientWord.Tell("rtmp.2/7", "f", List.of()));
    }
}
