package io.fluctus.client;

import io.fluctus.bus.Floodgate;
import org.slf4j.Logger;

/** The lines of the log about the clients of one verticle instance; those who knock again and again fill no disk. */
public final class Journal {
    private final Logger log;
    private final Floodgate floodgate = new Floodgate();

    public Journal(Logger log) {
        this.log = log;
    }

    /** What a client does. */
    public void say(String address, String what, long now) {
        String line = address + " " + what;
        if (floodgate.admits(line, now)) {
            log.info(line);
        }
    }

    /** What a client did wrong; {@code host} is its address without the port. */
    public void complain(String host, String address, String what, long now) {
        String line = address + " " + what;
        if (floodgate.admitsFrom(host, line, now)) {
            log.info(line);
        }
    }

    /** To be called about once a second: says how many lines were left out. */
    public void tick(long now) {
        floodgate.leftOut(now).ifPresent(log::info);
    }
}
