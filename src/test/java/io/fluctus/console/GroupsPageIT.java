package io.fluctus.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.bus.Address;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page of groups in a browser: a list, the mesh as a picture, and the members in a table. */
class GroupsPageIT {
    private static final String GROUP = "c3ab09fc9d3fd2fe3f4f82762c530b96f2eb1c49d9fe615f48f250545b731dc9";
    private static final int MEMBERS = 40;
    private static final int TOO_MANY = 220;

    private static void join(LiveGateway gateway, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            gateway.ask(
                    Address.GROUPS,
                    new JsonObject()
                            .put("op", "join")
                            .put("group", GROUP)
                            .put("peer", String.format("%064x", 0x1234567L * (i + 1)))
                            .put("client", "rtmfp.0/" + i)
                            .put("address", i == 0 ? "<img src=x onerror=alert(1)>" : "10.0.0.1:" + (20_000 + i)));
        }
    }

    @Test
    void aGroupIsListedDrawnAndToldMemberByMember() throws Exception {
        try (Chromium chromium = Chromium.start();
                LiveGateway gateway = new LiveGateway(
                        new JsonObject()
                                .put(
                                        "groups",
                                        new JsonObject()
                                                .put(
                                                        "streams",
                                                        new JsonObject()
                                                                .put(
                                                                        "live/cam1",
                                                                        new JsonObject()
                                                                                .put(
                                                                                        "to",
                                                                                        "G:027f02010101000103010c050e74657374011b00")))))) {
            chromium.size(1280, 800);
            join(gateway, 0, MEMBERS);
            chromium.open(gateway.http("#/groups"));
            chromium.await("document.querySelector('tbody th a')?.textContent === 'test'");
            chromium.click("tbody th a");
            chromium.await("document.querySelectorAll('.mesh circle').length === " + (MEMBERS + 1));
            assertThat(chromium.number("document.querySelectorAll('.mesh circle.gateway').length"))
                    .isEqualTo(1);
            assertThat(chromium.number("document.querySelectorAll('.mesh line').length"))
                    .isGreaterThan(3 * MEMBERS);
            assertThat(chromium.number("document.querySelectorAll('table[aria-label=Members] tbody tr').length"))
                    .isEqualTo(MEMBERS + 1);
            assertThat(chromium.number("document.querySelectorAll('td img').length"))
                    .as("what a peer says is text")
                    .isZero();
            chromium.screenshot(Path.of("target", "screenshots", "group-1280-light.png"));
            chromium.size(360, 740);
            assertThat(chromium.number("document.documentElement.scrollWidth - innerWidth"))
                    .isLessThanOrEqualTo(0);
            join(gateway, MEMBERS, TOO_MANY);
            chromium.await("!document.querySelector('.mesh svg')");
            assertThat(chromium.number("document.querySelectorAll('table[aria-label=Members] tbody tr').length"))
                    .as("a table is always there")
                    .isEqualTo(200);
            assertThat(chromium.errors()).isEmpty();
        }
    }
}
