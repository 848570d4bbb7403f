package io.fluctus.rtmfp;

import io.fluctus.wire.ByteWriter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Who we are: a certificate with the private halves of its static keys, if it has any. */
public record Identity(Certificate certificate, List<DhGroup.KeyPair> staticKeys) {
    private static final int RANDOMNESS = 64;

    public Identity {
        staticKeys = List.copyOf(staticKeys);
    }

    /** A server: the 77 bytes that librtmfp reads, with the groups we really do. */
    public static Identity server(RandomGenerator random) {
        byte[] randomness = new byte[RANDOMNESS];
        random.nextBytes(randomness);
        List<Option> options = new ArrayList<>();
        options.add(Option.of(Certificate.ACCEPTS_ANCILLARY_DATA));
        options.add(Option.of(Certificate.EXTRA_RANDOMNESS, Buffer.buffer(randomness)));
        for (DhGroup group : DhGroup.values()) {
            options.add(Option.of(Certificate.SUPPORTED_GROUP, group.id()));
        }
        return new Identity(Certificate.decode(Option.encode(options)), List.of());
    }

    /** A client as Flash is one: a single static key of 1024 bits. Costs one exponentiation: not on an event loop. */
    public static Identity client(RandomGenerator random) {
        return client(List.of(DhGroup.MODP_1024), random);
    }

    static Identity client(List<DhGroup> groups, RandomGenerator random) {
        List<DhGroup.KeyPair> pairs = new ArrayList<>();
        List<Option> options = new ArrayList<>();
        for (DhGroup group : groups) {
            DhGroup.KeyPair pair = group.generate(random);
            ByteWriter key = new ByteWriter();
            Vlu.write(key, group.id());
            options.add(Option.of(
                    Certificate.STATIC_PUBLIC_KEY, key.bytes(pair.publicValue()).buffer()));
            pairs.add(pair);
        }
        return new Identity(Certificate.decode(Option.encode(options)), pairs);
    }

    Optional<DhGroup.KeyPair> staticKey(DhGroup group) {
        return staticKeys.stream().filter(k -> k.group() == group).findFirst();
    }

    /** The first of our own static keys that the far end can work with. */
    Optional<DhGroup.KeyPair> keyFor(Certificate far) {
        return staticKeys.stream().filter(k -> far.supports(k.group())).findFirst();
    }
}
