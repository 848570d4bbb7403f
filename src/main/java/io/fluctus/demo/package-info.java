/** The test clip that a fresh gateway shows. */
package io.fluctus.demo;
