package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Recorded conversations of other programs, from the test resources. */
final class Captures {
    private static final Path FOLDER = Path.of("src/test/resources/captures");

    private Captures() {}

    static Buffer hex(String digits) {
        return Buffer.buffer(HexFormat.of().parseHex(digits.replace(" ", "")));
    }

    static String hex(Buffer bytes) {
        return HexFormat.of().formatHex(bytes.getBytes());
    }

    static List<Path> cryptoFiles() {
        return files("rtmfp-crypto-", ".json");
    }

    static List<Path> plainFiles() {
        return files("rtmfp-plain-", ".txt");
    }

    private static List<Path> files(String prefix, String suffix) {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(p -> p.getFileName().toString().startsWith(prefix)
                            && p.getFileName().toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonObject json(Path file) {
        try {
            return new JsonObject(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonObject json(String name) {
        return json(FOLDER.resolve("rtmfp-crypto-" + name + ".json"));
    }

    /** The decrypted packets of a plain file, padding included. */
    static List<Buffer> packets(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(l -> !l.startsWith("#") && !l.isBlank())
                    .map(l -> hex(l.split(" ")[3]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Buffer> packets(String name) {
        return packets(FOLDER.resolve("rtmfp-plain-" + name + ".txt"));
    }

    /** A packet as it was sealed: 0xFF fills it up (RFC 7425 4.6); what a chunk ends with may look the same. */
    static Buffer padded(Buffer packet, int length) {
        Buffer padded = packet.copy();
        while (padded.length() < length) {
            padded.appendByte((byte) 0xff);
        }
        return padded;
    }

    /** A packet that does not end in 0xFF itself, without what filled it up. */
    static Buffer withoutPadding(Buffer plain) {
        int end = plain.length();
        while (end > 0 && plain.getByte(end - 1) == (byte) 0xff) {
            end--;
        }
        return plain.getBuffer(0, end);
    }
}
