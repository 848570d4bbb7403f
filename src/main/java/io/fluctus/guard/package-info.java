/** What stands at every door before a protocol is spoken, and what it costs to be let in: addresses, shares of the line, certificates. */
package io.fluctus.guard;
