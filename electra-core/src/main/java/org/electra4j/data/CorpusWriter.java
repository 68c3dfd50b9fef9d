package org.electra4j.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Writes the number files of a prepared corpus, chunk after chunk. */
final class CorpusWriter implements AutoCloseable {
  private final NumberWriter tokens;
  private final NumberWriter sentences;
  private final NumberWriter documents;
  private boolean documentOpen;

  CorpusWriter(Path folder, int vocabularySize) throws IOException {
    int width = TokenizedCorpus.tokenBytes(vocabularySize);
    tokens = new NumberWriter(folder.resolve(TokenizedCorpus.TOKENS), width);
    sentences = new NumberWriter(folder.resolve(TokenizedCorpus.SENTENCES), 8);
    documents = new NumberWriter(folder.resolve(TokenizedCorpus.DOCUMENTS), 8);
    sentences.write(0);
    documents.write(0);
  }

  void write(ChunkEncoder.Encoded chunk) throws IOException {
    long base = tokens.count();
    tokens.write(chunk.ids(), chunk.tokens());
    for (int end : chunk.ends()) {
      if (end == ChunkEncoder.DOCUMENT_END) {
        endDocument();
      } else {
        sentences.write(base + end);
        documentOpen = true;
      }
    }
  }

  private void endDocument() throws IOException {
    if (documentOpen) {
      documents.write(sentences.count() - 1);
      documentOpen = false;
    }
  }

  long tokenCount() {
    return tokens.count();
  }

  /** Makes everything durable and adds the counts to the metadata. */
  void finish(Map<String, String> properties) throws IOException {
    endDocument();
    tokens.finish();
    sentences.finish();
    documents.finish();
    properties.put("tokens", Long.toString(tokens.count()));
    properties.put("sentences", Long.toString(sentences.count() - 1));
    properties.put("documents", Long.toString(documents.count() - 1));
    properties.put(
        "checksum",
        String.format(
            "%08x%08x%08x", tokens.checksum(), sentences.checksum(), documents.checksum()));
  }

  @Override
  public void close() throws IOException {
    try (tokens;
        sentences;
        documents) {
      documentOpen = false;
    }
  }
}
