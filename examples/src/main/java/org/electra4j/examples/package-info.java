/**
 * The command line {@link org.electra4j.examples.Electra}, started by {@code examples/electra}, and
 * small programs that show the API. Read {@code PretrainTiny} first.
 */
package org.electra4j.examples;
