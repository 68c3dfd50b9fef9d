package org.electra4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.ElectraConfig;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.PretrainingConfig;
import org.electra4j.Tying;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.model.ElectraCheckpoint;
import org.electra4j.model.PretrainingNetworks;
import org.electra4j.nn.ParameterStore;

/**
 * One encoder with random weights in every format that the engines read: a Hugging Face directory,
 * which we write, and ONNX, ONNX in int8 and TorchScript, which {@code export_encoder.py} makes of
 * it. Kept under {@code electra-bench/target/models}.
 */
public final class EncoderModels {
  /** The encoder for ONNX Runtime. */
  public static final String ONNX = "encoder.onnx";

  /** The same with int8 weights, quantised dynamically. */
  public static final String ONNX_INT8 = "encoder-int8.onnx";

  /** The encoder for PyTorch. */
  public static final String TORCH_SCRIPT = "encoder.pt";

  private static final String EXPORT = "export_encoder.py";
  private static final List<String> NEEDED =
      List.of("torch", "transformers", "onnx", "onnxruntime");

  private EncoderModels() {}

  /** Returns the directory of a preset's encoder, written on first use. */
  public static Path directory(String preset) throws IOException {
    Path directory = Workspace.target().resolve("models").resolve(preset);
    if (!Files.exists(directory.resolve("vocab.txt"))) {
      write(preset, directory);
      Files.copy(
          Workspace.vocabulary(),
          directory.resolve("vocab.txt"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    return directory;
  }

  private static void write(String preset, Path directory) throws IOException {
    ElectraConfig model =
        PretrainingConfig.preset(preset)
            .corpus(Path.of("none"))
            .vocabulary(Path.of("none"))
            .output(Path.of("none"))
            .build()
            .model();
    try (Backend backend = Backends.create(Device.CPU, Precision.FP32);
        ParameterStore store = new ParameterStore(backend)) {
      PretrainingNetworks networks =
          new PretrainingNetworks(store, Objective.MLM, Tying.EMBEDDINGS, model, null);
      store.allocate(false);
      store.initialize(1);
      ElectraCheckpoint.save(networks, store, directory);
    }
  }

  /**
   * Returns the file of an encoder in another format, made on first use.
   *
   * @throws IOException when there is no Python with the packages that make it, saying which
   */
  public static Path file(String preset, String name) throws IOException {
    Path file = directory(preset).resolve(name);
    if (!Files.exists(file)) {
      Python.find(NEEDED).run(Workspace.script(EXPORT), List.of(directory(preset).toString()));
    }
    return file;
  }
}
