/** RTMP messages and the NetConnection / NetStream dialogue over any transport. */
package io.fluctus.netconnection;
