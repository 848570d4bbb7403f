/** The configuration file as a tree of records. */
package io.fluctus.config;
