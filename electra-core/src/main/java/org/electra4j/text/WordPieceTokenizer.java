package org.electra4j.text;

/** Placeholder of the skeleton. */
public final class WordPieceTokenizer {}
