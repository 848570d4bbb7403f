package io.fluctus.guard;

import java.util.function.IntConsumer;

/**
 * One instance of a verticle that listens.
 *
 * @param number counts from 0
 * @param secure whether it speaks TLS
 * @param listening is told the port as soon as it is open
 */
public record Opening(int number, boolean secure, IntConsumer listening) {}
