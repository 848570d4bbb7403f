package io.fluctus.rtmfp;

/** Every tunable of the room: bytes, milliseconds or counts, with its section of RFC 7016 where there is one. */
final class Params {
    // -- sizes                                                    // bytes
    static final int MAX_DATAGRAM = 8192; // received; longer ones are dropped
    static final int MAX_SESSION_PACKET = 1176; // 1192 with session id and padding: the Flash world's limit
    static final int MAX_HEADER = 5; // 2.2.4: flags and both timestamps
    static final int CHUNK_HEADER = 3; // 2.3: type and length
    static final int MAX_USER_DATA_HEADER = CHUNK_HEADER + 1 + 3 * Vlu.MAX_BYTES;
    static final int MAX_FRAGMENT = MAX_SESSION_PACKET - MAX_HEADER - MAX_USER_DATA_HEADER;
    static final int MAX_METADATA = 512;
    static final int MAX_MESSAGE = 4 << 20; // one reassembled message of a flow
    static final int RECEIVE_BUFFER = 1 << 21; // one flow's advertised window
    static final int SESSION_RECEIVE_BUFFER = 8 << 20; // all flows of a session together
    static final int SESSION_SEND_BUFFER = 4 << 20; // one flow's queue; over it the flow is closed
    static final int FRAGMENT_COST = 200; // what a waiting fragment costs beside its bytes
    static final int INITIAL_SEND_WINDOW = 65536; // 3.6.2: until the first acknowledgement says more
    static final int BUFFER_BLOCK = 1024; // 2.3.13: unit of the advertised buffer

    // -- counts
    static final int MAX_FRAGMENTED_STARTUP = 64; // startup packets that wait for more fragments, of all strangers
    static final int MAX_FRAGMENTED_SESSION = 2; // the same in a session
    static final int MAX_FLOWS = 256; // of each direction in a session
    static final int MAX_SEQUENCE_GAP = 65536; // how far a fragment may run ahead
    static final int MAX_RANGES = 1024; // islands of received fragments in a flow
    static final int MAX_ACK_RANGES = 64; // of them in one acknowledgement
    static final int MAX_CONTROL_QUEUE = 64; // chunks waiting that are neither data nor acknowledgement
    static final int MAX_SESSIONS = 20_000;
    static final int MAX_HALF_OPEN = 2_000; // cookies in use whose session is not confirmed; the oldest gives way
    static final int MAX_HALF_OPEN_PER_HOST = 200; // many may share an address
    static final int MAX_AGREEMENTS = 16; // Diffie-Hellman computations under way
    static final int MAX_OPENINGS = 256; // handshakes we initiate
    static final int MAX_EARLY_PACKETS = 18; // 3.5.1.2: session packets ahead of RIKeying
    static final int MAX_REDIRECTS = 24; // addresses an opening follows
    static final int HELLOS_PER_ADDRESS = 20; // answers to strangers a second
    static final int HELLOS_IN_ALL = 10_000;
    static final int AMPLIFICATION = 4; // bytes out per byte in before a cookie came back

    // -- handshake                                                // ms
    static final int COOKIE_LIFETIME = 95_000; // 3.5.1.1.2
    static final int HALF_OPEN_LIFETIME = 30_000; // from IIKeying to the first packet of the session
    static final int HELLO_INITIAL = 1_000; // 3.5.1.1.1: first repetition of IHello and IIKeying,
    static final int HELLO_BACKOFF = 1_500; // then this much later each time
    static final int OPENING_LIMIT = 95_000; // 3.5.1.2: when an opening is given up

    // -- round trip and congestion
    static final int INITIAL_ERTO = 3_000; // 3.5.2.2
    static final int MINIMUM_ERTO = 250;
    static final int MAXIMUM_ERTO = 10_000;
    static final double ERTO_BACKOFF = 1.414214;
    static final int DELAYED_ACK = 200; // 3.6.3.4.2
    static final int ACK_EVERY_PACKETS = 2;
    static final int MAX_ECHO_AGE = 128_000; // 3.5.2.2
    static final int SENDER_MSS = MAX_FRAGMENT; // Appendix A
    static final int CWND_INIT = 3 * SENDER_MSS;
    static final int CWND_TIMEDOUT = 2 * SENDER_MSS;
    static final int MAX_CWND = 16 << 20;
    static final int MAX_BURST = 6 * SENDER_MSS; // 3.5.2.3
    static final double BURST_RTT = 4.5; // below it the burst needs no limit
    static final int NAKS_FOR_LOSS = 3; // 3.6.2.5
    static final int TIME_CRITICAL = 800; // 3.5.2.1
    static final int WINDOW_PROBE = 1_000; // 3.6.2.9, without its chunk
    static final int MAX_WINDOW_PROBE = 10_000;
    static final int FORWARD_REPEAT = 100; // how soon an unacknowledged forward sequence number is told again

    // -- life of a session
    static final int KEEPALIVE_SERVER = 15_000; // silence after which we ping
    static final int KEEPALIVE_PEER = 10_000;
    static final int IDLE_PUBLISHER = 10_000; // silence of a publisher that is death
    static final int DEAD_AFTER_KEEPALIVES = 3; // silence of so many periods is death
    static final int RETRANSMIT_LIMIT = 60_000; // nothing acknowledged for so long is death
    static final int PING_REPEAT = 1_000;
    static final int CLOSE_REPEAT = 5_000; // 3.5.5
    static final int NEAR_CLOSE = 90_000;
    static final int FAR_CLOSE_LINGER = 19_000;
    static final int FLOW_LINGER = 120_000; // 3.6.3.5
    static final int MOBILITY_REPEAT = 1_000; // 3.5.4.2
    static final int MOBILITY_LIFETIME = 20_000;

    private Params() {}
}
