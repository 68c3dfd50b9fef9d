package org.electra4j.finetune.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.electra4j.finetune.data.ConllReader.Sentence;
import org.electra4j.io.FileFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the files of a {@link TaggingTask}: sentences, their scheme, then examples. */
final class TaggingTaskReader {
  private static final Logger LOG = LoggerFactory.getLogger(TaggingTaskReader.class);

  /** More tags than this are words in the wrong column. */
  private static final int MOST_TAGS = 10_000;

  private final ConllReader reader;
  private final TagScheme scheme;

  TaggingTaskReader(ConllReader reader, TagScheme scheme) {
    this.reader = reader;
    this.scheme = scheme;
  }

  TaskData<TaggedWords> read(Map<String, Path> files) throws IOException {
    Map<String, List<Sentence>> sentences = new LinkedHashMap<>();
    List<SkippedRows> skipped = new ArrayList<>();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      List<Sentence> ofFile = reader.read(file.getValue());
      if (!file.getKey().equals(TaskData.TEST) && ofFile.stream().anyMatch(s -> s.tags() == null)) {
        throw new FileFormatException(
            file.getValue(), "has no tags; its rows need a column for the tag beside the word.");
      }
      sentences.put(file.getKey(), ofFile);
    }
    TagScheme found = TagScheme.detect(tags(sentences));
    boolean rewrite = found != TagScheme.WORDS && scheme != TagScheme.WORDS && found != scheme;
    LOG.info("Tags are {}{}.", found, rewrite ? ", rewritten to " + scheme : "");
    if (found != TagScheme.WORDS && scheme != TagScheme.WORDS) {
      sentences.replaceAll((split, all) -> all.stream().map(this::rewritten).toList());
    }
    List<String> labels = labels(files, sentences);
    Map<String, Integer> indices = LabelSet.indices(labels);
    Map<String, List<TaggedWords>> splits = new LinkedHashMap<>();
    sentences.forEach((split, all) -> splits.put(split, examples(all, indices)));
    return new TaskData<>(labels, splits, skipped);
  }

  private static List<List<String>> tags(Map<String, List<Sentence>> sentences) {
    return sentences.values().stream()
        .flatMap(List::stream)
        .map(Sentence::tags)
        .filter(Objects::nonNull)
        .toList();
  }

  private Sentence rewritten(Sentence sentence) {
    if (sentence.tags() == null) {
      return sentence;
    }
    List<String> canonical = sentence.tags().stream().map(TagScheme::canonical).toList();
    List<TagSpan> spans = TagSpan.of(canonical);
    return new Sentence(sentence.words(), scheme.tags(spans, canonical.size()));
  }

  private static List<String> labels(Map<String, Path> files, Map<String, List<Sentence>> sentences)
      throws FileFormatException {
    Set<String> labels = new HashSet<>();
    tags(sentences).forEach(labels::addAll);
    if (labels.size() > MOST_TAGS) {
      throw new FileFormatException(
          files.values().iterator().next(),
          "has " + labels.size() + " different tags; is this the column of the tag?");
    }
    return labels.stream().sorted().toList();
  }

  private static List<TaggedWords> examples(
      List<Sentence> sentences, Map<String, Integer> indices) {
    List<TaggedWords> examples = new ArrayList<>(sentences.size());
    for (Sentence sentence : sentences) {
      int[] tags =
          sentence.tags() == null
              ? null
              : sentence.tags().stream().mapToInt(indices::get).toArray();
      examples.add(new TaggedWords(Integer.toString(examples.size()), sentence.words(), tags));
    }
    return examples;
  }
}
