package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.autograd.Context;
import org.electra4j.model.PackedBatch;
import org.electra4j.model.TaskCheckpoint;
import org.electra4j.model.TaskDescription;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.model.TaskNetwork;
import org.electra4j.text.ModelInput;
import org.electra4j.text.WordPieceTokenizer;

/** A fine-tuned model that many threads use at once: inputs to logits. */
final class TaskEngine implements AutoCloseable {
  private final InferenceEngine<TaskNetwork> engine;
  private final TaskDescription description;

  private TaskEngine(InferenceEngine<TaskNetwork> engine, TaskDescription description) {
    this.engine = engine;
    this.description = description;
  }

  /** Loads a directory whose head is of one of these kinds. */
  static TaskEngine load(Path directory, InferenceOptions options, Kind... kinds)
      throws IOException {
    ModelFiles files = ModelFiles.read(directory);
    TaskDescription description = TaskDescription.of(files.description(), directory, kinds);
    InferenceEngine<TaskNetwork> engine =
        InferenceEngine.load(
            files,
            options,
            (store, config) -> TaskNetwork.create(store, description),
            TaskCheckpoint::load,
            TaskEngine::logits,
            (network, c) -> {});
    return new TaskEngine(engine, description);
  }

  private static List<float[]> logits(
      TaskNetwork network, Context c, PackedBatch batch, List<int[]> sequences) {
    return network.results(
        c, batch, sequences.stream().mapToInt(sequence -> sequence.length).toArray());
  }

  /** Returns the logits of each input, row after row, or its spans, in the order given. */
  List<float[]> logits(List<? extends ModelInput> inputs) {
    return engine.runInputs(inputs, TaskEngine::logits);
  }

  TaskDescription description() {
    return description;
  }

  WordPieceTokenizer tokenizer() {
    return engine.tokenizer();
  }

  @Override
  public void close() {
    engine.close();
  }
}
