/** HTTP: live playback, API, feed. */
package io.fluctus.web;
