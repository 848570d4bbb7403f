package io.fluctus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** What a server sent stays text. */
class TerminalTest {
    @Test
    void whatMovesACursorIsShownAsItsNumber() {
        assertThat(Terminal.visible("a\u001b[2Jb\r\n\u009bc\u202ed"))
                .isEqualTo("a\\u001b[2Jb\\u000d\\u000a\\u009bc\\u202ed");
        assertThat(Terminal.visible("K\u00e4se \u65e5\u672c \ud83d\ude00 $1 \\n"))
                .isEqualTo("K\u00e4se \u65e5\u672c \ud83d\ude00 $1 \\n");
    }

    @Test
    void anEscapeInJsonMeansWhatStoodThere() {
        JsonObject object = new JsonObject().put("text", "a\u009bb\u2028c\u202e");
        assertThat(new JsonObject(Terminal.visible(object.encode()))).isEqualTo(object);
    }
}
