package org.electra4j.model;

import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.electra4j.Objective;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.LossOps;
import org.electra4j.autograd.MaskOps;
import org.electra4j.autograd.RowOps;
import org.electra4j.backend.RandomStreams;
import org.electra4j.tensor.Tensor;

/**
 * The paper's figure 2 as code: mask, generator, sample, discriminator, weighted loss.
 *
 * <p>The generator's backward pass runs before the discriminator's forward pass. No gradient flows
 * between the two but through shared parameters, whose gradients add, so the sum is the same and
 * the activations of only one network live at a time.
 */
public final class ElectraPretraining {
  /** Added to the denominators of both losses, as in the reference. */
  private static final double EPSILON = 1e-6;

  private static final int MAIN_STREAM = RandomStreams.DROPOUT;
  private static final int GENERATOR_STREAM = RandomStreams.DROPOUT + 4096;

  private final PretrainingNetworks networks;
  private final MaskingOptions masking;
  private final float generatorWeight;
  private final float discriminatorWeight;

  /**
   * @param generatorWeight weight of every language-model loss, 1 in ELECTRA
   * @param discriminatorWeight weight of the replaced-token loss, 50 in ELECTRA
   */
  public ElectraPretraining(
      PretrainingNetworks networks,
      MaskingOptions masking,
      float generatorWeight,
      float discriminatorWeight) {
    this.networks = networks;
    this.masking = masking;
    this.generatorWeight = generatorWeight;
    this.discriminatorWeight = discriminatorWeight;
  }

  /**
   * Runs one batch forward and, in a training context, backward: parameter gradients are added to.
   *
   * @param ids (T)
   * @param types (T)
   * @param positions (T)
   * @param cuSeqlens (B + 1)
   * @param scale multiplies every gradient: 1 over the number of accumulated batches
   */
  public PretrainingOutputs run(
      Context c, int[] ids, int[] types, int[] positions, int[] cuSeqlens, float scale) {
    return queue(c, ids, types, positions, cuSeqlens, scale).get();
  }

  /**
   * Hands one batch to the backend as {@link #run} does, and returns what gives its outputs: within
   * a step that the backend queues it may be asked only when that step is done.
   */
  public Supplier<PretrainingOutputs> queue(
      Context c, int[] ids, int[] types, int[] positions, int[] cuSeqlens, float scale) {
    int[] cuMasked = masking.cuMasked(ids, cuSeqlens);
    int m = cuMasked[cuMasked.length - 1];
    PackedBatch batch = PackedBatch.upload(c, ids, types, positions, cuSeqlens);
    MaskOps.Masked masked =
        MaskOps.mask(
            c,
            batch.ids(),
            batch.sequences(),
            c.upload(cuMasked),
            m,
            masking.maskTokenProb(),
            masking.withReplacement(),
            masking.clsId(),
            masking.sepId(),
            masking.maskId());
    if (networks.objective() == Objective.MLM) {
      return maskedLanguageModel(c, batch, masked, m, scale);
    }
    LossOps.LanguageModel generated =
        languageModel(
            c,
            networks.generator(),
            batch.withIds(masked.maskedIds()),
            masked,
            m,
            true,
            scale,
            GENERATOR_STREAM);
    MaskOps.Corrupted corrupted =
        MaskOps.corrupt(c, batch.ids(), masked.positions(), generated.sampled());
    PackedBatch corruptedBatch = batch.withIds(corrupted.corruptedIds());
    Readings generator = Readings.of(c, generated, masked);
    return switch (networks.objective()) {
      case ELECTRA -> replacedTokens(c, corruptedBatch, corrupted.replaced(), generator, scale);
      case ELECTRA_15 ->
          replacedAtMasked(c, corruptedBatch, masked, generated.sampled(), generator, scale);
      case REPLACE_MLM -> replaceMlm(c, corruptedBatch, masked, m, generator, scale);
      case ALL_TOKENS_MLM -> allTokens(c, corruptedBatch, batch.ids(), generator, scale);
      case MLM -> throw new IllegalStateException("handled above");
    };
  }

  private Supplier<PretrainingOutputs> maskedLanguageModel(
      Context c, PackedBatch batch, MaskOps.Masked masked, int m, float scale) {
    PackedBatch input = batch.withIds(masked.maskedIds());
    LossOps.LanguageModel result =
        languageModel(c, networks.languageModel(), input, masked, m, false, scale, MAIN_STREAM);
    Readings readings = Readings.of(c, result, masked);
    return () -> readings.outputs(0, 0);
  }

  private LossOps.LanguageModel languageModel(
      Context c,
      ElectraGenerator network,
      PackedBatch input,
      MaskOps.Masked masked,
      int m,
      boolean sample,
      float scale,
      int stream) {
    Tensor hidden = network.encode(c, input, stream); // (T, H)
    LossOps.LanguageModel result =
        network.predict(
            c,
            hidden,
            masked.positions(),
            masked.labels(),
            sample,
            masking.temperature(),
            (float) (scale * generatorWeight / (m + EPSILON)));
    backward(c);
    return result;
  }

  private Supplier<PretrainingOutputs> replacedTokens(
      Context c, PackedBatch input, Tensor replaced, Readings generator, float scale) {
    Tensor hidden = networks.discriminator().encode(c, input, MAIN_STREAM); // (T, H)
    return discriminate(c, hidden, replaced, input.sequences().tokens(), generator, scale);
  }

  private Supplier<PretrainingOutputs> replacedAtMasked(
      Context c,
      PackedBatch input,
      MaskOps.Masked masked,
      Tensor sampled,
      Readings generator,
      float scale) {
    Tensor hidden = networks.discriminator().encode(c, input, MAIN_STREAM); // (T, H)
    Tensor chosen = RowOps.gather(c, hidden, masked.positions()); // (M, H)
    int m = chosen.rows();
    int[] slots = IntStream.range(0, m).toArray();
    Tensor replaced = MaskOps.corrupt(c, masked.labels(), c.upload(slots), sampled).replaced();
    return discriminate(c, chosen, replaced, m, generator, scale); // each slot on its own
  }

  private Supplier<PretrainingOutputs> discriminate(
      Context c, Tensor hidden, Tensor replaced, int tokens, Readings generator, float scale) {
    LossOps.Summed result =
        networks
            .discriminator()
            .predict(
                c, hidden, replaced, (float) (scale * discriminatorWeight / (tokens + EPSILON)));
    backward(c);
    double[] sums = c.downloadDoubles(result.sums());
    float[] logits = c.downloadFloats(result.logits());
    int[] labels = c.downloadInts(replaced);
    return () ->
        generator.outputs(
            sums[0] / (tokens + EPSILON),
            tokens,
            (long) sums[2],
            (long) sums[3],
            (long) sums[4],
            (long) sums[5],
            logits,
            labels);
  }

  private Supplier<PretrainingOutputs> replaceMlm(
      Context c, PackedBatch input, MaskOps.Masked masked, int m, Readings generator, float scale) {
    LossOps.LanguageModel result =
        languageModel(c, networks.languageModel(), input, masked, m, false, scale, MAIN_STREAM);
    Readings main = Readings.of(c, result, masked);
    return () -> generator.outputs(main.loss(), m);
  }

  private Supplier<PretrainingOutputs> allTokens(
      Context c, PackedBatch input, Tensor originals, Readings generator, float scale) {
    ElectraGenerator network = networks.languageModel();
    int tokens = input.sequences().tokens();
    Tensor hidden = network.encode(c, input, MAIN_STREAM); // (T, H)
    LossOps.Summed result =
        LossOps.copyOrPredict(
            c,
            network.transform(c, hidden),
            network.words(),
            network.bias(),
            originals,
            hidden,
            networks.copyGate().weight(),
            networks.copyGate().bias(),
            input.ids(),
            (float) (scale * generatorWeight / (tokens + EPSILON)));
    backward(c);
    double[] sums = c.downloadDoubles(result.sums());
    return () -> generator.outputs(sums[0] / (tokens + EPSILON), tokens);
  }

  private static void backward(Context c) {
    if (c.isTraining()) {
      c.tape().backward();
    }
  }

  /** The results of a language model, on the host once the step is done. */
  private record Readings(float[] nll, int[] labels, int[] predicted, int[] sampled) {

    static Readings of(Context c, LossOps.LanguageModel result, MaskOps.Masked masked) {
      return new Readings(
          c.downloadFloats(result.nll()),
          c.downloadInts(masked.labels()),
          c.downloadInts(result.predicted()),
          result.sampled() == null ? new int[0] : c.downloadInts(result.sampled()));
    }

    double loss() {
      double sum = 0;
      for (float value : nll) {
        sum += value;
      }
      return sum / (nll.length + EPSILON);
    }

    private int hits(int[] answers) {
      int hits = 0;
      for (int i = 0; i < answers.length; i++) {
        hits += answers[i] == labels[i] ? 1 : 0;
      }
      return hits;
    }

    PretrainingOutputs outputs(double mainLoss, int mainTokens) {
      return outputs(mainLoss, mainTokens, 0, 0, 0, 0, new float[0], new int[0]);
    }

    PretrainingOutputs outputs(
        double mainLoss,
        int mainTokens,
        long truePositives,
        long falsePositives,
        long falseNegatives,
        long trueNegatives,
        float[] logits,
        int[] replaced) {
      return new PretrainingOutputs(
          loss(),
          labels.length,
          hits(predicted),
          hits(sampled),
          mainLoss,
          mainTokens,
          truePositives,
          falsePositives,
          falseNegatives,
          trueNegatives,
          logits,
          replaced);
    }
  }
}
