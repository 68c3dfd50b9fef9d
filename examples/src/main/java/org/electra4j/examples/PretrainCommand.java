package org.electra4j.examples;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.electra4j.ElectraConfig;
import org.electra4j.ElectraTrainer;
import org.electra4j.Objective;
import org.electra4j.PretrainingConfig;
import org.electra4j.Tying;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options are the fields of {@link PretrainingConfig}; what is not given, the preset has. */
@Command(
    name = "pretrain",
    header = "Pre-trains ELECTRA from text.",
    customSynopsis = {
      "electra pretrain --corpus PATH... (--vocab FILE | --train-vocab N) --out DIR [OPTIONS]",
      "electra pretrain --corpus PATH... --from DIR --out DIR [OPTIONS]"
    },
    description =
        "Writes checkpoints, model/, metrics.jsonl, curves.svg and result.json into the output"
            + " folder. Ctrl-C saves; resume goes on from there.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  electra pretrain --corpus texts --train-vocab 30522 --preset small --out runs/small",
      "  electra pretrain --corpus texts --vocab vocab.txt --preset tiny --steps 500 --out runs/tiny",
      "  electra pretrain --corpus domain --from runs/small/model --steps 20000 --out runs/domain"
    })
final class PretrainCommand extends ElectraCommand {
  private static final double WARMUP_SHARE = 0.25;

  /** Fields of the configuration that its messages name, and their options. */
  private static final Map<String, String> OPTION_OF_FIELD =
      Map.of(
          "batchSize", "--batch",
          "seqLength", "--seq-length",
          "heldOutShare", "--held-out",
          "trainVocabulary", "--train-vocab");

  @Option(
      names = "--corpus",
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "Text files or folders of *.txt and *.txt.gz, or one prepared corpus.")
  List<Path> corpus;

  @Option(names = "--vocab", paramLabel = "FILE", description = "The vocabulary.")
  Path vocab;

  @Option(
      names = "--train-vocab",
      paramLabel = "N",
      description = "Train a vocabulary of N tokens from the corpus instead.")
  Integer trainVocab;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Output folder of the run.")
  Path out;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "small",
      converter = Choices.Preset.class,
      description = "tiny, small, base or large: the paper's recipes (default: ${DEFAULT-VALUE}).")
  PretrainingConfig.Builder preset;

  @Mixin ShapeOptions shape = new ShapeOptions();

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description = "Start from this model, with fresh moments and schedule.")
  Path from;

  @Option(
      names = "--objective",
      paramLabel = "NAME",
      description = "electra, mlm, replace-mlm, all-tokens-mlm or electra-15 (default: electra).")
  Objective objective;

  @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps.")
  Long steps;

  @Option(names = "--batch", paramLabel = "N", description = "Sequences a step.")
  Integer batch;

  @Option(
      names = "--gradient-accumulation",
      paramLabel = "N",
      description = "Batches whose gradients make one step.")
  Integer gradientAccumulation;

  @Option(
      names = "--seq-length",
      paramLabel = "N",
      description = "Longest sequence, special tokens included.")
  Integer seqLength;

  @Option(names = "--learning-rate", paramLabel = "X", description = "Peak learning rate.")
  Double learningRate;

  @Option(
      names = "--warmup-steps",
      paramLabel = "N",
      description = "Steps of linear warmup; at most a quarter of --steps unless given.")
  Long warmupSteps;

  @Option(
      names = "--decay-power",
      paramLabel = "X",
      description = "Power of the decay to zero; 0 for a constant rate.")
  Double decayPower;

  @Option(names = "--weight-decay", paramLabel = "X", description = "Decoupled weight decay.")
  Double weightDecay;

  @Option(names = "--beta1", paramLabel = "X", description = "Decay of Adam's first moment.")
  Double beta1;

  @Option(names = "--beta2", paramLabel = "X", description = "Decay of Adam's second moment.")
  Double beta2;

  @Option(names = "--epsilon", paramLabel = "X", description = "Adam's epsilon.")
  Double epsilon;

  @Option(names = "--bias-correction", description = "Correct the bias of Adam's moments.")
  Boolean biasCorrection;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Norm that gradients are clipped to; 0 for none.")
  Double maxGradNorm;

  @Option(names = "--mask-prob", paramLabel = "X", description = "Share of tokens chosen.")
  Double maskProb;

  @Option(
      names = "--mask-token-prob",
      paramLabel = "X",
      description = "Share of the chosen that show [MASK].")
  Double maskTokenProb;

  @Option(names = "--mask-with-replacement", description = "Draw positions with replacement.")
  Boolean maskWithReplacement;

  @Option(names = "--temperature", paramLabel = "X", description = "Of the generator's samples.")
  Double temperature;

  @Option(
      names = "--generator-size",
      paramLabel = "X",
      description = "Width of the generator over that of the discriminator.")
  Double generatorSize;

  @Option(
      names = "--generator-layers",
      paramLabel = "X",
      description = "Depth of the generator over that of the discriminator.")
  Double generatorLayers;

  @Option(
      names = "--tying",
      paramLabel = "NAME",
      description = "What both share: embeddings, none or all.")
  Tying tying;

  @Option(
      names = "--generator-weight",
      paramLabel = "X",
      description = "Weight of the generator's loss.")
  Double generatorWeight;

  @Option(
      names = "--discriminator-weight",
      paramLabel = "X",
      description = "Weight of the discriminator's loss.")
  Double discriminatorWeight;

  @Option(
      names = "--held-out",
      paramLabel = "X",
      description = "Share of documents that is never trained on.")
  Double heldOut;

  @Option(
      names = "--short-sequence-prob",
      paramLabel = "X",
      description = "Share of examples with a random shorter length.")
  Double shortSequenceProb;

  @Option(
      names = "--single-segment-prob",
      paramLabel = "X",
      description = "Share of examples without a second segment.")
  Double singleSegmentProb;

  @Option(
      names = "--published-quirks",
      description = "Build examples with the three oddities of the published code.")
  Boolean publishedQuirks;

  @Option(names = "--lenient", description = "Take bytes that are not UTF-8 as U+FFFD.")
  Boolean lenient;

  @Option(names = "--ignore-blank-lines", description = "Blank lines do not end documents.")
  boolean ignoreBlankLines;

  @Mixin TextOptions text = new TextOptions();

  @Option(names = "--seed", paramLabel = "N", description = "Key of all randomness.")
  Long seed;

  @Mixin EngineOptions engine = new EngineOptions();

  @Option(
      names = "--save-every",
      paramLabel = "N",
      description = "Steps between checkpoints; 0: only at the end.")
  Long saveEvery;

  @Option(
      names = "--keep-checkpoints",
      paramLabel = "N",
      description = "Checkpoints that are kept.")
  Integer keepCheckpoints;

  @Option(names = "--log-every", paramLabel = "N", description = "Steps between lines of metrics.")
  Long logEvery;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      description = "Steps between held-out evaluations; 0: only at the end.")
  Long evalEvery;

  @Option(
      names = "--eval-batches",
      paramLabel = "N",
      description = "Most batches of an evaluation.")
  Integer evalBatches;

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description = "Write event files for TensorBoard.")
  Path tensorBoard;

  @Option(
      names = "--profile",
      description = "Print time, GFLOP/s and GB/s of every kernel of 50 early steps.")
  boolean profile;

  PretrainCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws Exception {
    PretrainingConfig config = config();
    return new TrainingRun(streams, tensorBoard, profile)
        .run(out, listeners -> ElectraTrainer.pretrain(config, listeners));
  }

  private PretrainingConfig config() {
    if (vocab == null && trainVocab == null && from == null) {
      throw wrong("Missing option: --vocab FILE, or --train-vocab N to train one.");
    }
    if (vocab != null && trainVocab != null) {
      throw wrong("--vocab and --train-vocab exclude each other: one names a file, one makes it.");
    }
    if (from != null && shape.isGiven()) {
      throw wrong("--from brings the model's shape: leave out --hidden-size and the like.");
    }
    PretrainingConfig.Builder builder = preset.corpus(corpus.toArray(Path[]::new)).output(out);
    data(builder);
    training(builder);
    masking(builder);
    running(builder);
    try {
      ElectraConfig model = shape.applyTo(builder.build().model());
      PretrainingConfig config = builder.model(model).build();
      long most = Math.max(1, (long) (config.steps() * WARMUP_SHARE));
      return steps == null || warmupSteps != null || config.warmupSteps() <= most
          ? config
          : config.toBuilder().warmupSteps(most).build();
    } catch (IllegalArgumentException e) {
      throw wrong(withOptions(e.getMessage(), OPTION_OF_FIELD));
    }
  }

  private void data(PretrainingConfig.Builder builder) {
    set(vocab, builder::vocabulary);
    set(trainVocab, builder::trainVocabulary);
    set(from, builder::initializeFrom);
    builder.lowerCase(!text.cased).stripAccents(text.stripAccents);
    builder.blanksSeparateDocs(!ignoreBlankLines);
    set(lenient, builder::lenient);
    set(heldOut, builder::heldOutShare);
    set(shortSequenceProb, builder::shortSequenceProb);
    set(singleSegmentProb, builder::singleSegmentProb);
    set(publishedQuirks, builder::laterSentencesMayJoinFirstSegment);
    set(publishedQuirks, builder::trimToMaxLengthOnly);
    set(publishedQuirks, builder::dropOverflow);
  }

  private void training(PretrainingConfig.Builder builder) {
    set(steps, builder::steps);
    set(batch, builder::batchSize);
    set(gradientAccumulation, builder::gradientAccumulation);
    set(seqLength, builder::seqLength);
    set(learningRate, builder::learningRate);
    set(warmupSteps, builder::warmupSteps);
    set(decayPower, builder::decayPower);
    set(weightDecay, builder::weightDecay);
    set(beta1, builder::beta1);
    set(beta2, builder::beta2);
    set(epsilon, builder::epsilon);
    set(biasCorrection, builder::biasCorrection);
    set(maxGradNorm, builder::maxGradNorm);
  }

  private void masking(PretrainingConfig.Builder builder) {
    set(objective, builder::objective);
    set(tying, builder::tying);
    set(generatorSize, builder::generatorSize);
    set(generatorLayers, builder::generatorLayers);
    set(generatorWeight, builder::generatorWeight);
    set(discriminatorWeight, builder::discriminatorWeight);
    set(maskProb, builder::maskProb);
    set(maskTokenProb, builder::maskTokenProb);
    set(maskWithReplacement, builder::maskWithReplacement);
    set(temperature, builder::temperature);
  }

  private void running(PretrainingConfig.Builder builder) {
    set(seed, builder::seed);
    builder.threads(engine.threads.threads).device(engine.device).precision(engine.precision);
    set(saveEvery, builder::saveEvery);
    set(keepCheckpoints, builder::keepCheckpoints);
    set(logEvery, builder::logEvery);
    set(evalEvery, builder::evalEvery);
    set(evalBatches, builder::evalBatches);
  }
}
