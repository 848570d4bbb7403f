/** One client of any protocol that speaks NetConnection's dialogue: what it asks, told to the bus, its application and the audiences. */
package io.fluctus.client;
