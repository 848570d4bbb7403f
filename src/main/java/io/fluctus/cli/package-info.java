/** The command line: run, and the client tools publish, play, probe. */
package io.fluctus.cli;
