package io.fluctus.bus;

import io.fluctus.media.MediaPacket;

/**
 * A packet on its way from one node's relay to another's.
 *
 * @param link which subscription it belongs to: the number that the subscriber gave it
 * @param number its place on the link, from 1 without a gap
 * @param total bytes that this sender has sent to this receiver, this packet included: what is acknowledged
 */
public record Carried(long link, long number, long total, MediaPacket packet) {}
