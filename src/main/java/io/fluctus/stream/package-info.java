/** Who publishes what, where, and how it fans out to other rooms. */
package io.fluctus.stream;
