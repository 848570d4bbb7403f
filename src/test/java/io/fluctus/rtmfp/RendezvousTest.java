package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How often peers are introduced, in which order they are told addresses, and where newcomers are sent. */
class RendezvousTest {
    private final Rendezvous rendezvous = new Rendezvous(new Random(1));

    private static InetSocketAddress asker(int port) {
        return World.at(port);
    }

    /** F8: a thousand questions a second for peers that nobody knows. */
    @Test
    void anAskerIsHeardTenTimesASecond() {
        int heard = 0;
        for (int i = 0; i < 3_000; i++) {
            heard += rendezvous.mayAsk(asker(1_000), i) ? 1 : 0;
        }
        assertThat(heard).isEqualTo(3 * Rendezvous.PER_REQUESTER);
    }

    @Test
    void aPeerIsDisturbedFiveTimesASecondHoweverManyAsk() {
        Buffer target = Crypto.sha256(Buffer.buffer("target"));
        int disturbed = 0;
        for (int i = 0; i < 1_000; i++) {
            assertThat(rendezvous.mayAsk(asker(1_000 + i), 0) || i > 100).isTrue();
            disturbed += rendezvous.mayDisturb(target, 500) ? 1 : 0;
        }
        assertThat(disturbed).isEqualTo(Rendezvous.PER_TARGET);
        assertThat(rendezvous.mayDisturb(Crypto.sha256(Buffer.buffer("another")), 500))
                .isTrue();
        assertThat(rendezvous.mayDisturb(target, 1_500)).isTrue();
    }

    @Test
    void eachRepetitionBeginsWithTheNextAddress() {
        List<Address> addresses = Address.parseAll("203.0.113.1:1,10.0.0.2:2,10.0.0.3:3");
        Buffer tag = Buffer.buffer("tag");
        assertThat(rendezvous.turned(tag, addresses)).isEqualTo(addresses);
        assertThat(rendezvous.turned(tag, addresses).get(0)).isEqualTo(addresses.get(1));
        assertThat(rendezvous.turned(tag, addresses).get(0)).isEqualTo(addresses.get(2));
        assertThat(rendezvous.turned(tag, addresses)).isEqualTo(addresses);
        assertThat(rendezvous.turned(Buffer.buffer("other"), addresses)).isEqualTo(addresses);
        assertThat(rendezvous.turned(tag, List.of())).isEmpty();
    }

    @Test
    void questionsAreForgottenBeforeTheyFillTheMemory() {
        List<Address> addresses = Address.parseAll("203.0.113.1:1,10.0.0.2:2");
        Buffer first = Buffer.buffer("first");
        rendezvous.turned(first, addresses);
        for (int i = 0; i < 5_000; i++) {
            rendezvous.turned(Buffer.buffer("tag" + i), addresses);
        }
        assertThat(rendezvous.turned(first, addresses))
                .as("as if it had never asked")
                .isEqualTo(addresses);
    }

    @Test
    void addressesTravelOnTheBusAndNonsenseIsNone() {
        List<Address> addresses = Address.parseAll("203.0.113.1:1,[2001:db8::1]:2");
        assertThat(Rendezvous.decode(Rendezvous.encode(addresses))).isEqualTo(addresses);
        assertThat(Rendezvous.decode(new byte[] {1, 2, 3})).isEmpty();
    }

    @Test
    void whatAnApplicationAnswersIsAddressesOrNothing() {
        assertThat(PeersLink.addressesIn(AmfValue.NULL)).isEmpty();
        assertThat(PeersLink.addressesIn(AmfValue.Array.of(
                        AmfValue.of("192.0.2.7:1935"),
                        AmfValue.of(7.0),
                        AmfValue.of("example.org:1"),
                        AmfValue.of("0.0.0.0:1"))))
                .extracting(a -> a.socket().toString())
                .containsExactly("/192.0.2.7:1935");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "192.0.2.1", "192.0.2.1:1,x", "0.0.0.0:1935", "224.0.0.1:5", "192.0.2.1:0"})
    void aRedirectionThatLeadsNowhereIsRefused(String wrong) {
        assertThatThrownBy(() -> PeersLink.elsewhere(wrong)).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "rtmfp://host/live, live",
        "rtmfp://host:1935/games/chess?x=1, games/chess",
        "rtmfp://host, ''",
        "rtmfp://host/, ''",
        "live, live",
        "'', ''",
    })
    void thePathThatANewcomerLooksForIsThatOfItsUri(String uri, String path) {
        assertThat(Epd.ofUri(uri).path()).isEqualTo(path);
    }

    @Test
    void aNewcomerThatIsSentElsewhereIsSentThereEachTime() {
        World world = new World(1);
        World.Host server = world.server();
        World.Host other = world.host(Identity.server(world.random), 1936);
        server.endpoint.redirectAll(List.of(new Address(other.address, Address.REPORTED)));
        for (int port = 2_000; port < 2_003; port++) {
            World.Host client = world.client(port);
            world.connect(client, other, server);
            assertThat(client.session().peer()).isEqualTo(other.address);
        }
        assertThat(server.openedCount()).isZero();
        assertThat(other.openedCount()).isEqualTo(3);
    }

    @Test
    void aHelloThatIsAskedAboutIsAnsweredWhenTheAnswerComes() {
        World world = new World(1);
        World.Host server = world.server();
        server.endpoint.askFirst(true);
        World.Host client = world.client(2_000);
        client.endpoint.open(Epd.ofUri("rtmfp://server/live"), List.of(server.address), world.now);
        world.run(50);
        RtmfpEndpoint.Event.HelloReceived hello = server.events.stream()
                .filter(e -> e instanceof RtmfpEndpoint.Event.HelloReceived)
                .map(e -> (RtmfpEndpoint.Event.HelloReceived) e)
                .findFirst()
                .orElseThrow();
        assertThat(hello.path()).isEqualTo("live");
        assertThat(client.isOpen()).isFalse();
        server.endpoint.welcome(hello, List.of(), world.now);
        world.run(500);
        assertThat(client.isOpen()).isTrue();
    }
}
