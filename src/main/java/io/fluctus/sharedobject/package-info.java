/** What the clients of an application hold in common: shared objects. */
package io.fluctus.sharedobject;
