package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.wire.AmfValue;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the words of a call mean, and where an application is. */
class CallTest {
    @Test
    void whatIsJsonIsThatValueAndAnythingElseIsText() {
        assertThat(Call.value("7")).isEqualTo(AmfValue.of(7));
        assertThat(Call.value("true")).isEqualTo(AmfValue.of(true));
        assertThat(Call.value("null")).isEqualTo(AmfValue.NULL);
        assertThat(Call.value("\"7\"")).isEqualTo(AmfValue.of("7"));
        assertThat(Call.value("{\"a\":[1]}"))
                .isEqualTo(AmfValue.Obj.of(Map.of("a", AmfValue.Array.of(AmfValue.of(1)))));
        for (String text : new String[] {"OpenRTMFP/Cumulus", "World", "", "{a", "7 8", "-", "Truth"}) {
            assertThat(Call.value(text)).isEqualTo(AmfValue.of(text));
        }
    }

    @Test
    void anApplicationIsTheWholePathAndKeepsItsQuery() {
        assertThat(Target.application("rtmp://h/").app()).isEmpty();
        assertThat(Target.application("rtmp://h").app()).isEmpty();
        assertThat(Target.application("rtmp://h:1/games/chess/?room=3").app()).isEqualTo("games/chess?room=3");
        assertThat(Target.application("rtmp://h:1/games/chess").port()).isEqualTo(1);
    }
}
