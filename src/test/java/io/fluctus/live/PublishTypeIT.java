package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.TestFlv;
import io.fluctus.media.MediaPacket;
import io.fluctus.wire.AmfValue;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the type of a publish command does: live, record, append. */
class PublishTypeIT {
    private static final int VIDEO = 9;

    @TempDir
    Path folder;

    private LiveGateway gateway(boolean byPublisher) throws Exception {
        return new LiveGateway(new JsonObject()
                .put("record", new JsonObject().put("folder", folder.toString()).put("byPublisher", byPublisher)));
    }

    private static void publish(Attacker publisher, String type) throws Exception {
        publisher
                .connected()
                .createStream()
                .hear("_result")
                .command(
                        1, AmfValue.of("publish"), AmfValue.of(3), AmfValue.NULL, AmfValue.of("cam"), AmfValue.of(type))
                .hear("NetStream.Publish.Start");
        for (MediaPacket packet : new MediaPacket[] {TestFlv.videoHeader(0), TestFlv.video(0), TestFlv.video(1)}) {
            publisher.message(6, VIDEO, 1, packet.payload());
        }
    }

    private static JsonArray active(LiveGateway gateway) {
        try {
            return new JsonObject(gateway.get("api/v1/recordings").body()).getJsonArray("active");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"record", "append"})
    void whoPublishesToRecordIsRecorded(String type) throws Exception {
        try (LiveGateway gateway = gateway(true);
                Attacker publisher = new Attacker(gateway.rtmp(""), "127.0.0.1")) {
            publish(publisher, type);
            LiveGateway.await("the recording", () -> active(gateway).size() == 1);
            assertThat(active(gateway).getJsonObject(0).getString("stream")).isEqualTo("live/cam");
        }
    }

    @Test
    void whoPublishesLiveIsNotAndNobodyIsWhereItIsOff() throws Exception {
        try (LiveGateway gateway = gateway(false);
                Attacker recording = new Attacker(gateway.rtmp(""), "127.0.0.1")) {
            publish(recording, "record");
            gateway.awaitStream("cam", stream -> stream.containsKey("video"));
            assertThat(active(gateway)).isEmpty();
        }
        try (LiveGateway gateway = gateway(true);
                Attacker live = new Attacker(gateway.rtmp(""), "127.0.0.1")) {
            publish(live, "live");
            gateway.awaitStream("cam", stream -> stream.containsKey("video"));
            assertThat(active(gateway)).isEmpty();
        }
    }
}
