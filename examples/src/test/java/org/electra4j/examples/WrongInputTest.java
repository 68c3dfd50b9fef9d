package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wrong input ends in a sentence that names it, and nothing that was there is lost. */
class WrongInputTest {
  private static TinyRun tiny;

  @TempDir Path folder;

  private Path file;
  private Path strangers;

  @BeforeAll
  static void train() throws IOException {
    tiny = TinyRun.get();
  }

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("file.txt"), "not to be lost\n");
    strangers = Files.createDirectories(folder.resolve("strangers"));
    Files.writeString(strangers.resolve("letter.txt"), "not to be lost\n");
  }

  private static void refused(int code, String message, String... arguments) {
    CommandLineRun run = CommandLineRun.of(arguments);
    assertThat(run.err()).startsWith("electra: ").contains(message).doesNotContain("\tat ");
    assertThat(run.code()).isEqualTo(code);
  }

  private void nothingIsLost() {
    assertThat(file).hasContent("not to be lost");
    assertThat(strangers.resolve("letter.txt")).hasContent("not to be lost");
  }

  private String[] pretrain(Path out, String... more) {
    return TinyRun.pretrain(tiny.corpus(), tiny.vocabulary(), out, more);
  }

  @Test
  void numbersAndPaths() {
    Path out = folder.resolve("out");
    refused(2, "'--steps': \"ten\" is no whole number.", pretrain(out, "--steps", "ten"));
    refused(2, "'--batch': 99999999999 is too large.", pretrain(out, "--batch", "99999999999"));
    refused(2, "'--mask-prob': \"some\" is no number.", pretrain(out, "--mask-prob", "some"));
    refused(2, "'--threads': \"two\" is no whole number.", pretrain(out, "--threads", "two"));
    refused(2, "--batch must be positive, but is -1.", pretrain(out, "--batch", "-1"));
    refused(2, "'--tensorboard': the path is empty;", pretrain(out, "--tensorboard", ""));
    refused(2, "There is no command trian; use demo, doctor, ", "trian");
    assertThat(out).doesNotExist();
  }

  @Test
  void aRunDoesNotGoWhereSomethingElseIs() throws IOException {
    refused(1, file + " is a file, not a folder;", pretrain(file));
    refused(1, file + " is a file, not a folder;", pretrain(file.resolve("run")));
    Path other = Files.createDirectories(folder.resolve("other/model"));
    Path weights = Files.writeString(other.resolve("model.safetensors"), "weights");
    refused(1, other.getParent() + " holds a model of no run;", pretrain(other.getParent()));
    assertThat(weights).hasContent("weights");
    nothingIsLost();
  }

  @Test
  void aModelDoesNotReplaceOtherFiles() throws IOException {
    String[] export = {"export", "--format", "hf", tiny.model(), strangers.toString()};
    refused(2, strangers + " holds letter.txt, which a model directory would replace;", export);
    refused(2, "holds letter.txt", "import", tiny.model(), strangers.toString());
    refused(2, "is what is read;", "export", "--format", "hf", tiny.model(), tiny.model());
    refused(1, "is a file, not a directory", "import", tiny.model(), file.toString());
    String[] onnx = {"export", "--format", "onnx", tiny.model(), strangers.toString()};
    refused(2, strangers + " is a folder; name the file to write.", onnx);
    nothingIsLost();
  }

  @Test
  void aVocabularyDoesNotReplaceItsCorpus() {
    String[] same = {"vocab", "--corpus", file.toString(), "--out", file.toString()};
    refused(2, file + " is what is read; name another file to write.", same);
    String below = file.resolve("vocab.txt").toString();
    refused(2, file + " is a file, not a folder;", "vocab", "--corpus", file + "", "--out", below);
    nothingIsLost();
  }

  @Test
  void aModelThatIsAFileOrAnEmptyFolder() throws IOException {
    refused(1, file + ": this is a file, not a model directory.", "detect", file.toString());
    Path empty = Files.createDirectories(folder.resolve("empty"));
    refused(1, empty.resolve("config.json") + ": the file is missing,", "detect", "" + empty);
    Path broken = Files.createDirectories(folder.resolve("broken"));
    Files.writeString(broken.resolve("config.json"), "{\n \"hidden_size\": 1,\n}");
    refused(1, "config.json, line 3, column 1: is not valid JSON: ", "detect", "" + broken);
  }

  private String[] finetune(String... more) {
    String[] begin = {"finetune", "--task", "topics", "--kind", "classification", "--model"};
    String[] both = new String[begin.length + 3 + more.length];
    System.arraycopy(begin, 0, both, 0, begin.length);
    System.arraycopy(
        new String[] {tiny.model(), "--out", "" + folder.resolve("out")}, 0, both, 6, 3);
    System.arraycopy(more, 0, both, 9, more.length);
    return both;
  }

  @Test
  void dataAndOptionsOfFinetuning() throws IOException {
    Path train = folder.resolve("train.tsv");
    Files.writeString(train, "text\tlabel\nwar\ta\npeace\tb\n");
    String data = "train=" + train;
    refused(2, "--data nowhere does not exist.", finetune("--data", "nowhere"));
    refused(2, file + " has neither train nor dev", finetune("--data", file.toString()));
    String[] folderAsFile = finetune("--data", "train=" + strangers);
    refused(1, strangers + ": this is a folder, not a file.", folderAsFile);
    String[] place = finetune("--data", data, "--text", "9");
    refused(1, train + ", line 1: the row has 2 columns, but at least 10", place);
    refused(2, "--batch must be positive", finetune("--data", data, "--batch", "0"));
    refused(2, "--warmup must be in [0, 1)", finetune("--data", data, "--warmup", "2"));
    refused(1, "--seq-length is 1000, but", finetune("--data", data, "--seq-length", "1000"));
    refused(1, "--freeze-layers is 99, but", finetune("--data", data, "--freeze-layers", "99"));
    assertThat(folder.resolve("out/finetune.json")).doesNotExist();
    refused(2, "are for questions.", finetune("--data", data, "--n-best", "3"));
    String[] predictions = finetune("--data", data, "--predictions", file.toString());
    refused(1, file + " is a file, not a folder;", predictions);
    nothingIsLost();
  }
}
