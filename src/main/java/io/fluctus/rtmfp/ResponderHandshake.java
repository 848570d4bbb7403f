package io.fluctus.rtmfp;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.Optional;

/** The responder's side of one handshake (RFC 7016 3.5.1.2), from a good cookie to the first packet of the session. */
final class ResponderHandshake {
    private final int nearId;
    private final Chunk.IIKeying keying;
    private final Certificate far;
    private final Keying component;
    private final Identity identity;
    private final long startedAt;
    private InetSocketAddress peer;
    private Optional<Integer> opening = Optional.empty();
    private Optional<Chunk.RIKeying> answer = Optional.empty();

    /** Throws ProtocolException for a keying that no agreement can come from. */
    ResponderHandshake(int nearId, Chunk.IIKeying keying, InetSocketAddress peer, Identity identity, long now) {
        this.nearId = nearId;
        this.keying = keying;
        this.peer = peer;
        this.identity = identity;
        this.startedAt = now;
        this.far = Certificate.decode(keying.certificate());
        this.component = Keying.decode(keying.keyingComponent());
    }

    int nearId() {
        return nearId;
    }

    InetSocketAddress peer() {
        return peer;
    }

    Certificate far() {
        return far;
    }

    /** An opening of ours to the same endpoint, which this handshake has replaced (RFC 7425 4.3.6). */
    Optional<Integer> opening() {
        return opening;
    }

    void standsFor(int replaced) {
        opening = Optional.of(replaced);
    }

    Buffer cookie() {
        return keying.cookie();
    }

    Agreement agreement() {
        Keying.FarKey farKey = component.farKey(far);
        return new Agreement(nearId, identity.staticKey(farKey.group()), farKey);
    }

    long deadline() {
        return startedAt + Params.HALF_OPEN_LIFETIME;
    }

    /** The very same initiator again, whose RIKeying got lost or is on its way. */
    boolean isRepeatedBy(Chunk.IIKeying other) {
        return other.equals(keying);
    }

    Optional<Chunk.RIKeying> answer() {
        return answer;
    }

    /** The session's terms; empty if the initiator's key was bad. */
    Optional<Session.Terms> deliver(Agreement.Result result, byte[] randomness) {
        if (result.secret().isEmpty()) {
            return Optional.empty();
        }
        Negotiation offer = component.negotiation();
        Negotiation ours = offer.answer();
        DhGroup group = component.farKey(far).group();
        Buffer near = identity.certificate().isStatic()
                ? Keying.staticResponder(ours, randomness)
                : Keying.responder(group, ours, result.publicValue());
        answer = Optional.of(new Chunk.RIKeying(nearId, near, Certificate.SIGNATURE));
        SessionKeys keys = SessionKeys.derive(result.secret().get(), keying.keyingComponent(), near);
        PacketCipher cipher = keys.cipher(false, ours, offer);
        return Optional.of(new Session.Terms(Packet.RESPONDER, nearId, keying.sessionId(), cipher, keys, far));
    }

    int farId() {
        return keying.sessionId();
    }
}
