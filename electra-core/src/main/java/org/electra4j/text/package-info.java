/**
 * WordPiece: vocabulary, encoder and trainer. Imports the JDK and SLF4J only. Read {@link
 * org.electra4j.text.WordPieceTokenizer} first.
 */
package org.electra4j.text;
