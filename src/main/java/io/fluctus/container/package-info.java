/** FLV as bytes. */
package io.fluctus.container;
