package org.electra4j.finetune;

import java.util.List;
import org.electra4j.finetune.data.TextExample;
import org.electra4j.text.TextPair;
import org.electra4j.text.WordPieceTokenizer;

/** Tasks of a text or a pair: one sequence an example. */
abstract class TextAdapter<E extends TextExample> extends TaskAdapter<E, TextPair> {
  private final WordPieceTokenizer tokenizer;
  private final int maxLength;

  TextAdapter(WordPieceTokenizer tokenizer, int maxLength) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
  }

  @Override
  List<TextPair> encode(E example) {
    return List.of(TextPair.of(tokenizer, example.text(), example.pair(), maxLength));
  }
}
