package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.bus.AppEvent;
import io.fluctus.bus.Refusal;
import io.fluctus.wire.AmfValue;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Newcomers that are sent to another gateway, by configuration and by an application, and peers that are looked for at the wrong one. */
class RedirectIT {
    private static LiveGateway there;

    @TempDir
    static Path applications;

    @BeforeAll
    static void start() throws Exception {
        there = new LiveGateway(withoutScripts());
    }

    @AfterAll
    static void end() throws Exception {
        there.close();
    }

    private static JsonObject withoutScripts() {
        return new JsonObject().put("applications", new JsonObject().put("folder", applications.toString()));
    }

    private static int port(LiveGateway gateway) {
        return URI.create(gateway.rtmfp("live")).getPort();
    }

    private static AmfValue elsewhere() {
        return AmfValue.Array.of(AmfValue.of("127.0.0.1:" + port(there)));
    }

    private static int portOfSession(LiveGateway gateway) throws Exception {
        try (RtmfpClient client = new RtmfpClient(gateway.rtmfp("live"))) {
            client.connect();
            return client.connection().session().peer().getPort();
        }
    }

    @Test
    void everybodyIsSentWhereTheConfigurationSays() throws Exception {
        JsonObject file = withoutScripts().put("rtmfp", new JsonObject().put("redirect", "127.0.0.1:" + port(there)));
        try (LiveGateway here = new LiveGateway(file)) {
            for (int i = 0; i < 3; i++) {
                assertThat(portOfSession(here)).isEqualTo(port(there));
            }
        }
    }

    @Test
    void anApplicationSendsNewcomersElsewhereAsLongAsItWants() throws Exception {
        try (LiveGateway here = new LiveGateway(withoutScripts())) {
            AtomicBoolean away = new AtomicBoolean(true); // who is sent away says hello here once more
            AtomicInteger asked = new AtomicInteger();
            here.serve("", event -> {
                boolean live = event instanceof AppEvent.Greeted greeted
                        && greeted.path().equals("live");
                asked.addAndGet(live ? 1 : 0);
                return Future.succeededFuture(live && away.get() ? elsewhere() : AmfValue.NULL);
            });
            LiveGateway.await("the application to be asked", () -> asks(here, asked));
            assertThat(portOfSession(here)).isEqualTo(port(there));
            assertThat(portOfSession(here)).isEqualTo(port(there));
            away.set(false);
            assertThat(portOfSession(here)).isEqualTo(port(here));
        }
    }

    /** One that nobody answered is left alone for a second. */
    private static boolean asks(LiveGateway gateway, AtomicInteger asked) {
        try {
            portOfSession(gateway);
            return asked.get() > 0;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anApplicationThatSendsNobodyAwayIsLeftAlone() throws Exception {
        try (LiveGateway here = new LiveGateway(withoutScripts())) {
            AtomicInteger asked = new AtomicInteger();
            here.serve("", event -> {
                asked.incrementAndGet();
                return Future.failedFuture(new Refusal(AppEvent.UNKNOWN_METHOD, "never"));
            });
            long start = System.nanoTime();
            for (int i = 0; i < 5; i++) {
                assertThat(portOfSession(here)).isEqualTo(port(here));
            }
            long seconds = 2 + (System.nanoTime() - start) / 1_000_000_000L;
            assertThat(asked.get()).as("hellos and connects").isLessThanOrEqualTo((int) (5 + 2 * seconds));
        }
    }

    @Test
    void aPeerThatIsNotHereIsFoundWhereTheApplicationSays() throws Exception {
        try (LiveGateway here = new LiveGateway(withoutScripts());
                GroupClient sought = new GroupClient(there.rtmfp("live"));
                GroupClient seeker = new GroupClient(here.rtmfp("live"))) {
            here.serve(
                    "",
                    event -> event instanceof AppEvent.RendezvousUnknown
                            ? Future.succeededFuture(elsewhere())
                            : Future.failedFuture(new Refusal(AppEvent.UNKNOWN_METHOD, "only that")));
            sought.connect();
            seeker.connect();
            seeker.seek(sought.peerId);
            GroupClient.until(
                    "a session of both", List.of(sought, seeker), () -> seeker.opened == 1 && sought.opened == 1);
            assertThat(seeker.opened).isEqualTo(1);
        }
    }
}
