/** Server applications: scripts in Lua, and what they may do. */
package io.fluctus.script;
