package io.fluctus.access;

import static io.fluctus.access.Asked.question;
import static io.fluctus.access.Asked.rules;
import static io.fluctus.access.Asked.word;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Links that end. */
class LinksTest {
    private static final String CONFIG = "{'access': {'play': 'closed', 'signingKey': '0123456789abcdef'}}";
    private static final long UNTIL = 1_000;

    private final Authoriser rules = rules(CONFIG);

    private String play(String query, long seconds) {
        return word(rules.decide(question("play", "live/cam", query), seconds));
    }

    private String link(Action action, String address) {
        return rules.links().make(action, "live/cam", UNTIL, address);
    }

    @Test
    void aLinkIsGoodThroughTheSecondInWhichItExpires() {
        String link = link(Action.PLAY, "");
        assertThat(play(link, UNTIL - 1)).isEqualTo("granted");
        assertThat(play(link, UNTIL)).isEqualTo("granted");
        assertThat(play(link, UNTIL + 1)).isEqualTo("the link has expired");
    }

    @Test
    void aLinkForOneAddressIsNoneForAnother() {
        assertThat(play(link(Action.PLAY, Asked.HOST), 0)).isEqualTo("granted");
        assertThat(play(link(Action.PLAY, "192.0.2.8"), 0)).isEqualTo("the link is for another address");
        assertThat(play(link(Action.PLAY, "192.0.2.8").replace("192.0.2.8", Asked.HOST), 0))
                .isEqualTo("the link is not signed for this");
        assertThat(play(link(Action.PLAY, "192.0.2.8").replace("&address=192.0.2.8", ""), 0))
                .isEqualTo("the link is not signed for this");
    }

    @Test
    void aLinkIsForOneActionAndOneStream() {
        String link = link(Action.PLAY, "");
        assertThat(word(rules.decide(question("play", "live/other", link), 0)))
                .isEqualTo("the link is not signed for this");
        assertThat(word(rules.decide(question("publish", "live/cam", link), 0)))
                .isEqualTo("the link is not signed for this");
        assertThat(word(rules.decide(question("publish", "live/cam", link(Action.PUBLISH, "")), 0)))
                .isEqualTo("granted");
    }

    @Test
    void whatWasChangedIsNotSigned() {
        String link = link(Action.PLAY, "");
        for (String changed : new String[] {
            link.replace("expires=1000", "expires=2000"),
            link.replace("expires=1000", "expires=01000"),
            link.replace("expires=1000&", ""),
            link.substring(0, link.length() - 1),
            link + "0",
            "expires=9999999999999999999&signature=00",
            "signature="
        }) {
            assertThat(play(changed, 0)).as(changed).isEqualTo("the link is not signed for this");
        }
    }

    @Test
    void anotherKeySignsNothing() {
        String forged = new Links("fedcba9876543210").make(Action.PLAY, "live/cam", UNTIL, "");
        assertThat(play(forged, 0)).isEqualTo("the link is not signed for this");
    }

    @Test
    void withoutAKeyThereAreNoLinks() {
        Authoriser none = rules("{'access': {'play': 'closed'}}");
        String forged = new Links("").exist() ? "" : "expires=1000&signature=00";
        assertThat(word(none.decide(question("play", "live/cam", forged), 0))).startsWith("playing is closed");
    }
}
