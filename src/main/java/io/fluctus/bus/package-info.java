/** The one typed door to the event bus. */
package io.fluctus.bus;
