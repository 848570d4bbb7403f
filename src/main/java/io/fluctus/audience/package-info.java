/** The viewers of one stream on one event loop: late join, pace, drop. */
package io.fluctus.audience;
