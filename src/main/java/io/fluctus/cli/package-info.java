/** The command line: run, and the client tools publish, play, call, probe. */
package io.fluctus.cli;
