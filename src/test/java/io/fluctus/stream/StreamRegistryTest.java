package io.fluctus.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.bus.Refusal;
import io.fluctus.config.Config.Stream.Takeover;
import io.fluctus.media.StreamName;
import io.fluctus.stream.StreamRegistry.Claim;
import io.fluctus.stream.StreamRegistry.Publisher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamRegistryTest {
    private static final long HOLD = 15_000;
    private static final StreamName CAM = StreamName.parse("live/cam");

    private final StreamRegistry registry = new StreamRegistry(Takeover.SAME_KEY, HOLD);

    private static Publisher publisher(String credential, String client) {
        return new Publisher("rtmp", "192.0.2.1:5000", credential, client);
    }

    @ParameterizedTest
    @CsvSource({
        "NEVER, a, a, false",
        "NEVER, a, b, false",
        "SAME_KEY, a, a, true",
        "SAME_KEY, a, b, false",
        "ANY, a, b, true",
    })
    void takeoverSaysWhatASecondPublisherMeets(Takeover takeover, String first, String second, boolean allowed) {
        StreamRegistry one = new StreamRegistry(takeover, HOLD);
        one.claim(CAM, publisher(first, "c1"), 0);
        if (allowed) {
            assertThat(one.claim(CAM, publisher(second, "c2"), 0).replaced()).contains(publisher(first, "c1"));
        } else {
            assertThatThrownBy(() -> one.claim(CAM, publisher(second, "c2"), 0))
                    .isInstanceOf(Refusal.class)
                    .hasMessage("live/cam is already being published");
        }
    }

    @Test
    void everyClaimHasAHigherFence() {
        long first = registry.claim(CAM, publisher("a", "c1"), 0).claim().fence();
        long second = registry.claim(CAM, publisher("a", "c2"), 0).claim().fence();
        assertThat(second).isGreaterThan(first);
    }

    @Test
    void aCleanEndIsTheEnd() {
        long fence = registry.claim(CAM, publisher("a", "c1"), 0).claim().fence();
        assertThat(registry.release(CAM, fence, true, 100)).isTrue();
        assertThat(registry.claims()).isEmpty();
    }

    @Test
    void aLostPublisherIsHeldAndThenOver() {
        long fence = registry.claim(CAM, publisher("a", "c1"), 0).claim().fence();
        assertThat(registry.release(CAM, fence, false, 100)).isFalse();
        assertThat(registry.claims())
                .extracting(claim -> claim.heldUntil().orElseThrow())
                .containsExactly(100 + HOLD);
        assertThat(registry.expire(99 + HOLD)).isEmpty();
        assertThat(registry.expire(100 + HOLD)).containsExactly(CAM);
        assertThat(registry.claims()).isEmpty();
    }

    @Test
    void whoeverMayPublishMayTakeAHeldStream() {
        long fence = registry.claim(CAM, publisher("a", "c1"), 7).claim().fence();
        registry.release(CAM, fence, false, 100);
        StreamRegistry.Granted granted = registry.claim(CAM, publisher("b", "c2"), 900);
        assertThat(granted.replaced()).isEmpty();
        assertThat(granted.claim().since()).as("the stream is as old as it was").isEqualTo(7);
        assertThat(registry.expire(1_000_000)).isEmpty();
    }

    @Test
    void aReplacedPublishersEndChangesNothing() {
        long old = registry.claim(CAM, publisher("a", "c1"), 0).claim().fence();
        registry.claim(CAM, publisher("a", "c2"), 0);
        assertThat(registry.release(CAM, old, true, 10)).isFalse();
        assertThat(registry.claims()).extracting(Claim::publisher).containsExactly(publisher("a", "c2"));
    }

    @Test
    void aClaimIsFoundByItsClientAlone() {
        long fence = registry.claim(CAM, publisher("a", "c1"), 0).claim().fence();
        assertThat(registry.fenceOf(CAM, "c1")).contains(fence);
        assertThat(registry.fenceOf(CAM, "c2")).isEmpty();
        assertThat(registry.fenceOf(StreamName.parse("live/other"), "c1")).isEmpty();
    }

    @Test
    void withoutAHoldALostPublisherIsTheEnd() {
        StreamRegistry impatient = new StreamRegistry(Takeover.SAME_KEY, 0);
        long fence = impatient.claim(CAM, publisher("a", "c1"), 0).claim().fence();
        assertThat(impatient.release(CAM, fence, false, 10)).isTrue();
    }

    @Test
    void aFullNodeRefusesTheNextStream() {
        for (int i = 0; i < StreamRegistry.MAX_STREAMS; i++) {
            registry.claim(new StreamName("live", "s" + i), publisher("a", "c"), 0);
        }
        assertThatThrownBy(() -> registry.claim(new StreamName("live", "more"), publisher("a", "c"), 0))
                .isInstanceOf(Refusal.class)
                .hasMessage("this node already carries 10000 streams");
        assertThat(registry.claim(new StreamName("live", "s1"), publisher("a", "c"), 0)
                        .replaced())
                .as("a takeover needs no room")
                .isPresent();
    }

    @Test
    void fencesOfTwoNodesDifferAndSeenOnesAreExceeded() {
        StreamRegistry a = new StreamRegistry(Takeover.SAME_KEY, HOLD, "a");
        StreamRegistry b = new StreamRegistry(Takeover.SAME_KEY, HOLD, "b");
        assertThat(a.nextFence()).isNotEqualTo(b.nextFence());
        long far = 0;
        for (int i = 0; i < 10; i++) {
            far = a.nextFence();
        }
        b.observe(far);
        assertThat(b.nextFence()).isGreaterThan(far);
        b.observe(1);
        assertThat(b.nextFence()).as("what is lower changes nothing").isGreaterThan(far);
    }

    @Test
    void aYieldedStreamIsAnothers() {
        long fence = registry.claim(CAM, publisher("a", "c1"), 0).claim().fence();
        registry.yield(CAM);
        assertThat(registry.claimOf(CAM)).isEmpty();
        assertThat(registry.release(CAM, fence, true, 1))
                .as("nothing is left to end")
                .isFalse();
    }
}
