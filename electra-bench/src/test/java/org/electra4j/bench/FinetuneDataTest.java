package org.electra4j.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinetuneDataTest {
  @Test
  void batchesHoldRealLengthsAndTheSameOrderEveryTime() throws Exception {
    FinetuneData data = FinetuneTask.read(8);
    assertThat(data.batches()).hasSize(data.trainExamples() / 8);
    FinetuneData.Batch first = data.batches().get(0);
    assertThat(first.ids()).hasSize(first.cuSeqlens()[8]);
    for (int i = 0; i < 8; i++) {
      int begin = first.cuSeqlens()[i];
      assertThat(first.positions()[begin]).isZero();
      assertThat(first.ids()[begin]).isEqualTo(101);
      assertThat(first.ids()[first.cuSeqlens()[i + 1] - 1]).isEqualTo(102);
    }
    assertThat(FinetuneTask.read(8).batches().get(0).ids()).containsExactly(first.ids());
    assertThat(data.largestBatch().ids().length)
        .isGreaterThanOrEqualTo(
            data.batches().stream().mapToInt(batch -> batch.ids().length).max().orElseThrow());
  }

  @Test
  void thePeerGetsTheSameSequencesInTheSameOrder(@TempDir Path folder) throws Exception {
    FinetuneData data = FinetuneTask.read(8);
    Path file = folder.resolve("sequences.jsonl");
    data.write(file);
    List<Integer> ids = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    int dev = 0;
    for (String line : Files.readAllLines(file)) {
      JsonNode object = new ObjectMapper().readTree(line);
      if (object.get("split").asText().equals("dev")) {
        dev++;
        continue;
      }
      object.get("ids").forEach(id -> ids.add(id.asInt()));
      labels.add(object.get("label").asInt());
    }
    List<Integer> expected = new ArrayList<>();
    List<Integer> expectedLabels = new ArrayList<>();
    for (FinetuneData.Batch batch : data.batches()) {
      for (int id : batch.ids()) {
        expected.add(id);
      }
      for (int label : batch.labels()) {
        expectedLabels.add(label);
      }
    }
    assertThat(ids).isEqualTo(expected);
    assertThat(labels).isEqualTo(expectedLabels);
    assertThat(dev).isEqualTo(data.dev().size());
  }

  @Test
  void whatIsNoTaskOfClassesIsRefused() {
    assertThatThrownBy(() -> FinetuneData.read(FinetuneTask.folder(), "squad", 4, 128))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none of texts with classes");
    assertThatThrownBy(() -> FinetuneTask.read(1000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a batch takes 1000");
  }
}
