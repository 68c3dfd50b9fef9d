package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.io.AtomicDirectory;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.OnnxExport;
import org.electra4j.model.ModelImport;
import org.electra4j.train.RunFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    header = "Writes a model for other programs.",
    description = {
      "hf: a Hugging Face directory without what only training needs.",
      "onnx: one file for ONNX Runtime, batch and length dynamic. Inputs are input_ids,",
      "attention_mask and token_type_ids; outputs are logits, start_logits and end_logits, or",
      "last_hidden_state."
    },
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  electra export --format onnx runs/small/model detector.onnx")
final class ExportCommand extends ElectraCommand {
  /** What is written. */
  enum Format {
    HF,
    ONNX
  }

  @Option(
      names = "--format",
      paramLabel = "hf|onnx",
      required = true,
      description = "What to write.")
  Format format;

  @Option(names = "--encoder", description = "With onnx: the encoder without its head.")
  boolean encoder;

  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "Model directory, or the output folder of a complete run.")
  Path model;

  @Parameters(index = "1", paramLabel = "OUT", description = "The directory or file to write.")
  Path out;

  ExportCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws IOException {
    if (encoder && format != Format.ONNX) {
      throw wrong("--encoder is for --format onnx.");
    }
    Path ofRun = new RunFiles(model).model();
    boolean run = !Files.exists(model.resolve(HuggingFaceConfig.FILE)) && Files.isDirectory(ofRun);
    Path directory = run ? ofRun : model;
    String problem =
        format == Format.HF
            ? OutputPlace.problemOfModel(out, directory)
            : OutputPlace.problemOfFile(out, List.of());
    if (problem != null) {
      throw wrong(problem);
    }
    if (format == Format.HF) {
      requireClassInTransformers(directory);
      AtomicDirectory.write(out, target -> ModelImport.huggingFace(directory, target));
    } else if (encoder) {
      OnnxExport.writeEncoder(directory, out);
    } else {
      OnnxExport.write(directory, out);
    }
    return Electra.DONE;
  }

  private static void requireClassInTransformers(Path directory) throws IOException {
    if (HuggingFaceConfig.read(directory).architectures().contains(HuggingFaceConfig.JOINT_SPANS)) {
      throw new IOException(
          directory
              + " has the joint head for questions, which transformers has no class for; fine-tune"
              + " with --question-head independent to export it.");
    }
  }
}
