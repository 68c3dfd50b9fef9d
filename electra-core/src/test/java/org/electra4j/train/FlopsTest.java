package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.electra4j.ElectraConfig;
import org.electra4j.Objective;
import org.junit.jupiter.api.Test;

/** Against the printed results of google-research/electra's flops_computation.py. */
class FlopsTest {
  private static final ElectraConfig SMALL = ElectraConfig.small();
  private static final ElectraConfig BASE = ElectraConfig.base();
  private static final ElectraConfig LARGE = ElectraConfig.large();

  @Test
  void trainingInThePapersConvention() {
    ElectraConfig large = LARGE.generator(1 / 4.0);
    assertIs(Flops.paperElectra(SMALL, SMALL.generator(1 / 4.0), 128, 128e6), 1.294e18);
    assertIs(Flops.paperElectra(BASE, BASE.generator(1 / 3.0), 512, 256 * 766e3), 6.425e19);
    assertIs(Flops.paperElectra(LARGE, large, 512, 2048 * 400e3), 7.118e20);
    assertIs(Flops.paperElectra(LARGE, large, 512, 2048 * 1.75e6), 3.114e21);
    assertIs(Flops.paperBert(SMALL, 128, 128 * 1.45e6), 1.419e18);
    assertIs(Flops.paperBert(BASE, 512, 256e6), 6.428e19);
  }

  @Test
  void inferenceInThePapersConvention() {
    assertIs(Flops.paperInference(SMALL, 128), 3.68e9);
    assertIs(Flops.paperInference(BASE, 128), 2.86e10);
    assertIs(Flops.paperInference(LARGE, 128), 8.75e10);
  }

  @Test
  void trainingAsItIsDone() {
    assertIs(electra(SMALL, SMALL.generator(1 / 4.0), 128, 0.15), 9.16e9);
    assertIs(electra(BASE, BASE.generator(1 / 3.0), 128, 0.15), 7.89e10);
    assertIs(electra(BASE, BASE.generator(1 / 3.0), 512, 0.15), 3.47e11);
    assertIs(electra(LARGE, LARGE.generator(1 / 4.0), 512, 0.25), 1.12e12);
  }

  private static double electra(ElectraConfig main, ElectraConfig generator, int s, double prob) {
    return Flops.trainingSequence(Objective.ELECTRA, main, generator, s, prob);
  }

  @Test
  void mlmTrainsItsHeadAtMaskedPositionsOnly() {
    ElectraConfig tiny = ElectraConfig.tiny();
    double few = Flops.trainingSequence(Objective.MLM, tiny, null, 20, 0.1);
    double more = Flops.trainingSequence(Objective.MLM, tiny, null, 20, 0.2);
    assertThat(more - few).isEqualTo(3 * 2 * (2.0 * 128 * tiny.vocabSize()));
    double products = 4 * 20 * (24.0 * 128 * 128 + 4.0 * 128 * 20);
    assertThat(few).isBetween(3 * products, 3 * (1.05 * products + (more - few) / 3));
  }

  @Test
  void objectivesDifferByTheirHeads() {
    ElectraConfig main = ElectraConfig.tiny();
    ElectraConfig generator = main.generator(0.25, 0.25);
    double mlm = Flops.trainingSequence(Objective.MLM, main, generator, 40, 0.15);
    double replace = Flops.trainingSequence(Objective.REPLACE_MLM, main, generator, 40, 0.15);
    double all = Flops.trainingSequence(Objective.ALL_TOKENS_MLM, main, generator, 40, 0.15);
    double electra = Flops.trainingSequence(Objective.ELECTRA, main, generator, 40, 0.15);
    double electra15 = Flops.trainingSequence(Objective.ELECTRA_15, main, generator, 40, 0.15);
    double logits = 3 * 2.0 * 128 * main.vocabSize(); // of one token, forward and backward
    // The generator: its head at 6 masked positions, one layer of width 32, and what leads there.
    double encoder = 40 * (24.0 * 32 * 32 + 4.0 * 32 * 40 + 2.0 * 128 * 32);
    double generated = 6 * logits + 3 * (encoder + 6 * 2.0 * 128 * 32);
    assertThat(replace - mlm).isBetween(generated, 1.01 * generated);
    assertThat(all - replace).isEqualTo(34 * logits + 3 * 40 * 2 * 128);
    double detector = 3 * (2.0 * 128 * 128 + 128 + 8 * 128 + 2 * 128);
    assertThat(electra - electra15).isEqualTo(34 * detector);
    assertThat(replace - electra15).isCloseTo(6 * (logits - detector), withinPercentage(1e-9));
  }

  private static void assertIs(double flops, double published) {
    assertThat(flops).isCloseTo(published, withinPercentage(1));
  }
}
