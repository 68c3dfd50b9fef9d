package org.electra4j.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The examples of one side of a corpus by number: which runs of tokens each is made of,
 * memory-mapped from a folder beside the tokens. Immutable and thread-safe.
 *
 * <p>{@code examples.bin} holds where each example starts in {@code pieces.bin}; a piece is a run
 * of tokens of one segment.
 */
public final class ExampleIndex implements AutoCloseable {
  static final String FOLDER_PREFIX = "examples-";

  private static final Logger log = LoggerFactory.getLogger(ExampleIndex.class);
  private static final String PROPERTIES = "examples.properties";
  private static final int FORMAT = 1;

  private final TokenizedCorpus corpus;
  private final MappedNumbers starts;
  private final MappedNumbers pieces;

  private ExampleIndex(TokenizedCorpus corpus, Path folder, PropertiesFile properties)
      throws IOException {
    this.corpus = corpus;
    this.starts =
        MappedNumbers.open(folder.resolve("examples.bin"), 8, properties.number("examples") + 1);
    this.pieces = MappedNumbers.open(folder.resolve("pieces.bin"), 8, properties.number("pieces"));
  }

  /**
   * Opens the index of the training or the held-out examples, building it on first use. Held-out
   * examples do not depend on the seed, so that runs are comparable.
   *
   * @throws IOException if the index cannot be read or written, with the path in the message
   * @throws InterruptedException if the thread is interrupted while it builds; nothing is left
   *     behind
   */
  public static ExampleIndex open(
      TokenizedCorpus corpus, ExampleOptions options, long seed, boolean heldOut)
      throws IOException, InterruptedException {
    long usedSeed = heldOut ? 0 : seed;
    String key =
        String.join(
            " ",
            Integer.toString(FORMAT),
            corpus.contentIdentity(),
            options.toString(),
            Long.toString(usedSeed),
            heldOut ? "held-out" : "training");
    CRC32C hash = new CRC32C();
    hash.update(key.getBytes(StandardCharsets.UTF_8));
    Path folder = corpus.folder().resolve(String.format("%s%08x", FOLDER_PREFIX, hash.getValue()));
    ExampleIndex present = reusable(corpus, folder, key);
    if (present != null) {
      return present;
    }
    build(corpus, options, usedSeed, heldOut, folder, key);
    return new ExampleIndex(corpus, folder, PropertiesFile.read(folder.resolve(PROPERTIES)));
  }

  private static ExampleIndex reusable(TokenizedCorpus corpus, Path folder, String key)
      throws IOException {
    Path file = folder.resolve(PROPERTIES);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      PropertiesFile properties = PropertiesFile.read(file);
      return properties.text("key").equals(key)
          ? new ExampleIndex(corpus, folder, properties)
          : null;
    } catch (IllegalArgumentException e) {
      log.warn("Building the examples again: {}", e.getMessage());
      return null;
    }
  }

  private static void build(
      TokenizedCorpus corpus,
      ExampleOptions options,
      long seed,
      boolean heldOut,
      Path folder,
      String key)
      throws IOException, InterruptedException {
    TreeMap<String, String> properties = new TreeMap<>();
    properties.put("key", key);
    try (AtomicFolder output = new AtomicFolder(folder)) {
      try (NumberWriter starts = new NumberWriter(output.path().resolve("examples.bin"), 8);
          NumberWriter pieces = new NumberWriter(output.path().resolve("pieces.bin"), 8)) {
        starts.write(0);
        ExampleBuilder builder =
            new ExampleBuilder(
                corpus,
                options,
                seed,
                (example, count) -> {
                  requireUninterrupted();
                  for (int i = 0; i < count; i++) {
                    pieces.write(example[i]);
                  }
                  starts.write(pieces.count());
                });
        buildSide(corpus, new HeldOutSplit(corpus, options.heldOutShare()), heldOut, builder);
        starts.finish();
        pieces.finish();
        properties.put("examples", Long.toString(starts.count() - 1));
        properties.put("pieces", Long.toString(pieces.count()));
      }
      PropertiesFile.write(output.path().resolve(PROPERTIES), properties);
      output.publish();
    }
  }

  private static void buildSide(
      TokenizedCorpus corpus, HeldOutSplit split, boolean heldOut, ExampleBuilder builder)
      throws IOException, InterruptedException {
    for (long d = 0; d < corpus.documents(); d++) {
      requireUninterrupted();
      builder.document(d, split.start(d, heldOut), split.end(d, heldOut));
    }
  }

  private static void requireUninterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("The building of the examples was interrupted");
    }
  }

  /** Returns the number of examples. */
  public long examples() {
    return starts.size() - 1;
  }

  /**
   * Returns the length of an example in tokens, [CLS] and [SEP] included.
   *
   * @throws IndexOutOfBoundsException if there is no such example
   */
  public int length(long example) {
    long end = starts.get(example + 1);
    int length = 2;
    boolean hasSecond = false;
    for (long i = starts.get(example); i < end; i++) {
      long piece = pieces.get(i);
      length += ExampleBuilder.pieceLength(piece);
      hasSecond |= ExampleBuilder.pieceSegment(piece) == 1;
    }
    return hasSecond ? length + 1 : length;
  }

  /**
   * Writes an example's {@link #length} ids and token types ({@code [CLS] A [SEP]} or {@code [CLS]
   * A [SEP] B [SEP]}; 0 up to the first [SEP], 1 after it) to the arrays from {@code offset} on and
   * returns where they end.
   *
   * @throws IndexOutOfBoundsException if there is no such example, or no room
   */
  public int write(long example, int[] inputIds, int[] tokenTypeIds, int offset) {
    long end = starts.get(example + 1);
    int to = offset;
    inputIds[to++] = corpus.clsId();
    int secondStart = -1;
    for (long i = starts.get(example); i < end; i++) {
      long piece = pieces.get(i);
      if (secondStart < 0 && ExampleBuilder.pieceSegment(piece) == 1) {
        inputIds[to++] = corpus.sepId();
        secondStart = to;
      }
      int length = ExampleBuilder.pieceLength(piece);
      corpus.copyTokens(ExampleBuilder.pieceStart(piece), inputIds, to, length);
      to += length;
    }
    inputIds[to++] = corpus.sepId();
    int typeStart = secondStart < 0 ? to : secondStart;
    Arrays.fill(tokenTypeIds, offset, typeStart, 0);
    Arrays.fill(tokenTypeIds, typeStart, to, 1);
    return to;
  }

  @Override
  public void close() {
    starts.close();
    pieces.close();
  }
}
