package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.electra4j.finetune.data.TagScheme;
import org.electra4j.finetune.data.TagSpan;
import org.junit.jupiter.api.Test;

class TagDecoderTest {
  private static final List<String> BIOES =
      List.of("B-A", "B-B", "E-A", "E-B", "I-A", "I-B", "O", "S-A");

  @Test
  void findsTheMostProbableOfAllValidSequences() {
    Random random = new Random(1);
    TagDecoder decoder = new TagDecoder(BIOES);
    for (int round = 0; round < 60; round++) {
      int words = 1 + round % 5;
      float[] logits = new float[words * BIOES.size()];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) random.nextGaussian();
      }
      assertThat(texts(decoder.decode(logits))).isEqualTo(bestOfAll(logits, words));
    }
  }

  /** Tries every sequence; a valid one reads the same strictly and leniently, and is written so. */
  private static List<String> bestOfAll(float[] logits, int words) {
    List<String> best = null;
    double most = Double.NEGATIVE_INFINITY;
    int[] tags = new int[words];
    for (long code = 0; code < Math.round(Math.pow(BIOES.size(), words)); code++) {
      double total = 0;
      long rest = code;
      for (int word = 0; word < words; word++) {
        tags[word] = (int) (rest % BIOES.size());
        total += logits[word * BIOES.size() + tags[word]];
        rest /= BIOES.size();
      }
      if (total > most) {
        List<String> texts = texts(tags);
        List<TagSpan> spans = TagSpan.of(texts);
        if (TagScheme.BIOES.tags(spans, words).equals(texts)) {
          best = texts;
          most = total;
        }
      }
    }
    return best;
  }

  private static List<String> texts(int[] tags) {
    return Arrays.stream(tags).mapToObj(BIOES::get).toList();
  }

  @Test
  void readsBilouAlike() {
    List<String> labels = List.of("B-A", "I-A", "L-A", "O", "U-A");
    // each word's own best are B-A B-A I-A
    float[] logits = {9, 0, 0, 0, 0, 8, 7, 0, 0, 5, 0, 7, 6, 0, 0};
    assertThat(new TagDecoder(labels).decode(logits)).containsExactly(0, 1, 2);
  }

  @Test
  void takesTheLargestLogitOfLabelsThatMayFollowEachOther() {
    float[] logits = {0, 2, 1, 0, 3, 3, 1, 0, 0};
    assertThat(new TagDecoder(List.of("B-A", "I-A", "O")).decode(logits)).containsExactly(1, 1, 0);
    assertThat(new TagDecoder(List.of("right", "WRONG", "x")).decode(logits))
        .containsExactly(1, 1, 0);
    assertThat(new TagDecoder(List.of("", "S-A", "O")).decode(logits)).containsExactly(1, 1, 0);
  }

  @Test
  void leavesLabelsAloneThatCannotTagAWordOnItsOwn() {
    assertThat(new TagDecoder(List.of("B-A", "E-A")).decode(new float[] {1, 2, 2, 1, 0, 1}))
        .containsExactly(1, 0, 1);
  }

  @Test
  void acceptsNoWordsAndNoOtherShapes() {
    TagDecoder decoder = new TagDecoder(BIOES);
    assertThat(decoder.decode(new float[0])).isEmpty();
    assertThatThrownBy(() -> decoder.decode(new float[BIOES.size() + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9 logits");
  }
}
