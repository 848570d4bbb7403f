package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.Ffmpeg;
import io.fluctus.LiveGateway;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishing with a key, as ffmpeg does it. */
class KeyIT {
    private LiveGateway gateway;

    @BeforeEach
    void open() throws Exception {
        gateway = new LiveGateway(new JsonObject().put("publish", new JsonObject().put("key", "s3cret")));
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private List<String> publish(String stream) {
        List<String> arguments = new ArrayList<>(Ffmpeg.pattern(25, 25));
        arguments.addAll(List.of("-f", "flv", gateway.rtmp(stream)));
        return arguments;
    }

    @Test
    void whoGivesTheKeyPublishesAndTheKeyIsNoPartOfTheName() throws Exception {
        Process publisher = Ffmpeg.start(publish("live/cam?key=s3cret"));
        try {
            assertThat(gateway.awaitStream("cam", s -> true).encode()).doesNotContain("s3cret");
        } finally {
            publisher.destroyForcibly();
        }
    }

    @Test
    void whoDoesNotIsRefusedAndReadsWhy() throws Exception {
        List<String> arguments = publish("live/cam?key=wrong");
        Ffmpeg.Result result = Ffmpeg.run("ffmpeg", 20, arguments.toArray(String[]::new));
        assertThat(result.exitCode()).isNotZero();
        assertThat(result.err()).contains("publishing needs the key");
        assertThat(gateway.streams()).isEmpty();
    }
}
