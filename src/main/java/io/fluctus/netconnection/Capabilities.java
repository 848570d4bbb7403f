package io.fluctus.netconnection;

import io.fluctus.wire.AmfValue;
import java.util.LinkedHashMap;
import java.util.Map;

/** What both sides say about Enhanced RTMP in connect and its result (E-RTMP v2, "Enhancing NetConnection connect Command"). */
final class Capabilities {
    /** CapsExMask. */
    static final int RECONNECT = 0x01;

    static final int MULTITRACK = 0x02;
    static final int MOD_EX = 0x04;
    static final int TIMESTAMP_NANO_OFFSET = 0x08;

    /** FourCcInfoMask CanForward: a gateway neither decodes nor encodes. */
    private static final int CAN_FORWARD = 0x04;

    private static final int CAPS_EX = RECONNECT | MULTITRACK | MOD_EX | TIMESTAMP_NANO_OFFSET;

    private static final String FOUR_CC_LIST = "fourCcList";
    private static final String VIDEO_MAP = "videoFourCcInfoMap";
    private static final String AUDIO_MAP = "audioFourCcInfoMap";
    private static final String CAPS = "capsEx";

    private Capabilities() {}

    /**
     * What we answer to a client that said {@code connect}; empty for one that knows nothing of Enhanced RTMP. The array goes to
     * those alone that sent one: some cameras abort when they find an array in the result.
     */
    static Map<String, AmfValue> answer(Map<String, AmfValue> connect) {
        Map<String, AmfValue> members = new LinkedHashMap<>();
        boolean list = connect.containsKey(FOUR_CC_LIST);
        if (list || connect.containsKey(VIDEO_MAP) || connect.containsKey(AUDIO_MAP) || connect.containsKey(CAPS)) {
            maps(members, CAPS_EX);
        }
        if (list) {
            members.put(FOUR_CC_LIST, any());
        }
        return members;
    }

    /** What a client of ours says: it forwards everything, and does not follow a reconnect request. */
    static Map<String, AmfValue> offer() {
        Map<String, AmfValue> members = new LinkedHashMap<>();
        members.put(FOUR_CC_LIST, any());
        maps(members, CAPS_EX & ~RECONNECT);
        return members;
    }

    static boolean reconnects(Map<String, AmfValue> connect) {
        double caps = connect.getOrDefault(CAPS, AmfValue.NULL).number().orElse(0.0);
        return ((long) caps & RECONNECT) != 0;
    }

    private static void maps(Map<String, AmfValue> members, int caps) {
        AmfValue all = AmfValue.Obj.of(Map.of("*", AmfValue.of(CAN_FORWARD)));
        members.put(VIDEO_MAP, all);
        members.put(AUDIO_MAP, all);
        members.put(CAPS, AmfValue.of(caps));
    }

    private static AmfValue any() {
        return AmfValue.Array.of(AmfValue.of("*"));
    }
}
