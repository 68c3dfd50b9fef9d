package org.electra4j.finetune.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Small files of the formats that are read. */
final class Fixtures {
  /** Two questions, one of them in code points behind a surrogate pair, and one without answer. */
  static final String SQUAD =
      """
      {"version": "v2.0", "data": [
        {"title": "Chefs", "paragraphs": [
          {"context": "\ud83c\udf73 The chef cooked the meal in Paris.", "qas": [
            {"id": "q1", "question": "Who cooked?", "is_impossible": false, "answers": [
              {"text": "The chef", "answer_start": 2}, {"text": "chef", "answer_start": 6}]},
            {"id": "q2", "question": "Who ate?", "is_impossible": true, "answers": [],
             "plausible_answers": [{"text": "chef", "answer_start": 6}]}]}]},
        {"title": "Rivers", "paragraphs": [
          {"context": "The Seine flows through Paris.", "qas": [
            {"id": "q3", "question": "What flows?", "answers": [
              {"text": "Seine", "answer_start": 5}]}]}]}
      ]}
      """;

  static final String MRQA =
      """
      {"header": {"dataset": "Toy", "split": "train"}}
      {"id": "c1", "context": "\ud83c\udf73 The chef cooked.", "qas": [{"qid": "m1", "question": "Who?", \
      "detected_answers": [{"text": "chef", "char_spans": [[6, 9]], "token_spans": [[1, 1]]}], \
      "answers": ["chef", "the cook"]}]}
      {"id": "c2", "context": "It rained.", "qas": [{"qid": "m2", "question": "What?"}]}
      """;

  private Fixtures() {}

  static Path write(Path folder, String name, String text) throws IOException {
    return write(folder, name, text.getBytes(StandardCharsets.UTF_8));
  }

  static Path write(Path folder, String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  static Path gzip(Path folder, String name, String text) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }
}
