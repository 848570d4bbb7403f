package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.ClientWord;
import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The sample applications, side by side in every language: one suite, the same results. */
class SampleTest {
    private Theatre theatre;

    private Theatre play(Folder.Language language, String sample) {
        theatre = new Theatre(language, new Budget.Limits(2_000, 32 * 1024));
        return theatre.sample(sample);
    }

    @AfterEach
    void close() {
        theatre.close();
    }

    private static AmfValue text(String value) {
        return AmfValue.of(value);
    }

    // -- echo

    @ParameterizedTest
    @EnumSource
    void whatConnectGivesIsAddedToTheAnswer(Folder.Language language) {
        assertThat(play(language, "echo").connect("", "c/1", text("ann"))).isEqualTo("{greeting=hello ann}");
    }

    @ParameterizedTest
    @EnumSource
    void valuesComeBackAsTheyWent(Folder.Language language) {
        play(language, "echo").connect("", "c/1");
        List<AmfValue> values = List.of(
                text(""),
                text("h\u00e9llo \u20ac \ud83d\ude00 \0 \n\r\"\\ end"),
                AmfValue.of(-1.5),
                AmfValue.of(true),
                AmfValue.NULL,
                AmfValue.Array.of(AmfValue.of(1), text("b")),
                AmfValue.Obj.of(Map.of("a", AmfValue.of(1), "b", AmfValue.Obj.of(Map.of("c", text("d"))))),
                new AmfValue.Obj("my.Type", Map.of("a", AmfValue.of(1))),
                new AmfValue.Array(List.of(AmfValue.of(7)), Map.of("n", AmfValue.of(8))),
                new AmfValue.Date(1234567890123.0),
                new AmfValue.Bytes(Buffer.buffer(new byte[] {0, 1, -1, 10, 13, 34, 92})));
        for (AmfValue value : values) {
            assertThat(theatre.result("c/1", "echo", value)).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFunctionIsGivenAllArgumentsAndKnowsItsClient(Folder.Language language) {
        play(language, "echo").connect("", "c/1", text("ann"));
        theatre.connect("", "c/2", text("bob"));
        assertThat(theatre.call("c/1", "sum", AmfValue.of(1), AmfValue.of(2), AmfValue.of(39)))
                .isEqualTo("42");
        assertThat(theatre.call("c/2", "whoAmI")).isEqualTo("bob");
        assertThat(theatre.call("c/1", "whoAmI")).isEqualTo("ann");
        assertThat(theatre.call("c/1", "name")).isEqualTo("404 no such method");
    }

    @ParameterizedTest
    @EnumSource
    void aCallMayWaitForTheClientsAnswer(Folder.Language language) {
        play(language, "echo").connect("", "c/1", text("ann"));
        assertThat(theatre.call("c/1", "ask", text("six times seven?"))).isEqualTo("later");
        assertThat(((ClientWord.Call) theatre.told.get(0)).arguments()).containsExactly(text("six times seven?"));
        theatre.asked.remove().complete(text("forty-two"));
        theatre.settle();
        assertThat(theatre.call("c/1", "ask", text("and?"))).isEqualTo("later");
        theatre.asked.remove().fail("the client is gone");
        theatre.settle();
        assertThat(theatre.answers).containsExactly("six times seven? forty-two", "403 no answer: the client is gone");
    }

    @ParameterizedTest
    @EnumSource
    void anErrorIsTheClientsAnswerAndItsPlaceIsForTheLog(Folder.Language language) {
        play(language, "echo").connect("", "c/1", text("ann"));
        assertThat(theatre.call("c/1", "fail")).isEqualTo("403 this always fails");
        assertThat(theatre.log).singleElement().asString().matches("ERROR main\\.(lua|js):\\d+: this always fails");
    }

    // -- chat

    @ParameterizedTest
    @EnumSource
    void everybodyInAChatHearsEverything(Folder.Language language) {
        play(language, "chat").connect("", "c/1", text("ann"));
        assertThat(theatre.connect("", "c/2", text("bob"))).isEqualTo("[]");
        assertThat(theatre.heard()).containsExactlyInAnyOrder("c/1 came [ann]", "c/1 came [bob]", "c/2 came [bob]");
        theatre.call("c/1", "say", text("hi"));
        assertThat(theatre.heard()).containsExactlyInAnyOrder("c/1 said [ann, hi]", "c/2 said [ann, hi]");
        assertThat(theatre.call("c/2", "who")).isEqualTo("[ann, bob]");
        theatre.disconnect("c/1", "");
        assertThat(theatre.heard()).containsExactly("c/2 left [ann]");
        assertThat(theatre.call("c/2", "who")).isEqualTo("[bob]");
    }

    @ParameterizedTest
    @EnumSource
    void aChatRefusesWhoHasNoNameOrAnothersAndWhatIsTooLong(Folder.Language language) {
        play(language, "chat").connect("", "c/1", text("ann"));
        assertThat(theatre.connect("", "c/2")).isEqualTo("403 a chat needs a name");
        assertThat(theatre.connect("", "c/3", text("ann"))).isEqualTo("403 somebody is called ann already");
        assertThat(theatre.call("c/1", "say", text("x".repeat(201)))).isEqualTo("403 at most 200 letters at a time");
        assertThat(theatre.call("c/1", "who")).isEqualTo("[ann]");
    }

    // -- guard

    @ParameterizedTest
    @EnumSource
    void onlyEditorsPublishAndOneStreamEach(Folder.Language language) {
        play(language, "guard").connect("", "c/1", text("secret"));
        theatre.connect("", "c/2", text("guess"));
        assertThat(theatre.publish("c/2", "cam")).isEqualTo("403 only editors publish");
        assertThat(theatre.publish("c/1", "cam")).isEqualTo("null");
        assertThat(theatre.publish("c/1", "other")).isEqualTo("403 one stream at a time");
        assertThat(theatre.subscribe("c/2", "cam")).isEqualTo("null");
        assertThat(theatre.call("c/2", "live")).isEqualTo("[cam 1]");
        theatre.unpublish("c/1", "cam");
        theatre.unsubscribe("c/2", "cam");
        assertThat(theatre.call("c/2", "live")).isEqualTo("[]");
        assertThat(theatre.publish("c/1", "other")).isEqualTo("null");
        assertThat(theatre.log).contains("INFO cam is over");
    }

    @ParameterizedTest
    @EnumSource
    void privateStreamsAreForEditors(Folder.Language language) {
        play(language, "guard").connect("", "c/1", text("secret"));
        theatre.connect("", "c/2");
        assertThat(theatre.subscribe("c/2", "private-cam")).isEqualTo("403 the application refuses this subscription");
        assertThat(theatre.subscribe("c/1", "private-cam")).isEqualTo("null");
        assertThat(theatre.subscribe("c/2", "cam")).isEqualTo("null");
    }

    // -- recorder

    @ParameterizedTest
    @EnumSource
    void whoPublishesSwitchesTheRecorder(Folder.Language language) {
        play(language, "recorder").connect("", "c/1");
        assertThat(theatre.publish("c/1", "cam")).isEqualTo("null");
        theatre.call("c/1", "record", text("cam"), AmfValue.of(true));
        theatre.settle();
        theatre.call("c/1", "record", text("cam"), AmfValue.of(false));
        theatre.settle();
        theatre.unpublish("c/1", "cam");
        String refused = theatre.call("c/1", "record", text("cam"), AmfValue.of(true));
        theatre.settle();
        if (!refused.equals("later")) {
            theatre.answers.add(refused);
        }
        assertThat(theatre.sent).containsExactly("record cam true", "record cam false");
        assertThat(theatre.answers).containsExactly("true", "false", "403 you do not publish cam");
    }
}
