package org.electra4j.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.LossOps;
import org.electra4j.backend.RandomStreams;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/** An encoder with one head, as it is served and saved. */
public final class TaskNetwork {
  private static final int ENCODER_STREAM = RandomStreams.DROPOUT;
  private static final int HEAD_STREAM = RandomStreams.DROPOUT + 8192;

  private final ElectraModel electra;
  private final TaskHead head;
  private final String prefix;
  private final int headStream;

  /**
   * @param prefix what the names of the head's parameters start with in the store
   * @param number of the head where several share an encoder, from 0 on
   */
  public TaskNetwork(ElectraModel electra, TaskHead head, String prefix, int number) {
    this.electra = electra;
    this.head = head;
    this.prefix = prefix;
    this.headStream = HEAD_STREAM + number * TaskHead.STREAMS;
  }

  /**
   * Adds encoder and head as a configuration describes them.
   *
   * @param description from {@link TaskDescription}: architecture, labels and style of the head
   */
  public static TaskNetwork create(ParameterStore store, TaskDescription description) {
    ElectraModel electra = new ElectraModel(store, "electra.", description.config());
    return new TaskNetwork(electra, description.createHead(store, ""), "", 0);
  }

  /**
   * Returns what the head's last layer reads, in training with dropout.
   *
   * @param frozenLayers as {@link ElectraModel#forward(Context, PackedBatch, int, int)}
   */
  public Tensor features(Context c, PackedBatch batch, int frozenLayers) {
    Tensor hidden = electra.forward(c, batch, ENCODER_STREAM, frozenLayers); // (T, H)
    return head.features(c, hidden, batch.sequences(), headStream);
  }

  /** Returns the logits in fp32: (B, units), or (T, units) of a head for tokens. Not recorded. */
  public Tensor logits(Context c, PackedBatch batch) {
    Tensor features = features(c, batch, ElectraModel.TRAIN_ALL);
    return LossOps.classes(c, features, head.output().weight(), head.output().bias(), null, 0)
        .logits();
  }

  public ElectraModel electra() {
    return electra;
  }

  public TaskHead head() {
    return head;
  }

  /** Returns the parameters of encoder and head by their names in a file. */
  Map<String, Parameter> names(ParameterStore store) {
    Map<String, Parameter> names = new LinkedHashMap<>();
    for (Parameter parameter : store.parameters()) {
      String name = parameter.name();
      if (name.startsWith("electra.")) {
        names.put(name, parameter);
      } else if (name.startsWith(prefix) && isOwn(name.substring(prefix.length()))) {
        names.put(name.substring(prefix.length()), parameter);
      }
    }
    return names;
  }

  private static boolean isOwn(String name) {
    return List.of("classifier.", "qa_outputs.").stream().anyMatch(name::startsWith);
  }
}
