package io.fluctus.rtmfp;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ByteWriter;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A session keying component, SKIC or SKRC (RFC 7425 4.5), read as options and never at fixed places. */
record Keying(List<Option> options, Negotiation negotiation) {
    static final int EPHEMERAL_PUBLIC_KEY = 0x0d;
    static final int EXTRA_RANDOMNESS = 0x0e;
    static final int GROUP_SELECT = 0x1d;

    private static final int RANDOMNESS = 64;

    static Keying decode(Buffer component) {
        List<Option> options = Option.decodeAll(new ByteReader(component));
        return new Keying(options, Negotiation.decode(options));
    }

    /** An initiator with a static key in {@code group}: the shape of Flash and librtmfp. */
    static Buffer initiator(DhGroup group, Negotiation negotiation, byte[] randomness) {
        List<Option> options = new ArrayList<>();
        options.add(Option.of(GROUP_SELECT, group.id()));
        options.add(Option.of(EXTRA_RANDOMNESS, Buffer.buffer(randomness)));
        options.addAll(negotiation.options());
        return Option.encode(options);
    }

    /** A responder with a fresh key; the key comes last, where librtmfp reads it. */
    static Buffer responder(DhGroup group, Negotiation negotiation, Buffer publicKey) {
        List<Option> options = new ArrayList<>(negotiation.options());
        ByteWriter key = new ByteWriter();
        Vlu.write(key, group.id());
        options.add(Option.of(EPHEMERAL_PUBLIC_KEY, key.bytes(publicKey).buffer()));
        return Option.encode(options);
    }

    /** A responder whose certificate holds its key: randomness takes the key's place. */
    static Buffer staticResponder(Negotiation negotiation, byte[] randomness) {
        List<Option> options = new ArrayList<>(negotiation.options());
        options.add(Option.of(EXTRA_RANDOMNESS, Buffer.buffer(randomness)));
        return Option.encode(options);
    }

    static byte[] randomness(RandomGenerator random) {
        byte[] bytes = new byte[RANDOMNESS];
        random.nextBytes(bytes);
        return bytes;
    }

    /** What an initiator chose: the group, and its public key from here or from its certificate. */
    FarKey farKey(Certificate initiator) {
        if (initiator.isStatic()) {
            Buffer select = Option.find(options, GROUP_SELECT)
                    .orElseThrow(() -> new ProtocolException("keying component selects no group"));
            DhGroup group = group(Vlu.read(new ByteReader(select)));
            return new FarKey(
                    group,
                    initiator
                            .staticKey(group)
                            .orElseThrow(() -> new ProtocolException("certificate has no key in the selected group")));
        }
        Buffer key = Option.find(options, EPHEMERAL_PUBLIC_KEY)
                .orElseThrow(() -> new ProtocolException("keying component has no public key"));
        ByteReader in = new ByteReader(key);
        return new FarKey(group(Vlu.read(in)), in.bytes(in.remaining()));
    }

    /** A responder's public key in the group that we chose, from here or from its certificate. */
    FarKey farKey(Certificate responder, DhGroup group) {
        Optional<Buffer> key = responder.isStatic()
                ? responder.staticKey(group)
                : Option.findGrouped(options, EPHEMERAL_PUBLIC_KEY, group.id());
        return new FarKey(
                group, key.orElseThrow(() -> new ProtocolException("responder has no key in the chosen group")));
    }

    private static DhGroup group(long id) {
        return DhGroup.of(id).orElseThrow(() -> new ProtocolException("unknown Diffie-Hellman group " + id));
    }

    /** A public value with its group. */
    record FarKey(DhGroup group, Buffer publicValue) {}
}
