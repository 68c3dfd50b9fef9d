package org.electra4j.bench.study;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the probes of one encoder gave, by task, in a file. */
final class StudyScores {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path file;
  private final Map<String, Double> scores;

  private StudyScores(Path file, Map<String, Double> scores) {
    this.file = file;
    this.scores = scores;
  }

  /** Returns the scores in a file; without it there are none yet. */
  static StudyScores of(Path file) throws IOException {
    Map<String, Double> scores =
        Files.exists(file)
            ? JSON.readValue(file.toFile(), new TypeReference<LinkedHashMap<String, Double>>() {})
            : new LinkedHashMap<>();
    return new StudyScores(file, scores);
  }

  boolean has(String task) {
    return scores.containsKey(task);
  }

  double get(String task) {
    return scores.get(task);
  }

  void put(String task, double score) throws IOException {
    scores.put(task, score);
    Files.write(file, JSON.writeValueAsBytes(scores));
  }

  @Override
  public String toString() {
    return scores.toString();
  }
}
