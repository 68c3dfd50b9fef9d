/**
 * Forward and backward side by side: one {@code *Ops} class per kernel family, a {@link
 * org.electra4j.autograd.Tape} that replays backward steps in reverse, and the {@link
 * org.electra4j.autograd.Context} they all take. Imports {@code tensor} and {@code backend}. Read
 * {@link org.electra4j.autograd.Context}, then {@link org.electra4j.autograd.GemmOps}.
 *
 * <p>Two rules keep it small. <b>Ownership:</b> an op owns its output and what it saves, and its
 * backward step releases them, since by then every consumer is done. <b>Accumulation:</b> parameter
 * gradients add in their arena; of an activation's gradients the first consumer in backward order
 * overwrites and the others must be able to add.
 */
package org.electra4j.autograd;
