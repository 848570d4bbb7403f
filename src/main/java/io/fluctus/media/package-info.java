/** The currency: stream names, media packets, what their first bytes say, one continuous time line and the prelude of a late joiner. */
package io.fluctus.media;
