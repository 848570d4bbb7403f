/** Server applications: scripts in Lua and JavaScript, and what they may do. */
package io.fluctus.script;
