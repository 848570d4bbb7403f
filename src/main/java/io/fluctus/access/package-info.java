/** Who may connect, publish, play, record and administer: the rules of this gateway, the site's word, and who is there by their leave. */
package io.fluctus.access;
