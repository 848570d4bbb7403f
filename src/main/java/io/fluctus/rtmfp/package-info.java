/** RFC 7016 over UDP with the RFC 7425 profile. */
package io.fluctus.rtmfp;
