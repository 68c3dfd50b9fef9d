package org.electra4j.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.TensorFlowCheckpoint;
import org.electra4j.io.TensorFlowWeights;
import org.electra4j.io.TensorFlowWeights.Moment;
import org.electra4j.io.TensorFlowWeights.Part;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;

/** Reads google-research/electra checkpoints into the parameters of networks. */
public final class TensorFlowLoader {
  private TensorFlowLoader() {}

  /**
   * What loading did.
   *
   * @param networks one report a network; tensors that belong to none are unexpected in the first
   * @param moments number of parameters whose two Adam moments were loaded
   * @param step {@code global_step}, 0 where there is none
   */
  public record Result(List<LoadReport> networks, int moments, long step) {}

  /**
   * Loads weights, and Adam's moments where the store has a place for them and the checkpoint has
   * them. What the checkpoint lacks keeps its value.
   *
   * @throws FileFormatException when the checkpoint is damaged, or a tensor has another shape than
   *     its parameter
   */
  public static Result load(
      PretrainingNetworks networks, ParameterStore store, TensorFlowCheckpoint checkpoint)
      throws IOException {
    TensorFlowWeights main = new TensorFlowWeights(checkpoint, Part.MAIN);
    Map<String, Parameter> names = ElectraCheckpoint.mainNames(store);
    LoadReport report = ElectraCheckpoint.load(store, names, main);
    List<String> unknown = new ArrayList<>(report.unexpected());
    unknown.addAll(TensorFlowWeights.unknown(checkpoint));
    List<LoadReport> reports = new ArrayList<>();
    reports.add(
        new LoadReport(
            report.file(), report.loaded(), report.missing(), unknown, report.ignored()));
    int moments = loadMoments(store, names, main);
    if (networks.generator() != null && TensorFlowWeights.hasLanguageModel(checkpoint)) {
      TensorFlowWeights weights = new TensorFlowWeights(checkpoint, Part.GENERATOR);
      Map<String, Parameter> all = ElectraCheckpoint.generatorNames(store, networks.tying());
      LoadReport generator = ElectraCheckpoint.load(store, all, weights);
      reports.add(generator);
      all.values().removeIf(p -> !p.name().startsWith(PretrainingNetworks.GENERATOR));
      moments += loadMoments(store, all, weights);
    }
    store.refreshWorkingCopy();
    return new Result(reports, moments, TensorFlowWeights.step(checkpoint));
  }

  private static int loadMoments(
      ParameterStore store, Map<String, Parameter> names, TensorFlowWeights weights)
      throws IOException {
    if (store.address(Slot.FIRST_MOMENT) == 0) {
      return 0;
    }
    int loaded = 0;
    for (Map.Entry<String, Parameter> entry : names.entrySet()) {
      String name = entry.getKey();
      if (weights.shapes().containsKey(name)
          && weights.hasMoment(name, Moment.FIRST)
          && weights.hasMoment(name, Moment.SECOND)) {
        store.write(entry.getValue(), Slot.FIRST_MOMENT, weights.readMoment(name, Moment.FIRST));
        store.write(entry.getValue(), Slot.SECOND_MOMENT, weights.readMoment(name, Moment.SECOND));
        loaded++;
      }
    }
    return loaded;
  }
}
