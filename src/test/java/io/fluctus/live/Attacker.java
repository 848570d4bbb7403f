package io.fluctus.live;

import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** A plain socket that may say anything, from a loopback address of its own so that its log lines can be told apart. */
final class Attacker implements AutoCloseable {
    static final int AUDIO = 8;
    static final int COMMAND = 20;
    static final int SET_CHUNK_SIZE = 1;
    static final int ABORT = 2;
    static final int ACKNOWLEDGEMENT = 3;
    static final int USER_CONTROL = 4;
    static final int WINDOW_ACKNOWLEDGEMENT_SIZE = 5;
    static final int SET_PEER_BANDWIDTH = 6;
    private static final int C1 = 1536;
    private static final int CHUNK = 128;
    private static final int READ_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final StringBuilder heard = new StringBuilder();

    /** {@code host} is an address of 127.0.0.0/8. */
    Attacker(String url, String host) throws IOException {
        URI uri = URI.create(url);
        socket.setReceiveBufferSize(16 * 1024);
        socket.bind(new InetSocketAddress(host, 0));
        socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
        socket.setSoTimeout(READ_MILLIS);
        socket.setTcpNoDelay(true);
    }

    Attacker send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    Attacker send(Buffer bytes) throws IOException {
        return send(bytes.getBytes());
    }

    Attacker send(String text) throws IOException {
        return send(Buffer.buffer(text));
    }

    /** C0, C1, and C2 as soon as the server's part is here. */
    Attacker handshake() throws IOException {
        send(new byte[] {3}).send(new byte[C1]);
        socket.getInputStream().readNBytes(1 + 2 * C1);
        return send(new byte[C1]);
    }

    Attacker connect(String app) throws IOException {
        Map<String, AmfValue> object = Map.of("app", AmfValue.of(app), "tcUrl", AmfValue.of("rtmp://h/" + app));
        return command(0, AmfValue.of("connect"), AmfValue.of(1), AmfValue.Obj.of(object));
    }

    Attacker connected() throws IOException {
        return handshake().connect("live").hear("NetConnection.Connect.Success");
    }

    Attacker command(int streamId, AmfValue... values) throws IOException {
        ByteWriter out = new ByteWriter();
        Amf0.encodeAll(List.of(values), 0, out);
        return message(3, COMMAND, streamId, out.buffer());
    }

    Attacker createStream() throws IOException {
        return command(0, AmfValue.of("createStream"), AmfValue.of(2), AmfValue.NULL);
    }

    /** A whole message in chunks of 128 bytes. */
    Attacker message(int chunkStreamId, int type, int streamId, Buffer payload) throws IOException {
        return send(message(chunkStreamId, type, streamId, payload, payload.length()));
    }

    /** What there is of a message that announces {@code length} bytes. */
    static Buffer message(int chunkStreamId, int type, int streamId, Buffer payload, int length) {
        Buffer out = Buffer.buffer().appendBuffer(basic(0, chunkStreamId));
        out.appendMedium(0).appendMedium(length).appendByte((byte) type).appendIntLE(streamId);
        for (int at = 0; at < payload.length(); at += CHUNK) {
            if (at > 0) {
                out.appendBuffer(basic(3, chunkStreamId));
            }
            out.appendBuffer(payload, at, Math.min(CHUNK, payload.length() - at));
        }
        return out;
    }

    private static Buffer basic(int fmt, int id) {
        return id < 64
                ? Buffer.buffer().appendByte((byte) (fmt << 6 | id))
                : Buffer.buffer().appendByte((byte) (fmt << 6)).appendByte((byte) (id - 64));
    }

    /** Reads until {@code word} has come. */
    Attacker hear(String word) throws IOException {
        byte[] bytes = new byte[4096];
        while (heard.indexOf(word) < 0) {
            int count = socket.getInputStream().read(bytes);
            if (count < 0) {
                throw new IOException("closed before " + word);
            }
            heard.append(Buffer.buffer(bytes).getString(0, count, "ISO-8859-1"));
        }
        return this;
    }

    String heard() {
        return heard.toString();
    }

    /** Whether the server ends the connection within the time; reads whatever comes until then. */
    boolean endsWithin(long millis) throws IOException {
        long end = System.nanoTime() + millis * 1_000_000;
        byte[] bytes = new byte[4096];
        try {
            for (long left = millis; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                socket.setSoTimeout((int) left);
                int count = socket.getInputStream().read(bytes);
                if (count < 0) {
                    return true;
                }
                heard.append(Buffer.buffer(bytes).getString(0, count, "ISO-8859-1"));
            }
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true; // reset
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
