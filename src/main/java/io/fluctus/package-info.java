/** Reads the configuration and deploys the verticles. */
package io.fluctus;
