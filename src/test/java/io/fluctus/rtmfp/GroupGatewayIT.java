package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.media.MediaPacket.Kind;
import io.fluctus.netconnection.Event;
import io.fluctus.rtmfp.GroupStream.Generosity;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway with two RTMFP instances: introductions and groups across them, streams into a group and out of one. */
class GroupGatewayIT {
    private static final String SPEC = GroupMessageTest.SPEC;
    private static final String OTHER = "G:027f02010101000103010c060e6f74686572011b00";
    private static final String IN = "G:027f02010101000103010c030e696e011b00";

    private static LiveGateway gateway;

    @TempDir
    static Path applications;

    @BeforeAll
    static void start() throws Exception {
        gateway = new LiveGateway(new JsonObject()
                .put("applications", new JsonObject().put("folder", applications.toString()))
                .put(
                        "groups",
                        new JsonObject()
                                .put(
                                        "streams",
                                        new JsonObject()
                                                .put("live/out", new JsonObject().put("to", SPEC))
                                                .put(
                                                        "live/back",
                                                        new JsonObject()
                                                                .put("from", IN)
                                                                .put("name", "show")))));
    }

    @AfterAll
    static void end() throws Exception {
        gateway.close();
    }

    private static GroupClient client() throws Exception {
        GroupClient client = new GroupClient(gateway.rtmfp("live"));
        client.connect();
        return client;
    }

    private static void closeAll(List<GroupClient> clients) throws Exception {
        for (GroupClient client : clients) {
            client.close();
        }
    }

    @Test
    void twoPeersFindEachOtherWhicheverInstanceTheyAreConnectedTo() throws Exception {
        List<GroupClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) { // 8 sockets on 2 instances: all on one of them is one chance in 128
            clients.add(client());
        }
        GroupClient seeker = clients.get(0);
        clients.subList(1, 8).forEach(other -> seeker.seek(other.peerId));
        GroupClient.until("seven sessions", clients, () -> seeker.opened == 7);
        closeAll(clients);
    }

    @Test
    void membersOfAGroupAreNamedToNewcomersAndTheApiShowsThem() throws Exception {
        List<GroupClient> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            GroupClient client = client();
            clients.add(client);
            client.join(OTHER, Generosity.MEMBER);
            int before = i;
            GroupClient.until("being told of all before", clients, () -> client.told.size() == before);
        }
        GroupClient.until(
                "neighbours",
                clients,
                () -> clients.stream().allMatch(c -> c.member.neighbours().size() == 3));
        String id = GroupSpec.parse(OTHER).hexId();
        JsonObject group = new JsonObject(gateway.get("api/v1/groups/" + id).body());
        assertThat(group.getInteger("size")).isEqualTo(4);
        assertThat(group.getJsonArray("members").getJsonObject(0).getJsonArray("introduced"))
                .hasSize(3);
        clients.get(0).part();
        LiveGateway.await("three members", () -> {
            try {
                GroupClient.run(50, clients, () -> false);
                return new JsonObject(gateway.get("api/v1/groups/" + id).body()).getInteger("size") == 3;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        closeAll(clients);
        LiveGateway.await("no group", () -> {
            try {
                return gateway.get("api/v1/groups/" + id).statusCode() == 404;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void aStreamOfTheGatewayReachesEveryMemberOfItsGroup() throws Exception {
        List<GroupClient> clients = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            GroupClient client = client();
            clients.add(client);
            client.join(SPEC, Generosity.MEMBER);
            client.member.want("out");
        }
        GroupClient.until(
                "neighbours",
                clients,
                () -> clients.stream().allMatch(c -> c.member.neighbours().size() >= 6));
        try (RtmfpClient publisher = RtmfpGatewayIT.publisherAt(gateway, "out")) {
            long start = RtmfpClient.now();
            int[] sent = {0};
            boolean all = GroupClient.run(25_000, clients, () -> {
                while (RtmfpClient.now() - start > 40L * sent[0]) {
                    Buffer video = sent[0] == 0
                            ? RtmfpGatewayIT.HEADER
                            : sent[0] % 25 == 1 ? RtmfpGatewayIT.KEY : RtmfpGatewayIT.INTER;
                    RtmfpGatewayIT.sendAt(publisher, 40L * sent[0]++, video);
                    step(publisher);
                }
                return clients.stream().allMatch(c -> c.packets.size() > 100);
            });
            assertThat(all).as("a hundred packets each").isTrue();
        }
        assertThat(clients.get(0).packets).extracting(p -> p.kind()).contains(Kind.VIDEO);
        JsonObject shown = group(new JsonArray(gateway.get("api/v1/groups").body()), SPEC);
        assertThat(shown.getInteger("size")).isEqualTo(7);
        assertThat(shown.getLong("bytesSent")).isPositive();
        assertThat(shown.getLong("bytesSpared")).isPositive();
        closeAll(clients);
    }

    private static JsonObject group(JsonArray groups, String spec) {
        return groups.stream()
                .map(JsonObject.class::cast)
                .filter(g -> g.getString("id").equals(GroupSpec.parse(spec).hexId()))
                .findFirst()
                .orElseThrow();
    }

    private static void step(RtmfpClient publisher) {
        try {
            publisher.step();
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aStreamOfAGroupBecomesAStreamOfTheGateway() throws Exception {
        GroupClient publisher = client();
        publisher.join(IN, Generosity.MEMBER);
        GroupClient.until(
                "the gateway as a neighbour",
                List.of(publisher),
                () -> publisher.member.neighbours().size() == 1);
        byte[] key = new byte[32];
        key[0] = 7;
        publisher.member.publish("show", Buffer.buffer(key), RtmfpClient.now());
        long start = RtmfpClient.now();
        int[] sent = {0};
        boolean[] live = {false};
        GroupClient.until("the stream", List.of(publisher), () -> {
            while (RtmfpClient.now() - start > 40L * sent[0]) {
                Buffer video = sent[0] % 25 == 0
                        ? RtmfpGatewayIT.HEADER
                        : sent[0] % 25 == 1 ? RtmfpGatewayIT.KEY : RtmfpGatewayIT.INTER;
                publisher.member.packet(
                        "show", io.fluctus.media.MediaPacket.of(Kind.VIDEO, 40L * sent[0]++, video), RtmfpClient.now());
            }
            live[0] |= sent[0] % 25 == 24 && isLive("back");
            return live[0];
        });
        publisher.member.unpublish("show");
        GroupClient.until("its end", List.of(publisher), () -> !isLive("back"));
        publisher.close();
    }

    private static boolean isLive(String name) {
        try {
            return gateway.streams().stream()
                    .map(JsonObject.class::cast)
                    .anyMatch(s -> s.getString("name").equals(name) && s.containsKey("video"));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aPeerThatDoesNotKnowTheGroupIsNotTheGatewaysNeighbour() throws Exception {
        try (GroupClient stranger = client()) {
            String wrong = SPEC.replace("74657374", "74657375");
            stranger.join(wrong, Generosity.MEMBER);
            assertThat(GroupSpec.parse(wrong).id())
                    .isNotEqualTo(GroupSpec.parse(SPEC).id());
            assertThat(GroupClient.run(1_500, List.of(stranger), () -> !stranger.told.isEmpty()))
                    .isFalse();
            assertThat(stranger.events).anyMatch(e -> e instanceof Event.Connected);
        }
    }
}
