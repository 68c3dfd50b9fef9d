package org.electra4j.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.electra4j.ElectraConfig;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.nn.ParameterStore;

/**
 * What the {@code config.json} of a fine-tuned model says about its head.
 *
 * @param config shape of the encoder
 * @param kind what the head answers
 * @param labels texts of the logits; of a number or a span, names without a meaning
 * @param style of a sequence head
 * @param dropoutProb dropout in the head while it trains
 * @param maxLength longest sequence that it was trained on, special tokens included
 * @param spanStyle of a head for spans
 * @param wordType token type of everything that a tagger reads: 0, in the reference 1
 */
public record TaskDescription(
    ElectraConfig config,
    Kind kind,
    List<String> labels,
    Style style,
    float dropoutProb,
    int maxLength,
    SpanStyle spanStyle,
    int wordType) {

  /** Makes a description with token type 0 where it is of a tagger. */
  public TaskDescription(
      ElectraConfig config,
      Kind kind,
      List<String> labels,
      Style style,
      float dropoutProb,
      int maxLength,
      SpanStyle spanStyle) {
    this(config, kind, labels, style, dropoutProb, maxLength, spanStyle, 0);
  }

  /** Makes a description whose head for spans, if it is one, is that of transformers. */
  public TaskDescription(
      ElectraConfig config,
      Kind kind,
      List<String> labels,
      Style style,
      float dropoutProb,
      int maxLength) {
    this(config, kind, labels, style, dropoutProb, maxLength, SpanStyle.INDEPENDENT);
  }

  /** What a head answers, and the names that transformers has for it. */
  public enum Kind {
    /** One class of a text. */
    CLASSIFICATION("ElectraForSequenceClassification", "single_label_classification"),
    /** A number for a text. */
    REGRESSION("ElectraForSequenceClassification", "regression"),
    /** Any number of labels of a text. */
    MULTI_LABEL("ElectraForSequenceClassification", "multi_label_classification"),
    /** A class of each token. */
    TAGGING("ElectraForTokenClassification", null),
    /** Start and end of a span. */
    QUESTION_ANSWERING("ElectraForQuestionAnswering", null);

    private final String architecture;
    private final String problemType;

    Kind(String architecture, String problemType) {
      this.architecture = architecture;
      this.problemType = problemType;
    }

    /** Returns the class name of transformers. */
    public String architecture() {
      return architecture;
    }
  }

  private static final String STYLE = "classifier_style";
  private static final String MAX_LENGTH = "max_seq_length";
  private static final String WORD_TYPE = "word_token_type";
  private static final String PROBLEM_TYPE = "problem_type";
  private static final String DROPOUT = "classifier_dropout";
  private static final String ID_TO_LABEL = "id2label";
  private static final int DEFAULT_LABELS = 2; // of transformers

  /** Copies the labels. */
  public TaskDescription {
    labels = List.copyOf(labels);
  }

  /** Adds the parameters of the head to a store, their names starting with {@code prefix}. */
  public TaskHead createHead(ParameterStore store, String prefix) {
    return switch (kind) {
      case CLASSIFICATION, REGRESSION, MULTI_LABEL ->
          new ElectraSequenceHead(store, prefix, config, style, labels.size(), dropoutProb);
      case TAGGING -> new ElectraTokenHead(store, prefix, config, labels.size(), dropoutProb);
      case QUESTION_ANSWERING ->
          spanStyle == SpanStyle.JOINT
              ? new ElectraJointSpanHead(store, prefix, config)
              : new ElectraSpanHead(store, prefix, config);
    };
  }

  /** Returns a copy with the sequence head that files have, {@link Style#DENSE}. */
  TaskDescription dense() {
    return new TaskDescription(
        config, kind, labels, Style.DENSE, dropoutProb, maxLength, spanStyle, wordType);
  }

  private boolean isJoint() {
    return kind == Kind.QUESTION_ANSWERING && spanStyle == SpanStyle.JOINT;
  }

  /**
   * Returns the {@code config.json}. Transformers reads it but for that of the joint head for
   * spans, which it has no class for.
   */
  public HuggingFaceConfig toHuggingFace() {
    HuggingFaceConfig plain =
        HuggingFaceConfig.electra(
            config, isJoint() ? HuggingFaceConfig.JOINT_SPANS : kind.architecture);
    Map<String, Object> fields = new LinkedHashMap<>(plain.otherFields());
    Map<String, String> names = new LinkedHashMap<>();
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      names.put(Integer.toString(i), labels.get(i));
      ids.put(labels.get(i), i);
    }
    fields.put(ID_TO_LABEL, names);
    fields.put("label2id", ids);
    fields.put(DROPOUT, dropoutProb);
    if (kind.problemType != null) {
      fields.put(PROBLEM_TYPE, kind.problemType);
      fields.put(STYLE, style.toString().toLowerCase(Locale.ROOT));
    }
    fields.put(MAX_LENGTH, maxLength);
    if (wordType != 0) {
      fields.put(WORD_TYPE, wordType);
    }
    return new HuggingFaceConfig(config, plain.modelType(), plain.architectures(), fields);
  }

  /**
   * Reads the description of a model directory, ours or one of transformers.
   *
   * @throws FileFormatException when the model has another head than {@code kinds}, or its labels
   *     are not numbered from 0
   */
  public static TaskDescription of(HuggingFaceConfig description, Path directory, Kind... kinds)
      throws IOException {
    Path file = directory.resolve(HuggingFaceConfig.FILE);
    Kind kind = kind(description, file, kinds);
    Map<String, Object> fields = description.otherFields();
    ElectraConfig config = description.config();
    Style style = "linear".equals(fields.get(STYLE)) ? Style.LINEAR : Style.DENSE;
    float dropout =
        fields.get(DROPOUT) instanceof Number number
            ? number.floatValue()
            : config.hiddenDropoutProb();
    int maxLength =
        fields.get(MAX_LENGTH) instanceof Integer length && length <= config.maxPositionEmbeddings()
            ? length
            : config.maxPositionEmbeddings();
    SpanStyle spans =
        description.architectures().contains(HuggingFaceConfig.JOINT_SPANS)
            ? SpanStyle.JOINT
            : SpanStyle.INDEPENDENT;
    return new TaskDescription(
        config,
        kind,
        labels(fields, file),
        style,
        dropout,
        maxLength,
        spans,
        wordType(fields, config, file));
  }

  private static Kind kind(HuggingFaceConfig description, Path file, Kind... kinds)
      throws FileFormatException {
    Object problem = description.otherFields().get(PROBLEM_TYPE);
    List<String> expected = new ArrayList<>();
    for (Kind kind : kinds) {
      boolean named =
          description.architectures().contains(kind.architecture)
              || kind == Kind.QUESTION_ANSWERING
                  && description.architectures().contains(HuggingFaceConfig.JOINT_SPANS);
      // transformers may leave the problem open: then the first kind that was asked for
      if (named
          && (kind.problemType == null || problem == null || kind.problemType.equals(problem))) {
        return kind;
      }
      expected.add(
          kind.architecture
              + (kind.problemType == null
                  ? ""
                  : " (" + PROBLEM_TYPE + " " + kind.problemType + ")"));
    }
    throw new FileFormatException(
        file,
        "architectures is "
            + description.architectures()
            + (problem == null ? "" : " and " + PROBLEM_TYPE + " " + problem)
            + ", but "
            + String.join(" or ", expected)
            + " is needed.");
  }

  private static int wordType(Map<String, Object> fields, ElectraConfig config, Path file)
      throws FileFormatException {
    Object type = fields.getOrDefault(WORD_TYPE, 0);
    if (type instanceof Integer number && number >= 0 && number < config.typeVocabSize()) {
      return number;
    }
    throw new FileFormatException(
        file,
        WORD_TYPE
            + " is "
            + type
            + ", but the model has token types from 0 to "
            + (config.typeVocabSize() - 1)
            + ".");
  }

  private static List<String> labels(Map<String, Object> fields, Path file)
      throws FileFormatException {
    List<String> labels = new ArrayList<>();
    if (!(fields.get(ID_TO_LABEL) instanceof Map<?, ?> names)) {
      for (int i = 0; i < DEFAULT_LABELS; i++) {
        labels.add("LABEL_" + i);
      }
      return labels;
    }
    for (int i = 0; i < names.size(); i++) {
      Object label = names.get(Integer.toString(i));
      if (!(label instanceof String text)) {
        throw new FileFormatException(
            file, ID_TO_LABEL + " must number its labels from \"0\" on, but lacks \"" + i + "\".");
      }
      labels.add(text);
    }
    return labels;
  }
}
