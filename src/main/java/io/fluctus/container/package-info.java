/** FLV and fragmented MP4 as bytes. */
package io.fluctus.container;
