package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A certificate of the profile (RFC 7425 4.3): a list of options in any order, with static public keys or groups, never both. */
public record Certificate(Buffer encoded, List<Option> options, Buffer fingerprint) {
    static final int HOSTNAME = 0x00;
    static final int ACCEPTS_ANCILLARY_DATA = 0x0a;
    static final int EXTRA_RANDOMNESS = 0x0e;
    static final int SUPPORTED_GROUP = 0x15;
    static final int STATIC_PUBLIC_KEY = 0x1d;

    /** The signature that everyone sends and nobody checks (4.3.5). */
    static final Buffer SIGNATURE = Buffer.buffer("X");

    static Certificate decode(Buffer encoded) {
        List<Option> options = Option.decodeAll(new ByteReader(encoded));
        List<Option> canonical = new ArrayList<>();
        for (Option option : options) {
            if (option.isMarker()) {
                break;
            }
            canonical.add(option);
        }
        int length = 0;
        for (ByteReader in = new ByteReader(encoded);
                in.hasRemaining() && !Option.decode(in).isMarker(); ) {
            length = in.position();
        }
        Certificate certificate =
                new Certificate(encoded, List.copyOf(canonical), Crypto.sha256(encoded.getBuffer(0, length)));
        if (certificate.has(SUPPORTED_GROUP) == certificate.has(STATIC_PUBLIC_KEY)) {
            throw new ProtocolException("certificate has not either groups or static keys");
        }
        return certificate;
    }

    private boolean has(int type) {
        return Option.find(options, type).isPresent();
    }

    boolean isStatic() {
        return has(STATIC_PUBLIC_KEY);
    }

    /** Whether its owner can agree on a key in this group. */
    boolean supports(DhGroup group) {
        int type = isStatic() ? STATIC_PUBLIC_KEY : SUPPORTED_GROUP;
        return Option.findGrouped(options, type, group.id()).isPresent();
    }

    Optional<Buffer> staticKey(DhGroup group) {
        return Option.findGrouped(options, STATIC_PUBLIC_KEY, group.id());
    }

    /** 4.4.3: whether an initiator who looks for {@code epd} has found this. */
    boolean isSelectedBy(Epd epd) {
        if (epd.fingerprint().isPresent()) {
            return epd.fingerprint().get().equals(fingerprint);
        }
        Optional<Buffer> hostname = Option.find(options, HOSTNAME);
        return (epd.requiredHostname().isEmpty() || epd.requiredHostname().equals(hostname))
                && (epd.ancillaryData().isEmpty() || has(ACCEPTS_ANCILLARY_DATA));
    }
}
