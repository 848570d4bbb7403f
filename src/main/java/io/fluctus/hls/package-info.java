/** Live streams as HLS: segments, parts and playlists. */
package io.fluctus.hls;
