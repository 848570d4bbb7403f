/** Bytes to values. */
package io.fluctus.wire;
