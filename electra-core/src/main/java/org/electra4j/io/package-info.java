/**
 * Files: safetensors, Hugging Face directories, directories replaced atomically, locks, TensorBoard
 * events and SVG curves. Imports the JDK, Jackson, SLF4J, {@code text} and the value types of the
 * root package. Read {@link org.electra4j.io.Safetensors} first.
 */
package org.electra4j.io;
