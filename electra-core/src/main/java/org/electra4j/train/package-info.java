/**
 * Pre-training: the loop, its listeners, held-out evaluation, checkpoints. Imports everything below
 * it. Read {@link org.electra4j.train.Pretrainer} first.
 */
package org.electra4j.train;
