package org.electra4j.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.autograd.Context;
import org.electra4j.backend.RandomStreams;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/** An encoder with one head, as it is served and saved. */
public final class TaskNetwork {
  private static final int ENCODER_STREAM = RandomStreams.DROPOUT;
  private static final int HEAD_STREAM = RandomStreams.DROPOUT + 8192;
  private static final List<String> OWN =
      List.of("classifier.", "qa_outputs.", "qa_start.", "qa_end.", "qa_answerable.");

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
    return logitsHead().features(c, hidden(c, batch, frozenLayers), batch.sequences(), headStream);
  }

  /** Returns the hidden states, (T, H), in training with dropout. */
  public Tensor hidden(Context c, PackedBatch batch, int frozenLayers) {
    return electra.forward(c, batch, ENCODER_STREAM, frozenLayers);
  }

  /** Returns the logits in fp32: (B, units), or (T, units) of a head for tokens. Not recorded. */
  public Tensor logits(Context c, PackedBatch batch) {
    Tensor hidden = hidden(c, batch, ElectraModel.TRAIN_ALL);
    return logitsHead().logits(c, hidden, batch.sequences(), headStream);
  }

  /** Returns for each sequence what its answer is read from; see {@link TaskHead#results}. */
  public List<float[]> results(Context c, PackedBatch batch, int[] lengths) {
    return head.results(c, hidden(c, batch, ElectraModel.TRAIN_ALL), batch, lengths);
  }

  /** Returns the encoder. */
  public ElectraModel electra() {
    return electra;
  }

  /** Returns the head. */
  public TaskHead head() {
    return head;
  }

  /**
   * Returns the head.
   *
   * @throws IllegalStateException when it is the joint one for spans, which is no linear layer
   */
  public LogitsHead logitsHead() {
    if (head instanceof LogitsHead ofLogits) {
      return ofLogits;
    }
    throw new IllegalStateException("The joint head for spans has no single layer of logits.");
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
    return OWN.stream().anyMatch(name::startsWith);
  }
}
