package org.electra4j.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.EmbeddingOptions;
import org.electra4j.inference.InferenceOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sentence vectors end to end: text in, the unit vectors of LangChain4j's in-process model out. */
@Tag("parity")
class LangChainVectorsTest {
  /** The truncation of the artifact's tokenizer.json, which LangChain4j leaves on. */
  private static final int MAX_LENGTH = 128;

  private static final String[] WORDS = {
    "chef", "cooked", "a", "the", "meal", "photosynthesis", "unbelievably", "zyzzyva", "42", "3.14",
    "don't", "naïve", "Überraschung", "漢字", "e-mail", "(yes)", "Москва", "x", "?", "well-known"
  };

  private static final List<String> TEXTS =
      Stream.concat(
              Stream.of(
                  "The chef cooked the meal, n'est-ce pas?",
                  "A cook had lunch.",
                  "Stock markets fell sharply after the announcement.",
                  "x",
                  "Emoji \uD83D\uDE00 and [MASK] in a text; tabs\tand\nlines too."),
              Stream.of(5, 30, 60, 100, 130, 300, 900).map(LangChainVectorsTest::text))
          .toList();

  @TempDir static Path directory;
  private static float[][] expected;

  private static String text(int words) {
    Random random = new Random(words);
    return IntStream.range(0, words)
        .mapToObj(i -> WORDS[random.nextInt(WORDS.length)])
        .collect(Collectors.joining(" "));
  }

  @BeforeAll
  static void embedWithLangChain() throws IOException {
    MiniLm.writeDirectory(directory);
    EmbeddingModel model = new AllMiniLmL6V2EmbeddingModel();
    expected =
        model.embedAll(TEXTS.stream().map(TextSegment::from).toList()).content().stream()
            .map(embedding -> embedding.vector())
            .toArray(float[][]::new);
  }

  private static float[][] embed(Precision precision) throws IOException {
    InferenceOptions options =
        InferenceOptions.defaults().withDevice(Device.parse("cpu")).withPrecision(precision);
    try (ElectraEncoder encoder = ElectraEncoder.load(directory, options)) {
      return encoder.embed(TEXTS, EmbeddingOptions.sentences().withMaxLength(MAX_LENGTH));
    }
  }

  @Test
  void fp32VectorsAreTheSame() throws IOException {
    float[][] actual = embed(Precision.FP32);
    for (int i = 0; i < actual.length; i++) {
      double difference = 0;
      for (int j = 0; j < actual[i].length; j++) {
        difference = Math.max(difference, Math.abs(actual[i][j] - expected[i][j]));
      }
      assertThat(difference).as(TEXTS.get(i)).isLessThan(1e-4);
    }
  }

  @Test
  void bf16VectorsHaveTheSameDirection() throws IOException {
    float[][] actual = embed(Precision.BF16);
    for (int i = 0; i < actual.length; i++) {
      double cosine = 0;
      for (int j = 0; j < actual[i].length; j++) {
        cosine += (double) actual[i][j] * expected[i][j];
      }
      assertThat(cosine).as(TEXTS.get(i)).isGreaterThanOrEqualTo(0.9995);
    }
  }
}
