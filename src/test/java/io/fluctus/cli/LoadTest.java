package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoadTest {
    private final Load load = new Load();

    /** The frames of 40 ms of a stream, sent now. */
    private static List<MediaPacket> frames(MarkedStream stream, double until) {
        List<MediaPacket> frames = new ArrayList<>();
        while (stream.due() < until) {
            frames.add(stream.next(System.nanoTime()));
        }
        return frames;
    }

    private Load.Viewer watching() {
        Load.Viewer viewer = load.add(true);
        viewer.accepted();
        return viewer;
    }

    @Test
    void whoMissesFramesOfTheWindowIsStarved() {
        Load.Viewer served = watching();
        Load.Viewer starved = watching();
        MarkedStream stream = new MarkedStream(500, 25);
        frames(stream, 1_000).forEach(served::received);
        load.open();
        List<MediaPacket> window = frames(stream, 3_000);
        load.close();
        window.forEach(served::received);
        window.subList(10, window.size()).forEach(starved::received);
        load.finish();
        JsonObject report = load.report();
        assertThat(report.getLong("framesExpected")).isEqualTo(window.size());
        assertThat(report.getLong("starved")).isEqualTo(1);
        assertThat(report.getJsonObject("latencyMs").getLong("samples")).isEqualTo(2L * window.size() - 10);
        assertThat(load.complete()).isFalse();
    }

    @Test
    void anIdleConnectionCannotStarve() {
        load.add(false).accepted();
        Load.Viewer served = watching();
        load.open();
        List<MediaPacket> window = frames(new MarkedStream(500, 25), 1_000);
        load.close();
        window.forEach(served::received);
        assertThat(load.complete()).isTrue();
    }

    @Test
    void whoIsRefusedFailedAndWhoIsThrownOutIsLost() {
        load.add(true).ended(Optional.of("nothing is published there"));
        watching().ended(Optional.of("the server closed the connection"));
        load.open();
        load.close();
        load.finish();
        watching().ended(Optional.empty());
        JsonObject report = load.report();
        assertThat(report.getInteger("failed")).isEqualTo(1);
        assertThat(report.getInteger("lost"))
                .as("an end after the measurement is no loss")
                .isEqualTo(1);
        assertThat(report.getString("firstFault")).isEqualTo("nothing is published there");
        assertThat(load.complete()).isFalse();
    }
}
