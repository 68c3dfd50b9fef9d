/** The encoders and tokenizers that are compared, ours among them, behind one interface each. */
package org.electra4j.bench.engines;
