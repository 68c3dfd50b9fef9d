/**
 * The native kernels: backends over C++, found by {@link java.util.ServiceLoader}. Nothing here
 * needs to be named by an application.
 */
package org.electra4j.kernels;
