package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private CommandLineRun pretrain(String... more) throws IOException {
    TinyRun tiny = TinyRun.get();
    return CommandLineRun.of(
        TinyRun.pretrain(tiny.corpus(), tiny.vocabulary(), folder.resolve("run"), more));
  }

  @Test
  void pretrainWritesWhatItPromises() throws IOException {
    CommandLineRun run = pretrain("--tensorboard", folder.resolve("events").toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("done: 2 steps", "model: ", "curves: ");
    Path output = folder.resolve("run");
    JsonNode first = JSON.readTree(Files.readAllLines(output.resolve("metrics.jsonl")).get(0));
    assertThat(first.get("step").asInt()).isEqualTo(1);
    assertThat(List.copyOf(first.properties()).stream().map(e -> e.getKey()))
        .contains("loss", "generator_loss", "discriminator_loss", "masked_lm_accuracy", "disc_auc")
        .contains("disc_precision", "disc_recall", "disc_balanced_accuracy", "learning_rate")
        .contains("grad_norm", "tokens_per_second");
    JsonNode result = JSON.readTree(output.resolve("result.json").toFile());
    assertThat(result.properties().stream().map(e -> e.getKey()))
        .contains("steps", "tokens", "seconds", "tokens_per_second", "peak_rss_bytes", "device")
        .contains("precision", "threads", "seed", "model");
    assertThat(output.resolve("curves.svg")).content().contains("<svg");
    assertThat(output.resolve("model/model.safetensors")).exists();
    assertThat(folder.resolve("events")).isNotEmptyDirectory();
  }

  @Test
  void profileSaysWhereTheTimeGoes() throws IOException {
    CommandLineRun run = pretrain("--profile");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).containsPattern("(?m)^kernel +calls/step +ms/step +share +GFLOP/s");
    assertThat(run.err()).containsPattern("(?m)^gemmForward +\\d+\\.\\d ");
    assertThat(run.err()).containsPattern("(?m)^outside kernels +\\d");
  }

  @Test
  void optionsReachTheConfiguration() throws IOException {
    CommandLineRun run =
        pretrain(
            "--objective",
            "replace-mlm",
            "--mask-prob",
            "0.2",
            "--temperature",
            "0.9",
            "--seed",
            "7",
            "--generator-size",
            "1",
            "--published-quirks",
            "--save-every",
            "1",
            "--threads",
            "1",
            "--no-strip-accents",
            "--weight-decay",
            "0.1",
            "--tying",
            "none");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode config = JSON.readTree(folder.resolve("run/run.json").toFile());
    assertThat(config.get("objective").asText()).isEqualTo("REPLACE_MLM");
    assertThat(config.get("tying").asText()).isEqualTo("NONE");
    assertThat(config.get("maskProb").asDouble()).isEqualTo(0.2);
    assertThat(config.get("temperature").asDouble()).isEqualTo(0.9);
    assertThat(config.get("seed").asLong()).isEqualTo(7);
    assertThat(config.get("weightDecay").asDouble()).isEqualTo(0.1);
    assertThat(config.get("dropOverflow").asBoolean()).isTrue();
    assertThat(config.get("trimToMaxLengthOnly").asBoolean()).isTrue();
    assertThat(config.get("stripAccents").asBoolean(true)).isFalse();
    assertThat(config.get("threads").asInt()).isEqualTo(1);
    assertThat(config.get("warmupSteps").asInt()).isEqualTo(1);
    assertThat(folder.resolve("run/checkpoint-1")).isDirectory();
  }

  @Test
  void shapeOptionsReachTheModel() throws IOException {
    CommandLineRun run =
        pretrain(
            "--hidden-size",
            "64",
            "--num-hidden-layers",
            "2",
            "--generator-layers",
            "0.5",
            "--embedding-size",
            "32",
            "--hidden-dropout-prob",
            "0.2");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode config = JSON.readTree(folder.resolve("run/model/config.json").toFile());
    assertThat(config.get("hidden_size").asInt()).isEqualTo(64);
    assertThat(config.get("num_attention_heads").asInt()).isEqualTo(1);
    assertThat(config.get("intermediate_size").asInt()).isEqualTo(256);
    assertThat(config.get("num_hidden_layers").asInt()).isEqualTo(2);
    assertThat(config.get("embedding_size").asInt()).isEqualTo(32);
    assertThat(config.get("hidden_dropout_prob").asDouble()).isEqualTo(0.2, within(1e-6));
    CommandLineRun wrong = pretrain("--hidden-size", "100", "--num-attention-heads", "3");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("--hidden-size must be a multiple of --num-attention-heads");
    CommandLineRun both = pretrain("--from", "model", "--hidden-size", "64");
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("--from brings the model's shape");
  }

  @Test
  void aSecondRunInTheFolderIsRefusedAndResumeFindsItDone() throws IOException {
    assertThat(pretrain().code()).isZero();
    CommandLineRun second = pretrain();
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).contains("holds a run already");
    CommandLineRun resumed =
        CommandLineRun.of("resume", folder.resolve("run").toString(), "--threads", "1");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("done: 2 steps");
  }

  @Test
  void startsFromAModel() throws IOException {
    TinyRun tiny = TinyRun.get();
    CommandLineRun run =
        CommandLineRun.of(
            "pretrain",
            "--corpus",
            "" + tiny.corpus(),
            "--from",
            tiny.model(),
            "--out",
            folder.resolve("run").toString(),
            "--steps",
            "1",
            "--batch",
            "2",
            "--seq-length",
            "32");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(folder.resolve("run/model/vocab.txt")).hasSameTextualContentAs(tiny.vocabulary());
  }

  @ParameterizedTest
  @CsvSource({
    "--preset, huge, 'tiny, small, base or large'",
    "--objective, gpt, 'electra, mlm, replace-mlm, all-tokens-mlm or electra-15'",
    "--device, tpu, 'auto, cpu, cuda'",
    "--precision, fp8, 'auto, fp32 or bf16'",
    "--tying, some, 'embeddings, none or all'",
    "--batch, 0, '--batch must be positive'",
    "--steps, many, many",
    "--seq-length, 4, '--seq-length must be at least 8'",
    "--seq-length, 4096, '--seq-length is 4096'",
    "--learning-rate, 2, '--learning-rate must be in (0, 1)'",
    "--mask-prob, 1.5, '--mask-prob must be in (0, 1)'",
    "--held-out, 1, '--held-out must be in [0, 1)'",
    "--threads, 0, '--threads must be positive'",
    "--save-every, -1, '--save-every must be zero or positive'",
    "--train-vocab, 100, '--train-vocab'",
  })
  void wrongOptionsAreNamed(String option, String value, String said) throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
            "pretrain",
            "--corpus",
            "c",
            "--vocab",
            "v",
            "--out",
            "" + folder.resolve("o"),
            option,
            value);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(option, said).doesNotContain("\tat ");
    assertThat(folder.resolve("o")).doesNotExist();
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    TinyRun tiny = TinyRun.get();
    Path out = folder.resolve("o");
    CommandLineRun corpus =
        CommandLineRun.of(TinyRun.pretrain(Path.of("no-corpus"), tiny.vocabulary(), out));
    assertThat(corpus.code()).isEqualTo(1);
    assertThat(corpus.err()).contains("no-corpus").doesNotContain("\tat ");
    CommandLineRun vocab =
        CommandLineRun.of(TinyRun.pretrain(tiny.corpus(), Path.of("no-vocab"), out));
    assertThat(vocab.code()).isEqualTo(1);
    assertThat(vocab.err()).contains("no-vocab");
    CommandLineRun neither =
        CommandLineRun.of("pretrain", "--corpus", "" + tiny.corpus(), "--out", "" + out);
    assertThat(neither.code()).isEqualTo(2);
    assertThat(neither.err()).contains("--vocab", "--train-vocab");
    CommandLineRun resume = CommandLineRun.of("resume", folder.resolve("none").toString());
    assertThat(resume.code()).isEqualTo(1);
    assertThat(resume.err()).contains("none", "no run");
    assertThat(CommandLineRun.of("resume").code()).isEqualTo(2);
  }

  @Test
  void aNamedDeviceThatIsMissingIsAnError() throws IOException {
    CommandLineRun run = pretrain("--device", "cuda:77");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("cuda:77");
  }
}
