/** Streams to files. */
package io.fluctus.record;
