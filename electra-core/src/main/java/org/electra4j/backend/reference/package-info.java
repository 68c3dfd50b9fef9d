/**
 * The definition of every kernel: plain loops with double accumulation, one class per kernel
 * family.
 *
 * <p>Never chosen automatically; tests of everything else compare against it. May import {@link
 * org.electra4j.backend} and the JDK. Read {@link org.electra4j.backend.reference.ReferenceBackend}
 * first, then any family: each reads its operands into double arrays, loops, and stores.
 */
package org.electra4j.backend.reference;
