/** RTMP Chunk Stream over TCP. */
package io.fluctus.rtmp;
