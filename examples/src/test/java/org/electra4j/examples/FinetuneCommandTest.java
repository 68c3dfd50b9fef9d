package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinetuneCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private String texts() throws IOException {
    List<String> lines = new ArrayList<>(List.of("label\ttext"));
    for (int i = 0; i < 24; i++) {
      lines.add(i % 2 == 0 ? "war\tthe enemy of the nation" : "peace\tthe house of the people");
    }
    Files.write(folder.resolve("train.tsv"), lines);
    Files.write(folder.resolve("dev.tsv"), lines.subList(0, 13));
    Files.write(folder.resolve("test.tsv"), lines.subList(0, 5));
    return folder.toString();
  }

  private static CommandLineRun run(String command, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(command, "--device", "cpu"));
    arguments.addAll(List.of("--precision", "fp32"));
    arguments.addAll(List.of(more));
    return CommandLineRun.of(arguments.toArray(String[]::new));
  }

  @Test
  void finetuneAndEvaluate() throws IOException {
    String data = texts();
    String out = folder.resolve("run").toString();
    CommandLineRun run =
        run(
            "finetune",
            "--task",
            "topics",
            "--kind",
            "classification",
            "--data",
            data,
            "--model",
            TinyRun.get().output().toString(),
            "--out",
            out,
            "--batch",
            "8",
            "--epochs",
            "20",
            "--learning-rate",
            "1e-3",
            "--bias-correction",
            "--trials",
            "2",
            "--tensorboard",
            folder.resolve("logs").toString(),
            "--predictions",
            folder.resolve("predictions").toString());
    assertThat(folder.resolve("logs/trial-2")).isNotEmptyDirectory();
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = JSON.readTree(run.out());
    assertThat(json.get("task").asText()).isEqualTo("topics");
    assertThat(json.get("accuracy").asDouble()).isEqualTo(1);
    assertThat(json.at("/mean/accuracy").asDouble()).isEqualTo(1);
    assertThat(json.at("/deviation/accuracy").asDouble()).isZero();
    assertThat(json.at("/ensemble/accuracy").asDouble()).isEqualTo(1);
    assertThat(json.get("trials").asInt()).isEqualTo(2);
    assertThat(Files.readAllLines(folder.resolve("predictions/topics_test.tsv")))
        .hasSize(5)
        .startsWith("id\tprediction")
        .anyMatch(line -> line.endsWith("\twar"))
        .anyMatch(line -> line.endsWith("\tpeace"));
    CommandLineRun evaluation =
        run(
            "evaluate",
            "--task",
            "topics",
            "--kind",
            "classification",
            "--data",
            data,
            "--split",
            "test",
            "--model",
            out);
    assertThat(evaluation.code()).as(evaluation.err()).isZero();
    JsonNode scores = JSON.readTree(evaluation.out());
    assertThat(scores.get("accuracy").asDouble()).isEqualTo(1);
    assertThat(scores.get("examples").asInt()).isEqualTo(4);
    assertThat(scores.get("split").asText()).isEqualTo("test");
    CommandLineRun classes =
        CommandLineRun.with(
            "the enemy of the nation\nthe house of the people\n", "classify", "--model", out);
    assertThat(classes.code()).as(classes.err()).isZero();
    assertThat(JSON.readTree(classes.lines().get(0)).at("/labels/0/label").asText())
        .isEqualTo("war");
    assertThat(JSON.readTree(classes.lines().get(1)).at("/labels/0/label").asText())
        .isEqualTo("peace");
    CommandLineRun pair =
        CommandLineRun.with("the enemy\tthe nation\nthe house\n", "classify", out, "--pairs");
    assertThat(pair.code()).isEqualTo(1);
    assertThat(pair.lines()).hasSize(1);
    assertThat(pair.err()).contains("Line 2 of the input: there is no tab between its two texts.");
  }

  private String questions() throws IOException {
    StringBuilder paragraphs = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      String answer = i % 2 == 0 ? "war" : "peace";
      String answers = i % 4 == 3 ? "" : "{\"text\": \"" + answer + "\", \"answer_start\": 8}";
      paragraphs
          .append(i == 0 ? "" : ", ")
          .append("{\"context\": \"time of " + answer + " in the land\", \"qas\": [{")
          .append("\"id\": \"q" + i + "\", \"question\": \"what time\", ")
          .append(
              "\"is_impossible\": " + answers.isEmpty() + ", \"answers\": [" + answers + "]}]}");
    }
    String json =
        "{\"version\": \"v2.0\", \"data\": [{\"title\": \"t\", \"paragraphs\": ["
            + paragraphs
            + "]}]}";
    Path questions = Files.createDirectories(folder.resolve("questions"));
    Files.writeString(questions.resolve("train.json"), json);
    Files.writeString(questions.resolve("dev.json"), json);
    return questions.toString();
  }

  @Test
  void theJointHeadForQuestionsStaysHere() throws IOException {
    String[] task = {"--task", "squad", "--data", questions()};
    String out = folder.resolve("joint").toString();
    String[] options = {"--model", TinyRun.get().model(), "--out", out, "--question-head", "joint"};
    CommandLineRun run =
        run("finetune", concat(concat(task, options), "--batch", "8", "--epochs", "4"));
    assertThat(run.code()).as(run.err()).isZero();
    double exact = JSON.readTree(run.out()).get("exact").asDouble();
    CommandLineRun evaluation = run("evaluate", concat(task, "--model", out));
    assertThat(evaluation.code()).as(evaluation.err()).isZero();
    JsonNode scores = JSON.readTree(evaluation.out());
    assertThat(scores.get("exact").asDouble()).isEqualTo(exact);
    assertThat(scores.has("best_f1_thresh")).isTrue();
    scoresDependOnTheThreshold(task, out);
    String line = "what time\ttime of war in the land\n";
    CommandLineRun answers = CommandLineRun.with(line + line, "answer", out, "--n-best", "2");
    assertThat(answers.code()).as(answers.err()).isZero();
    assertThat(answers.lines()).hasSize(2);
    JsonNode answer = JSON.readTree(answers.lines().get(0));
    assertThat(answer.get("answers").size()).isBetween(1, 2);
    JsonNode best = answer.get("answers").get(0);
    assertThat("time of war in the land".substring(best.get("start").asInt()))
        .startsWith(best.get("text").asText());
    String all = line + "what time\tpeace\n";
    CommandLineRun always = CommandLineRun.with(all, "answer", out, "--null-threshold", "Infinity");
    assertThat(JSON.readTree(always.lines().get(0)).get("answer"))
        .isEqualTo(JSON.readTree(always.lines().get(0)).at("/answers/0/text"));
    CommandLineRun never = CommandLineRun.with(line, "answer", out, "--null-threshold", "-1e9");
    assertThat(JSON.readTree(never.out()).get("answer").asText()).isEmpty();
    CommandLineRun noTab = CommandLineRun.with(line + "what time\n", "answer", out);
    assertThat(noTab.code()).isEqualTo(1);
    assertThat(noTab.err()).contains("Line 2 of the input: there is no tab between");
    assertThat(CommandLineRun.with(line, "answer", out, "--n-best", "0").code()).isEqualTo(2);
    CommandLineRun export =
        CommandLineRun.of("export", "--format", "hf", out + "/model", folder + "/exported");
    assertThat(export.code()).isEqualTo(1);
    assertThat(export.err()).contains("transformers has no class for");
    assertThat(folder.resolve("exported")).doesNotExist();
  }

  /** Three of four questions have an answer. */
  private void scoresDependOnTheThreshold(String[] task, String model) throws IOException {
    String[] options = {"--model", model, "--null-threshold"};
    CommandLineRun never = run("evaluate", concat(task, concat(options, "-1e9")));
    assertThat(never.code()).as(never.err()).isZero();
    assertThat(JSON.readTree(never.out()).get("exact").asDouble()).isEqualTo(25);
    assertThat(JSON.readTree(never.out()).get("NoAns_exact").asDouble()).isEqualTo(100);
    CommandLineRun always = run("evaluate", concat(task, concat(options, "Infinity")));
    assertThat(JSON.readTree(always.out()).get("NoAns_exact").asDouble()).isZero();
    String[] quick = {"--model", TinyRun.get().model(), "--out", folder + "/q", "--epochs", "1"};
    String[] brief = {"--null-threshold", "-1e9", "--max-answer-tokens", "1", "--n-best", "2"};
    CommandLineRun trained = run("finetune", concat(task, concat(quick, brief)));
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(JSON.readTree(trained.out()).get("exact").asDouble()).isEqualTo(25);
    CommandLineRun other = run("finetune", concat(task, quick));
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("holds another fine-tuning run: answers was");
  }

  @Test
  void aShareOfTheTrainingExamplesIsHeldOut() throws IOException {
    String train = "train=" + Path.of(texts()).resolve("train.tsv");
    String[] task = {"--task", "topics", "--kind", "classification", "--hold-out", "0.25"};
    String[] model = {"--model", TinyRun.get().model(), "--out", folder.resolve("held").toString()};
    CommandLineRun run = run("finetune", concat(concat(task, model), "--data", train));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(JSON.readTree(run.out()).get("accuracy").asDouble()).isBetween(0.0, 1.0);
    CommandLineRun both = run("finetune", concat(concat(task, model), "--data", texts()));
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("--hold-out is for data without a dev split");
  }

  @Test
  void taggersTagWhatIsTyped() throws IOException {
    String sentence = "the DT\nhouse NN\nof IN\nthe DT\npeople NN\n\n";
    Path words = Files.createDirectories(folder.resolve("words"));
    Files.writeString(words.resolve("train.txt"), sentence.repeat(16));
    Files.writeString(words.resolve("dev.txt"), sentence.repeat(2));
    String out = folder.resolve("tagger").toString();
    String[] task = {"--task", "pos", "--kind", "tagging", "--data", words.toString()};
    String[] options = {"--model", TinyRun.get().model(), "--out", out, "--batch", "8"};
    String[] recipe = {"--epochs", "20", "--learning-rate", "2e-3", "--bias-correction"};
    CommandLineRun run = run("finetune", concat(concat(task, options), recipe));
    assertThat(run.code()).as(run.err()).isZero();
    CommandLineRun tags = CommandLineRun.with("the house, of\n\n", "tag", out);
    assertThat(tags.code()).as(tags.err()).isZero();
    JsonNode tagged = JSON.readTree(tags.lines().get(0)).get("words");
    assertThat(tagged).hasSize(4);
    assertThat(tagged.get(0).get("tag").asText()).isEqualTo("DT");
    assertThat(tagged.get(1).get("word").asText()).isEqualTo("house");
    assertThat(tagged.get(1).get("start").asInt()).isEqualTo(4);
    assertThat(tagged.get(1).get("end").asInt()).isEqualTo(9);
    assertThat(JSON.readTree(tags.lines().get(1)).get("words")).isEmpty();
    CommandLineRun given = CommandLineRun.with("the house, of\n", "tag", out, "--words");
    JsonNode ofGiven = JSON.readTree(given.out()).get("words");
    assertThat(ofGiven).hasSize(3);
    assertThat(ofGiven.get(1).get("word").asText()).isEqualTo("house,");
    assertThat(ofGiven.get(1).get("start").isNull()).isTrue();
  }

  @Test
  void numbersArePrintedAsSuch() throws IOException {
    List<String> lines = new ArrayList<>(List.of("label\ttext"));
    for (int i = 0; i < 16; i++) {
      lines.add(i % 2 == 0 ? "4\tthe enemy of the nation" : "1\tthe house of the people");
    }
    Path numbers = Files.createDirectories(folder.resolve("numbers"));
    Files.write(numbers.resolve("train.tsv"), lines);
    Files.write(numbers.resolve("dev.tsv"), lines);
    String out = folder.resolve("regressor").toString();
    String[] task = {"--task", "n", "--kind", "regression", "--data", numbers.toString()};
    String[] options = {"--model", TinyRun.get().model(), "--out", out, "--batch", "8"};
    CommandLineRun run = run("finetune", concat(concat(task, options), "--epochs", "4"));
    assertThat(run.code()).as(run.err()).isZero();
    CommandLineRun printed = CommandLineRun.with("the house\n", "classify", out);
    assertThat(printed.code()).as(printed.err()).isZero();
    assertThat(JSON.readTree(printed.out()).get("number").isNumber()).isTrue();
  }

  @Test
  void wrongCommandLines() throws IOException {
    String data = texts();
    String[] rest = {"--data", data, "--model", TinyRun.get().model(), "--out", "" + folder};
    CommandLineRun unknown = run("finetune", concat(rest, "--task", "topics"));
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("There is no task 'topics'", "--kind");
    CommandLineRun weights =
        run(
            "finetune",
            concat(rest, "--task", "t", "--kind", "classification", "--class-weights", "x"));
    assertThat(weights.code()).isEqualTo(2);
    assertThat(weights.err())
        .contains(
            "--class-weights must be balanced, or numbers with commas between, but is \"x\".");
    CommandLineRun tasks = run("finetune", concat(rest, "--task", "sst2", "--task", "cola"));
    assertThat(tasks.code()).isEqualTo(2);
    assertThat(tasks.err()).contains("There are 2 tasks but 1 folders; give --data once a task.");
  }

  @Test
  void failures() throws IOException {
    String data = texts();
    String[] task = {"--task", "topics", "--kind", "classification", "--data", data};
    CommandLineRun missing =
        run("finetune", concat(task, "--model", "/nowhere", "--out", folder + "/a"));
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("/nowhere: the model directory does not exist.");
    CommandLineRun notTuned = run("evaluate", concat(task, "--model", TinyRun.get().model()));
    assertThat(notTuned.code()).isEqualTo(1);
    assertThat(notTuned.err())
        .contains("config.json", "ElectraForPreTraining", "ElectraForSequenceClassification");
    CommandLineRun split =
        run("evaluate", concat(task, "--model", TinyRun.get().model(), "--split", "nope"));
    assertThat(split.err())
        .contains("Task topics has no examples in split nope; there are train, dev, test.");
  }

  private static String[] concat(String[] first, String... second) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(second));
    return all.toArray(String[]::new);
  }
}
