package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplacedTokenDetectorTest {
  @TempDir static Path folder;
  private static ReplacedTokenDetector detector;

  @BeforeAll
  static void load() throws IOException {
    detector = ReplacedTokenDetector.load(RandomModel.electra(folder), RandomModel.REFERENCE);
  }

  @AfterAll
  static void close() {
    detector.close();
  }

  @Test
  void scoresTokensWithTheirPlaces() {
    String text = "The chéf 漢 ATE!";
    List<TokenScore> scores = detector.detect(text);
    assertThat(scores)
        .extracting(TokenScore::token)
        .containsExactly("the", "chef", "[UNK]", "ate", "!");
    assertThat(scores)
        .extracting(score -> text.substring(score.start(), score.end()))
        .containsExactly("The", "chéf", "漢", "ATE", "!");
    for (TokenScore score : scores) {
      assertThat(score.id()).isEqualTo(RandomModel.vocabulary().id(score.token()));
      assertThat((double) score.replaced())
          .isCloseTo(1 / (1 + Math.exp(-score.logit())), within(1e-6));
    }
    assertThat(scores.stream().map(TokenScore::logit).distinct()).hasSize(5);
  }

  @Test
  void idsGiveWhatTheirTextGives() {
    List<TokenScore> ofText = detector.detect("the chef ate");
    int[] ids = new int[5];
    ids[0] = RandomModel.vocabulary().clsId();
    for (int i = 0; i < 3; i++) {
      ids[i + 1] = ofText.get(i).id();
    }
    ids[4] = RandomModel.vocabulary().sepId();
    List<TokenScore> ofIds = detector.detectIds(ids);
    assertThat(ofIds)
        .extracting(TokenScore::token)
        .containsExactly("[CLS]", "the", "chef", "ate", "[SEP]");
    assertThat(ofIds.subList(1, 4))
        .extracting(TokenScore::logit)
        .isEqualTo(ofText.stream().map(TokenScore::logit).toList());
    assertThat(ofIds).allMatch(score -> score.start() == -1 && score.end() == -1);
  }

  @Test
  void emptyListsEmptyTextsAndLongTexts() {
    assertThat(detector.detect(List.of())).isEmpty();
    assertThat(detector.detect("  ")).isEmpty();
    assertThat(detector.detect("chef ".repeat(100))).hasSize(35);
  }

  @Test
  void listsGiveWhatSingleTextsGiveInTheirOrder() {
    List<String> texts = RandomModel.texts(30);
    List<List<TokenScore>> single = texts.stream().map(detector::detect).toList();
    assertThat(detector.detect(texts)).isEqualTo(single);
  }

  @Test
  void eightThreadsGetWhatOneGets() throws Exception {
    List<String> texts = RandomModel.texts(24);
    List<List<TokenScore>> expected = detector.detect(texts);
    List<Callable<List<List<TokenScore>>>> calls = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      calls.add(() -> detector.detect(texts));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      for (Future<List<List<TokenScore>>> result : threads.invokeAll(calls)) {
        assertThat(result.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
