package io.fluctus.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How clients leave a node that is about to end. */
class ExodusTest {
    private static List<Integer> peers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void everybodyIsAskedOnceWithinTheSeconds() {
        Exodus<Integer> exodus = Exodus.of(new JsonArray(List.of("rtmp://a", "rtmp://b")));
        List<Integer> asked = new ArrayList<>();
        for (int second = 0; second < Exodus.SECONDS; second++) {
            Map<Integer, String> moving = exodus.next(peers(1_000));
            assertThat(moving.size()).as("in one second").isLessThanOrEqualTo(125);
            asked.addAll(moving.keySet());
        }
        assertThat(asked).hasSize(1_000).doesNotHaveDuplicates();
        assertThat(exodus.next(peers(1_000))).isEmpty();
    }

    @Test
    void theOtherNodesGetEquallyMany() {
        Exodus<Integer> exodus = Exodus.of(new JsonArray(List.of("rtmp://a", "rtmp://b")));
        Map<Integer, String> moving = exodus.next(peers(80));
        assertThat(moving.values()).filteredOn("rtmp://a"::equals).hasSize(5);
        assertThat(moving.values()).filteredOn("rtmp://b"::equals).hasSize(5);
    }

    @Test
    void aFewLeaveOneASecond() {
        Exodus<Integer> exodus = Exodus.of(new JsonArray(List.of("rtmp://a")));
        assertThat(exodus.next(peers(3))).containsOnlyKeys(0);
        assertThat(exodus.next(peers(3))).containsOnlyKeys(1);
    }

    @Test
    void withoutAnotherNodeTheyAreToldToLeaveAllTheSame() {
        Exodus<Integer> exodus = Exodus.of(new JsonArray());
        assertThat(exodus.next(peers(1))).containsEntry(0, "");
    }

    @Test
    void nobodyIsAskedWhereNobodyIs() {
        Exodus<Integer> exodus = Exodus.of(new JsonArray(List.of("rtmp://a")));
        assertThat(exodus.next(peers(0))).isEmpty();
        assertThat(exodus.next(peers(8))).hasSize(1);
    }
}
