package io.fluctus.audience;

/** Takes the shared bytes as a channel does, and gives them back at once. */
final class Sink implements Viewer {
    private static final Encoding PLAIN = (packet, out) -> out.appendBuffer(packet.payload());

    private final Runnable taken;

    /** {@code taken} runs after each run of packets. */
    Sink(Runnable taken) {
        this.taken = taken;
    }

    @Override
    public String protocol() {
        return "sink";
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void joined(boolean live) {}

    @Override
    public void deliver(Run run) {
        run.encoded(PLAIN).release();
        taken.run();
    }

    @Override
    public void published() {}

    @Override
    public void unpublished() {}

    @Override
    public void cut(String reason) {
        throw new AssertionError(reason);
    }
}
