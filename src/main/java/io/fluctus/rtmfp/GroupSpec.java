package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * A NetGroup's specification, {@code G:} and hexadecimal digits: options up to a marker say which group it is, what follows is the
 * member's own affair. Flash has no document of it; the shape is that of groups seen at work.
 *
 * @param text the digits up to the marker as they were given: what members prove to each other that they know
 * @param id what the group is called to those who are not in it
 * @param name what it is called by people; empty if it has no name
 */
public record GroupSpec(String text, Buffer id, String name) {
    static final int MAX_LENGTH = 2_048;

    private static final String PREFIX = "G:";
    private static final int VERSION = 0x7f;
    private static final int NAME = 0x0e;
    private static final int VERSION_2 = 2;

    /** Throws {@link ProtocolException} with a sentence for anything that is no specification. */
    public static GroupSpec parse(String spec) {
        if (!spec.startsWith(PREFIX) || spec.length() > MAX_LENGTH) {
            throw new ProtocolException("a group is " + PREFIX + " and at most " + MAX_LENGTH + " hexadecimal digits");
        }
        Buffer bytes;
        try {
            bytes = Buffer.buffer(HexFormat.of().parseHex(spec.substring(PREFIX.length())));
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("a group is " + PREFIX + " and an even number of hexadecimal digits");
        }
        return of(spec, bytes);
    }

    private static GroupSpec of(String spec, Buffer bytes) {
        ByteReader in = new ByteReader(bytes);
        boolean second = false;
        Optional<String> name = Optional.empty();
        int end = 0;
        int count = 0;
        for (Option option = next(in); !option.isMarker(); option = next(in)) {
            if (++count > Option.MAX_OPTIONS) {
                throw new ProtocolException("a group of more than " + Option.MAX_OPTIONS + " options");
            }
            second |= option.type() == VERSION
                    && option.value().length() == 1
                    && option.value().getByte(0) == VERSION_2;
            if (option.type() == NAME && name.isEmpty()) {
                name = Optional.of(option.value().toString(StandardCharsets.UTF_8));
            }
            end = in.position();
        }
        String text = spec.substring(0, PREFIX.length() + 2 * end);
        Buffer once = Crypto.sha256(Buffer.buffer(text));
        return new GroupSpec(text, second ? Crypto.sha256(once) : once, name.orElse(""));
    }

    private static Option next(ByteReader in) {
        return in.hasRemaining() ? Option.decode(in) : Option.MARKER;
    }

    /** The id as it stands in messages, in the console and on the bus. */
    public String hexId() {
        return hex(id);
    }

    static String hex(Buffer bytes) {
        return HexFormat.of().formatHex(bytes.getBytes());
    }

    /** The reverse of {@link #hex}, for ids of 32 bytes; throws ProtocolException. */
    static Buffer unhex(String digits) {
        if (digits.length() != 2 * Epd.FINGERPRINT_LENGTH) {
            throw new ProtocolException("an id is not " + 2 * Epd.FINGERPRINT_LENGTH + " digits");
        }
        try {
            return Buffer.buffer(HexFormat.of().parseHex(digits.toLowerCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("an id is not hexadecimal digits");
        }
    }

    /** The proof of knowing this group, for the one whose nonce it is (seen between librtmfp peers). */
    Buffer proof(Buffer nonce) {
        return Crypto.hmac(Buffer.buffer(text), nonce);
    }
}
