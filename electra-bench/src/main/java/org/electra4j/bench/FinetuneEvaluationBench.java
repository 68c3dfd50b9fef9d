package org.electra4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.finetune.data.ClassExample;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.LabelScore;
import org.electra4j.inference.TextClassifier;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.model.TaskCheckpoint;
import org.electra4j.model.TaskDescription;
import org.electra4j.model.TaskNetwork;
import org.electra4j.nn.ParameterStore;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The classes of all held-out texts of a task, from text to label, by a random classifier. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class FinetuneEvaluationBench extends FinetuneBench {

  private FinetuneData examples;
  private List<String> texts;
  private List<String> pairs;
  private Path folder;
  private TextClassifier classifier;

  /** Reads the task, and writes and loads a model. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    examples = read(1);
    texts = examples.dev().stream().map(ClassExample::text).toList();
    pairs = examples.dev().stream().map(ClassExample::pair).toList();
    folder = Files.createTempDirectory("electra-finetune-bench");
    write(classifier(examples), folder);
    classifier =
        TextClassifier.load(
            folder,
            InferenceOptions.defaults()
                .withDevice(Device.CPU)
                .withPrecision(precision())
                .withThreads(threads));
  }

  private static void write(TaskDescription description, Path folder) throws IOException {
    try (Backend backend = Backends.create(Device.CPU, Precision.FP32);
        ParameterStore store = new ParameterStore(backend)) {
      TaskNetwork network = TaskNetwork.create(store, description);
      store.allocate(false);
      store.initialize(1);
      TaskCheckpoint.save(network, description, store, folder);
    }
    TokenizerFiles.write(
        folder,
        Vocabulary.load(Workspace.vocabulary()),
        TokenizerOptions.uncased(),
        description.config().maxPositionEmbeddings());
  }

  /** Classifies all held-out texts. */
  @Benchmark
  public List<List<LabelScore>> evaluate(Rates rates) {
    rates.examples += texts.size();
    rates.tokens += examples.devTokens();
    return classifier.classify(texts, pairs);
  }

  /** Frees and deletes the model. */
  @TearDown(Level.Trial)
  public void tearDown() throws IOException {
    Notes.addPeakMemory();
    classifier.close();
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(folder)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
