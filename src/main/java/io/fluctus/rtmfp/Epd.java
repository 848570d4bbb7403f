package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An endpoint discriminator (RFC 7425 4.4): whom an initiator looks for. */
public record Epd(Optional<Buffer> requiredHostname, Optional<Buffer> ancillaryData, Optional<Buffer> fingerprint) {
    static final int REQUIRED_HOSTNAME = 0x00;
    static final int ANCILLARY_DATA = 0x0a;
    static final int FINGERPRINT = 0x0f;
    static final int FINGERPRINT_LENGTH = 32;

    /** A server by the URI that it shall serve. */
    public static Epd ofUri(String uri) {
        return new Epd(Optional.empty(), Optional.of(Buffer.buffer(uri)), Optional.empty());
    }

    /** The one owner of a certificate. */
    public static Epd ofFingerprint(Buffer fingerprint) {
        return new Epd(Optional.empty(), Optional.empty(), Optional.of(fingerprint));
    }

    static Epd decode(Buffer encoded) {
        List<Option> options = Option.decodeAll(new ByteReader(encoded));
        Epd epd = new Epd(
                Option.find(options, REQUIRED_HOSTNAME),
                Option.find(options, ANCILLARY_DATA),
                Option.find(options, FINGERPRINT));
        if (epd.requiredHostname.isEmpty() && epd.ancillaryData.isEmpty() && epd.fingerprint.isEmpty()) {
            throw new ProtocolException("endpoint discriminator without hostname, ancillary data or fingerprint");
        }
        if (epd.fingerprint.isPresent() && epd.fingerprint.get().length() != FINGERPRINT_LENGTH) {
            throw new ProtocolException("fingerprint is not 32 bytes");
        }
        return epd;
    }

    /** The path of the URI that is looked for, or what librtmfp says in its place, the application alone; empty if there is none. */
    String path() {
        String uri =
                ancillaryData.map(data -> data.toString(StandardCharsets.UTF_8)).orElse("");
        int host = uri.indexOf("://");
        String path = host < 0 ? uri : uri.substring(Math.min(uri.length(), pathStart(uri, host + "://".length())));
        int end = path.indexOf('?');
        return end < 0 ? path : path.substring(0, end);
    }

    private static int pathStart(String uri, int host) {
        int slash = uri.indexOf('/', host);
        return slash < 0 ? uri.length() : slash + 1;
    }

    Buffer encode() {
        List<Option> options = new ArrayList<>();
        requiredHostname.ifPresent(v -> options.add(Option.of(REQUIRED_HOSTNAME, v)));
        ancillaryData.ifPresent(v -> options.add(Option.of(ANCILLARY_DATA, v)));
        fingerprint.ifPresent(v -> options.add(Option.of(FINGERPRINT, v)));
        return Option.encode(options);
    }
}
