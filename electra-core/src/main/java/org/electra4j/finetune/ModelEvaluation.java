package org.electra4j.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.backend.MeasuringBackend;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.inference.AnswerDecoder;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.model.LoadReport;
import org.electra4j.model.TaskCheckpoint;
import org.electra4j.model.TaskDescription;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.model.TaskNetwork;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Arena;
import org.electra4j.text.ModelInput;
import org.electra4j.text.WordPieceTokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Scores and predictions of fine-tuned models on a split of a task. */
public final class ModelEvaluation {
  private static final Logger LOG = LoggerFactory.getLogger(ModelEvaluation.class);

  /** Logit of a label that the model does not know. */
  private static final float NEVER = -1e30f;

  private ModelEvaluation() {}

  /**
   * Evaluates a model, or several as one whose logits are the mean; answers to questions are chosen
   * as in the reference.
   *
   * @throws IOException as with a decoder
   * @throws IllegalArgumentException as with a decoder
   */
  public static <E extends Example> Evaluation evaluate(
      List<Path> models, Task<E> task, TaskData<E> data, String split, InferenceOptions options)
      throws IOException {
    return evaluate(models, task, data, split, options, AnswerDecoder.defaults());
  }

  /**
   * Evaluates a model, or several as one whose logits are the mean.
   *
   * @param models directories of ours or of transformers, or output folders of fine-tuning runs
   * @param decoder how answers to questions are chosen; its null threshold, where it has one, is
   *     applied even if no question of the split is known to have no answer
   * @throws IOException when a file cannot be read, is not valid, or is not of a model for this
   *     kind of task
   * @throws IllegalArgumentException when the split has no examples, or the models have other
   *     labels
   */
  public static <E extends Example> Evaluation evaluate(
      List<Path> models,
      Task<E> task,
      TaskData<E> data,
      String split,
      InferenceOptions options,
      AnswerDecoder decoder)
      throws IOException {
    List<E> examples = data.split(split);
    if (examples.isEmpty()) {
      throw new IllegalArgumentException(
          "Task "
              + task.name()
              + " has no examples in split "
              + split
              + "; there are "
              + String.join(", ", data.splits().keySet())
              + ".");
    }
    List<List<float[]>> logits = new ArrayList<>();
    OneModel<E> last = null;
    for (Path model : models) {
      OneModel<E> one =
          new OneModel<>(RunSetup.modelDirectory(model), task, data.labels(), decoder);
      if (last != null && one.description.spanStyle() != last.description.spanStyle()) {
        throw new IllegalArgumentException(
            "The models have different heads for spans, so they cannot be taken together.");
      }
      if (last != null && !one.labels.equals(last.labels)) {
        throw new IllegalArgumentException(
            "The models have different labels, so they cannot be taken together: "
                + last.labels
                + " and "
                + one.labels
                + ".");
      }
      logits.add(one.logits(examples, options));
      last = one;
    }
    List<float[]> mean = models.size() == 1 ? logits.get(0) : last.adapter.ensemble(logits);
    return last.evaluate(split, examples, mean).inOrderOf(task.metrics());
  }

  /** A model with the task's adapter. */
  private static final class OneModel<E extends Example> {
    private final Path directory;
    private final TaskDescription description;
    private final TaskAdapter<E, ?> adapter;

    /** Labels of the data first, so that their indices hold, then those that only the model has. */
    private final List<String> labels;

    OneModel(Path directory, Task<E> task, List<String> ofData, AnswerDecoder decoder)
        throws IOException {
      this.directory = directory;
      this.description =
          TaskDescription.of(
              HuggingFaceConfig.read(directory), directory, Kind.valueOf(task.kind().name()));
      Set<String> all = new LinkedHashSet<>(ofData);
      if (!ofData.isEmpty()) {
        all.addAll(description.labels());
        requireCommon(ofData);
      }
      this.labels = List.copyOf(all);
      WordPieceTokenizer tokenizer =
          new WordPieceTokenizer(
              TokenizerFiles.readVocabulary(directory), TokenizerFiles.readOptions(directory));
      this.adapter =
          AdapterFactory.adapter(
              tokenizer, description, labels, List.of(), QuestionOptions.of(decoder));
    }

    private void requireCommon(List<String> ofData) throws FileFormatException {
      if (ofData.stream().noneMatch(description.labels()::contains)) {
        throw new FileFormatException(
            directory.resolve(HuggingFaceConfig.FILE),
            "id2label is "
                + description.labels()
                + ", but the task has the labels "
                + ofData
                + ".");
      }
    }

    List<float[]> logits(List<E> examples, InferenceOptions options) throws IOException {
      List<? extends ModelInput> inputs =
          adapter.items(examples).stream().map(Item::input).toList();
      try (Backend backend =
              Backends.create(options.device(), options.precision(), options.threads());
          ParameterStore store = new ParameterStore(backend)) {
        TaskNetwork network = TaskNetwork.create(store, description);
        store.allocate(false);
        LoadReport report = TaskCheckpoint.load(network, store, directory);
        if (!report.missing().isEmpty()) {
          throw new FileFormatException(
              report.file(),
              "lacks tensors of the network: " + String.join(", ", report.missing()) + ".");
        }
        Arena.Plan plan =
            LogitsRunner.plan(
                MeasuringBackend.of(backend),
                network,
                description.config().maxPositionEmbeddings());
        try (Arena arena = Arena.allocate(backend, plan.bytes())) {
          return new LogitsRunner(backend)
              .logits(network, arena, plan, inputs).stream().map(this::inOrder).toList();
        }
      }
    }

    /** Returns rows of logits in the order of {@link #labels}. */
    private float[] inOrder(float[] rows) {
      List<String> own = description.labels();
      if (labels.isEmpty() || labels.equals(own)) {
        return rows;
      }
      int count = rows.length / own.size();
      float[] ordered = new float[count * labels.size()];
      Arrays.fill(ordered, NEVER);
      for (int i = 0; i < labels.size(); i++) {
        int at = own.indexOf(labels.get(i));
        for (int row = 0; at >= 0 && row < count; row++) {
          ordered[row * labels.size() + i] = rows[row * own.size() + at];
        }
      }
      return ordered;
    }

    Evaluation evaluate(String split, List<E> examples, List<float[]> logits) {
      return evaluate(adapter, split, examples, logits);
    }

    private static <E extends Example, I extends ModelInput> Evaluation evaluate(
        TaskAdapter<E, I> adapter, String split, List<E> examples, List<float[]> logits) {
      List<Item<E, I>> items = adapter.items(examples);
      adapter.remarks(items).forEach(remark -> LOG.warn("{}: {}", split, remark));
      return adapter.evaluate(split, examples, items, logits);
    }
  }
}
