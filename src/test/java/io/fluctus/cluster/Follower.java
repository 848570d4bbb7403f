package io.fluctus.cluster;

import io.fluctus.wire.Amf0;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ByteWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A bare RTMP client that says it follows reconnect requests (capsEx), connects, and writes down every byte it is told. */
final class Follower implements AutoCloseable {
    private static final int HANDSHAKE_BYTES = 1536;
    private static final int CHUNK_SIZE = 65536;

    private final Socket socket;
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

    /** Connects to {@code url}, {@code rtmp://host:port/app}. */
    Follower(String url) throws IOException {
        URI uri = URI.create(url);
        socket = new Socket(uri.getHost(), uri.getPort());
        byte[] first = new byte[1 + HANDSHAKE_BYTES];
        first[0] = 3;
        socket.getOutputStream().write(first);
        InputStream in = socket.getInputStream();
        in.readNBytes(1);
        byte[] s1 = in.readNBytes(HANDSHAKE_BYTES);
        in.readNBytes(HANDSHAKE_BYTES);
        socket.getOutputStream().write(s1);
        ByteWriter command = new ByteWriter();
        Amf0.encodeAll(
                List.of(
                        AmfValue.of("connect"),
                        AmfValue.of(1.0),
                        AmfValue.Obj.of(Map.of(
                                "app", AmfValue.of(uri.getPath().substring(1)),
                                "tcUrl", AmfValue.of(url),
                                "capsEx", AmfValue.of(1.0)))),
                0,
                command);
        ByteWriter out = new ByteWriter();
        out.u8(2).u24(0).u24(4).u8(1).u32(0).u32(CHUNK_SIZE); // Set Chunk Size on chunk stream 2
        out.u8(3).u24(0).u24(command.buffer().length()).u8(20).u32(0).bytes(command.buffer());
        socket.getOutputStream().write(out.buffer().getBytes());
        Thread reader = new Thread(this::read, "a client that follows");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try {
            byte[] bytes = new byte[4096];
            for (int n = socket.getInputStream().read(bytes);
                    n > 0;
                    n = socket.getInputStream().read(bytes)) {
                heard.write(bytes, 0, n);
            }
        } catch (IOException closed) {
            heard.writeBytes("(closed)".getBytes(StandardCharsets.US_ASCII));
        }
    }

    boolean heard(String words) {
        return heard.toString(StandardCharsets.ISO_8859_1).contains(words);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
