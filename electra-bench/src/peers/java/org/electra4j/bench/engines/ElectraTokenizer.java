package org.electra4j.bench.engines;

import java.io.IOException;
import java.util.List;
import org.electra4j.bench.Workspace;
import org.electra4j.text.TokenBuffer;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;

/** Ours: with the places of the tokens in the text, or ids alone into a buffer. */
final class ElectraTokenizer implements TokenizerEngine {
  private final WordPieceTokenizer tokenizer;
  private final TokenBuffer buffer;

  ElectraTokenizer(boolean idsOnly) throws IOException {
    tokenizer =
        new WordPieceTokenizer(Vocabulary.load(Workspace.vocabulary()), TokenizerOptions.uncased());
    buffer = idsOnly ? new TokenBuffer() : null;
  }

  @Override
  public long encode(List<String> lines) {
    long tokens = 0;
    for (String line : lines) {
      if (buffer == null) {
        tokens += tokenizer.encode(line).size();
      } else {
        buffer.clear();
        tokens += tokenizer.encode(line, buffer);
      }
    }
    return tokens;
  }

  @Override
  public int[] ids(String line) {
    return tokenizer.encode(line).ids();
  }

  @Override
  public void close() {}
}
