package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.backend.MeasuringBackend;
import org.electra4j.io.FileFormatException;
import org.electra4j.model.ElectraCheckpoint;
import org.electra4j.model.LoadReport;
import org.electra4j.model.PackedBatch;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Arena;
import org.electra4j.text.ModelInput;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded network {@code N} that many threads run at once: the weights are only read, and every
 * call has an arena of its own.
 *
 * <p>Sequences are sorted by length and packed into batches, so that those of a batch need about
 * the same work; nothing is padded.
 */
final class InferenceEngine<N> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(InferenceEngine.class);

  /** Adds the parameters of a network to a store. */
  interface Factory<N> {
    N create(ParameterStore store, ElectraConfig config);
  }

  /** Sets the parameters of a network from a directory. */
  interface Loader<N> {
    LoadReport load(N network, ParameterStore store, Path directory) throws IOException;
  }

  /** Computes a batch and returns one result a sequence. */
  interface Pass<N, R> {
    List<R> run(N network, Context c, PackedBatch batch, List<int[]> sequences);
  }

  private record Plans(BatchPlans first, Arena.Plan second) {
    long bytes() {
      return Math.max(first.largest().bytes(), second.bytes());
    }
  }

  private final ModelFiles files;
  private final WordPieceTokenizer tokenizer;
  private final int maxBatchTokens;
  private final ParameterStore store;
  private final N network;
  private final Plans plans;
  private final ArenaPool arenas;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private InferenceEngine(
      ModelFiles files,
      WordPieceTokenizer tokenizer,
      int maxBatchTokens,
      ParameterStore store,
      N network,
      Plans plans) {
    this.files = files;
    this.tokenizer = tokenizer;
    this.maxBatchTokens = maxBatchTokens;
    this.store = store;
    this.network = network;
    this.plans = plans;
    this.arenas = new ArenaPool(store.backend(), plans.bytes());
  }

  /**
   * Loads the weights of a network whose passes are one step.
   *
   * @param pass plans the memory of a batch: every pass that is run takes the same tensors
   * @throws FileFormatException when a parameter of the network is missing or has another shape
   */
  static <N, R> InferenceEngine<N> load(
      ModelFiles files, InferenceOptions options, Factory<N> factory, Pass<N, R> pass)
      throws IOException {
    return load(files, options, factory, pass, (network, c) -> {});
  }

  /**
   * Loads the weights of a network whose passes are two steps.
   *
   * @param first plans the first step, on a batch
   * @param second the largest second step; a pass enters it by {@link #beginSecondStep}
   */
  static <N, R> InferenceEngine<N> load(
      ModelFiles files,
      InferenceOptions options,
      Factory<N> factory,
      Pass<N, R> first,
      BiConsumer<N, Context> second)
      throws IOException {
    return load(
        files,
        options,
        factory,
        (network, store, directory) -> ElectraCheckpoint.load(store, directory),
        first,
        second);
  }

  /** Loads the weights of a network whose files need more than names. */
  static <N, R> InferenceEngine<N> load(
      ModelFiles files,
      InferenceOptions options,
      Factory<N> factory,
      Loader<N> loader,
      Pass<N, R> first,
      BiConsumer<N, Context> second)
      throws IOException {
    ElectraConfig config = files.config();
    Backend backend = Backends.create(options.device(), options.precision(), options.threads());
    ParameterStore store = new ParameterStore(backend);
    try {
      N network = factory.create(store, config);
      store.allocate(false);
      requireComplete(loader.load(network, store, files.directory()));
      store.freeze();
      int tokens = Math.max(options.maxBatchTokens(), config.maxPositionEmbeddings());
      Plans plans =
          new Plans(
              new BatchPlans(tokens, most -> plan(backend, network, first, most)),
              plan(backend, c -> second.accept(network, c)));
      LOG.debug(
          "{}: {} parameter bytes, {} bytes an arena.",
          files.directory(),
          store.bytes(false),
          plans.bytes());
      return new InferenceEngine<>(
          files, files.tokenizer(), options.maxBatchTokens(), store, network, plans);
    } catch (IOException | RuntimeException | Error e) {
      store.close();
      backend.close();
      throw e;
    }
  }

  private static void requireComplete(LoadReport report) throws FileFormatException {
    LOG.debug("{}", report.summary());
    if (!report.ignored().isEmpty()) {
      LOG.info("{}: not needed and ignored: {}.", report.file(), report.ignored());
    }
    report.requireComplete();
  }

  /** Runs the pass on so many tokens without computing it; sequences of one token are most. */
  private static <N, R> Arena.Plan plan(Backend backend, N network, Pass<N, R> pass, int tokens) {
    List<int[]> sequences = Collections.nCopies(tokens, new int[1]);
    return plan(backend, c -> pass.run(network, c, upload(c, sequences, sequences), sequences));
  }

  private static Arena.Plan plan(Backend backend, Consumer<Context> step) {
    Arena arena = Arena.measuring();
    step.accept(Context.inference(MeasuringBackend.of(backend), arena, 0, 0));
    return arena.plan();
  }

  ElectraConfig config() {
    return files.config();
  }

  WordPieceTokenizer tokenizer() {
    return tokenizer;
  }

  Vocabulary vocabulary() {
    return tokenizer.vocabulary();
  }

  TokenizedText tokenize(String text) {
    return TokenizedText.of(tokenizer(), text, config().maxPositionEmbeddings());
  }

  List<TokenizedText> tokenize(List<String> texts) {
    return texts.stream().map(this::tokenize).toList();
  }

  /**
   * Returns the result of each sequence of one segment, in the order given.
   *
   * @throws IllegalStateException when the engine is closed
   */
  <R> List<R> run(List<int[]> sequences, Pass<N, R> pass) {
    return run(sequences, sequences.stream().map(ids -> new int[ids.length]).toList(), pass);
  }

  /** Returns the result of each input, in the order given. */
  <R> List<R> runInputs(List<? extends ModelInput> inputs, Pass<N, R> pass) {
    return run(
        inputs.stream().map(ModelInput::ids).toList(),
        inputs.stream().map(ModelInput::types).toList(),
        pass);
  }

  private <R> List<R> run(List<int[]> sequences, List<int[]> types, Pass<N, R> pass) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(
            "The model of " + files.directory() + " is closed; load it again to use it.");
      }
      List<R> results = new ArrayList<>(Collections.nCopies(sequences.size(), null));
      if (sequences.isEmpty()) {
        return results;
      }
      Arena arena = arenas.take();
      try {
        for (List<Integer> members : batches(sequences, maxBatchTokens)) {
          List<int[]> batch = members.stream().map(sequences::get).toList();
          arena.begin(plans.first().of(batch.stream().mapToInt(ids -> ids.length).sum()));
          Context context = Context.inference(store.backend(), arena, 0, 0);
          List<int[]> batchTypes = members.stream().map(types::get).toList();
          List<R> ofBatch = pass.run(network, context, upload(context, batch, batchTypes), batch);
          for (int i = 0; i < members.size(); i++) {
            results.set(members.get(i), ofBatch.get(i));
          }
        }
      } finally {
        arenas.giveBack(arena);
      }
      return results;
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Gives up everything in a pass's arena for its second step. */
  void beginSecondStep(Context c) {
    c.arena().begin(plans.second());
  }

  /** Returns the result of one sequence. */
  <R> R run(int[] sequence, Pass<N, R> pass) {
    return run(List.of(sequence), pass).get(0);
  }

  /** Returns the numbers of the sequences of each batch, longest sequences first. */
  static List<List<Integer>> batches(List<int[]> sequences, int maxTokens) {
    List<Integer> order =
        IntStream.range(0, sequences.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> -sequences.get(i).length))
            .toList();
    List<List<Integer>> batches = new ArrayList<>();
    long tokens = 0;
    for (int i : order) {
      int length = sequences.get(i).length;
      if (batches.isEmpty() || tokens + length > maxTokens) {
        batches.add(new ArrayList<>());
        tokens = 0;
      }
      batches.get(batches.size() - 1).add(i);
      tokens += length;
    }
    return batches;
  }

  private static PackedBatch upload(Context c, List<int[]> sequences, List<int[]> types) {
    int[] cuSeqlens = new int[sequences.size() + 1];
    for (int i = 0; i < sequences.size(); i++) {
      cuSeqlens[i + 1] = Math.addExact(cuSeqlens[i], sequences.get(i).length);
    }
    int tokens = cuSeqlens[sequences.size()];
    int[] ids = new int[tokens];
    int[] allTypes = new int[tokens];
    int[] positions = new int[tokens];
    for (int i = 0; i < sequences.size(); i++) {
      int[] sequence = sequences.get(i);
      System.arraycopy(sequence, 0, ids, cuSeqlens[i], sequence.length);
      System.arraycopy(types.get(i), 0, allTypes, cuSeqlens[i], sequence.length);
      for (int j = 0; j < sequence.length; j++) {
        positions[cuSeqlens[i] + j] = j;
      }
    }
    return PackedBatch.upload(c, ids, allTypes, positions, cuSeqlens);
  }

  /**
   * Returns a copy of token ids that the model can take.
   *
   * @throws IllegalArgumentException when there are none, more than the model has positions, or one
   *     is not in the vocabulary
   */
  int[] requireIds(int[] inputIds) {
    int[] ids = inputIds.clone();
    int positions = config().maxPositionEmbeddings();
    if (ids.length == 0) {
      throw new IllegalArgumentException("inputIds is empty; a sequence has at least one token.");
    }
    if (ids.length > positions) {
      throw new IllegalArgumentException(
          "inputIds has " + ids.length + " tokens, but the model has " + positions + " positions.");
    }
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= config().vocabSize()) {
        throw new IllegalArgumentException(
            "inputIds["
                + i
                + "] is "
                + ids[i]
                + ", but the vocabulary has ids from 0 to "
                + (config().vocabSize() - 1)
                + " (vocab_size "
                + config().vocabSize()
                + ").");
      }
    }
    return ids;
  }

  List<String> tokens(int[] ids) {
    return Arrays.stream(ids).mapToObj(vocabulary()::token).toList();
  }

  /** Waits for running calls, then frees weights and arenas. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        arenas.close();
        store.close();
        store.backend().close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
