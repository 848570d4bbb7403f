package io.fluctus.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.LiveGateway;
import io.fluctus.RtmpClient;
import io.fluctus.TestCertificates;
import io.fluctus.netconnection.Event;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RTMPS, HTTPS and WSS with certificates that change, and proxies that speak for others. */
class TlsIT {
    @TempDir
    Path folder;

    private LiveGateway secured(Path chain, Path key) throws Exception {
        return new LiveGateway(new JsonObject()
                .put("rtmps", new JsonObject().put("port", 0))
                .put("https", new JsonObject().put("port", 0))
                .put(
                        "tls",
                        new JsonObject().put("certificate", chain.toString()).put("key", key.toString())));
    }

    private static HttpClient trusting() throws Exception {
        SSLParameters anyName = new SSLParameters();
        anyName.setEndpointIdentificationAlgorithm("");
        return HttpClient.newBuilder()
                .sslContext(RtmpClient.trusting())
                .sslParameters(anyName)
                .build();
    }

    @Test
    void whatIsPublishedOverRtmpsIsPlayedOverRtmpsHttpsAndWss() throws Exception {
        Path chain = folder.resolve("chain.pem");
        Path key = folder.resolve("key.pem");
        TestCertificates.write(chain, key, "one");
        try (LiveGateway gateway = secured(chain, key);
                RtmpClient publisher = new RtmpClient(gateway.rtmps(""));
                RtmpClient player = new RtmpClient(gateway.rtmps(""))) {
            assertThat(publisher.connect("live")).isInstanceOf(Event.Connected.class);
            assertThat(publisher.publish("cam")).startsWith("NetStream.Publish.Start");
            player.connect("live");
            assertThat(player.play("cam")).startsWith("NetStream.Play.Start");
            JsonObject stream = gateway.awaitStream("cam", s -> true);
            assertThat(stream.getJsonObject("publisher").getString("protocol")).isEqualTo("rtmps");
            HttpResponse<String> api = trusting()
                    .send(
                            HttpRequest.newBuilder(URI.create(gateway.https("api/v1/streams")))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(api.body()).contains("\"cam\"");
            assertThat(firstOverWss(gateway.https("live/live/cam.flv").replaceFirst("https", "wss")))
                    .startsWith("464c5601"); // FLV, version 1
        }
    }

    private static String firstOverWss(String url) throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        WebSocket socket = trusting()
                .newWebSocketBuilder()
                .buildAsync(URI.create(url), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
                        byte[] bytes = new byte[data.remaining()];
                        data.get(bytes);
                        first.complete(HexFormat.of().formatHex(bytes));
                        webSocket.request(1);
                        return null;
                    }
                })
                .get(5, TimeUnit.SECONDS);
        String bytes = first.get(5, TimeUnit.SECONDS);
        socket.abort();
        return bytes;
    }

    @Test
    void aChangedCertificateIsForNewSessionsAndOldOnesGoOn() throws Exception {
        Path chain = folder.resolve("chain.pem");
        Path key = folder.resolve("key.pem");
        TestCertificates.write(chain, key, "one");
        try (LiveGateway gateway = secured(chain, key);
                RtmpClient old = new RtmpClient(gateway.rtmps(""))) {
            old.connect("live");
            assertThat(old.publish("cam")).startsWith("NetStream.Publish.Start");
            assertThat(nameOf(gateway)).isEqualTo("CN=one");
            TestCertificates.write(chain, key, "two");
            LiveGateway.await("the new certificate", () -> nameOf(gateway).equals("CN=two"));
            old.createStream(); // it still answers
            gateway.awaitStream("cam", s -> s.getBoolean("live"));
        }
    }

    private static String nameOf(LiveGateway gateway) {
        try (RtmpClient client = new RtmpClient(gateway.rtmps(""))) {
            return client.certificate().getSubjectX500Principal().getName();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void plainTextAtATlsPortHasNoAnswer() throws Exception {
        Path chain = folder.resolve("chain.pem");
        Path key = folder.resolve("key.pem");
        TestCertificates.write(chain, key, "one");
        try (LiveGateway gateway = secured(chain, key);
                RtmpClient plain = new RtmpClient(gateway.rtmps("").replace("rtmps", "rtmp"))) {
            plain.flush();
            assertThat(plain.ends()).isTrue();
        }
    }

    // -- PROXY protocol

    private static LiveGateway behind(String proxies) throws Exception {
        return new LiveGateway(new JsonObject().put("proxy", new JsonObject().put("trusted", proxies)));
    }

    private static byte[] v1(String client) {
        return ("PROXY TCP4 " + client + " 127.0.0.1 50000 1935\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** 2.2 of the PROXY protocol: signature, version 2 and PROXY, TCP over IPv4, 12 bytes of addresses and ports. */
    private static byte[] v2(String clientHex) {
        return HexFormat.of()
                .parseHex("0d0a0d0a000d0a515549540a" + "21" + "11" + "000c" + clientHex + "7f000001" + "c350" + "078f");
    }

    @Test
    void aProxySaysWhereTheClientIs() throws Exception {
        try (LiveGateway gateway = behind("127.0.0.0/8")) {
            for (byte[] header : new byte[][] {v1("203.0.113.5"), v2("cb007105")}) {
                try (RtmpClient client = new RtmpClient(gateway.rtmp(""), header)) {
                    client.connect("live");
                    assertThat(client.publish("cam")).contains("open to this machine only");
                }
            }
            try (RtmpClient local = new RtmpClient(gateway.rtmp(""), v1("127.0.0.1"))) {
                local.connect("live");
                assertThat(local.publish("cam")).startsWith("NetStream.Publish.Start");
            }
        }
    }

    @Test
    void whoIsNoTrustedProxySpeaksForNobody() throws Exception {
        try (LiveGateway gateway = behind("192.0.2.1");
                RtmpClient forger = new RtmpClient(gateway.rtmp(""), v1("192.0.2.1"))) {
            forger.flush();
            assertThat(forger.ends()).isTrue();
        }
    }
}
