package io.fluctus;

import io.fluctus.netconnection.Event;
import io.fluctus.rtmp.RtmpConnection;
import io.fluctus.wire.AmfValue;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** An RTMP client on a blocking socket, driven by the test's thread; over TLS it trusts everybody and says whom. */
public final class RtmpClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final RtmpConnection connection = RtmpConnection.client(new SplittableRandom(7), now());
    private final Socket socket;
    private final OutputStream out;
    public final List<Event> events = new ArrayList<>();
    private int streams;
    private boolean over;

    /** Opens the socket of an URL such as {@code rtmps://127.0.0.1:443/live}. */
    public RtmpClient(String url) throws IOException {
        this(url, new byte[0]);
    }

    /** As above; {@code before} is sent in front of everything. */
    public RtmpClient(String url, byte[] before) throws IOException {
        URI uri = URI.create(url);
        socket = uri.getScheme().equals("rtmps")
                ? trusting().getSocketFactory().createSocket(uri.getHost(), uri.getPort())
                : new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        out.write(before);
    }

    public static SSLContext trusting() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Everybody()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static final class Everybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** The server's certificate. */
    public X509Certificate certificate() throws IOException {
        return (X509Certificate) ((SSLSocket) socket).getSession().getPeerCertificates()[0];
    }

    /** Says connect and waits for the answer: Connected or ConnectRefused. */
    public Event connect(String app) throws IOException {
        return connect(app, Map.of());
    }

    public Event connect(String app, Map<String, AmfValue> extra) throws IOException {
        connection.dialogue().connect(app, "rtmp://127.0.0.1/" + app, false, extra);
        until(() -> has(Event.Connected.class) || has(Event.ConnectRefused.class));
        return events.stream()
                .filter(event -> event instanceof Event.Connected || event instanceof Event.ConnectRefused)
                .findFirst()
                .orElseThrow();
    }

    /** Publishes and gives the code and the description of the answer. */
    public String publish(String name) throws IOException {
        int streamId = createStream();
        connection.dialogue().publish(streamId, name, "live");
        return status();
    }

    public String play(String name) throws IOException {
        int streamId = createStream();
        connection.dialogue().play(streamId, name, -1);
        return status();
    }

    public int createStream() throws IOException {
        events.clear();
        connection.dialogue().createStream();
        until(() -> has(Event.StreamCreated.class));
        events.clear();
        return ++streams;
    }

    private String status() throws IOException {
        until(() -> events.stream()
                .anyMatch(e -> e instanceof Event.StatusReceived s
                        && !s.status().code().equals("NetStream.Play.Reset")));
        return events.stream()
                .filter(e -> e instanceof Event.StatusReceived s
                        && !s.status().code().equals("NetStream.Play.Reset"))
                .map(e -> ((Event.StatusReceived) e).status())
                .map(s -> s.code() + ": " + s.description())
                .findFirst()
                .orElseThrow();
    }

    public RtmpConnection connection() {
        return connection;
    }

    public boolean has(Class<? extends Event> type) {
        return events.stream().anyMatch(type::isInstance);
    }

    public void flush() throws IOException {
        for (Buffer bytes = connection.poll(); bytes != null; bytes = connection.poll()) {
            out.write(bytes.getBytes());
        }
        out.flush();
    }

    /** Whether the server ends the connection within ten seconds. */
    public boolean ends() throws IOException {
        try {
            until(() -> over);
        } catch (AssertionError waitedInVain) {
            return false;
        }
        return over;
    }

    public void until(BooleanSupplier done) throws IOException {
        flush();
        byte[] bytes = new byte[64 * 1024];
        while (!done.getAsBoolean()) {
            int length;
            try {
                length = over ? -1 : socket.getInputStream().read(bytes);
            } catch (SocketTimeoutException e) {
                throw new AssertionError("waited in vain; heard " + events, e);
            } catch (IOException reset) {
                length = -1;
            }
            if (length < 0) {
                over = true;
                if (!done.getAsBoolean()) {
                    throw new AssertionError("the server has ended the connection; heard " + events);
                }
                return;
            }
            events.addAll(connection.receive(Buffer.buffer(Arrays.copyOf(bytes, length)), now()));
            flush();
        }
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
