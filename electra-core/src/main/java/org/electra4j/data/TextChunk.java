package org.electra4j.data;

/**
 * Whole lines of one input, still in bytes or already as strings: the unit of parallel work.
 *
 * @param source what error messages name: the file
 * @param firstLine number of the first line, from 1
 * @param bytes UTF-8 text in its first {@code length} places, or null
 * @param length used bytes
 * @param lines the lines where they come from memory, or null
 * @param endsInput whether the input ends here, and with it its document
 * @param readBytes how much stored input this chunk took
 */
record TextChunk(
    String source,
    long firstLine,
    byte[] bytes,
    int length,
    String[] lines,
    boolean endsInput,
    long readBytes) {}
