/** Who may connect, publish and play. */
package io.fluctus.access;
