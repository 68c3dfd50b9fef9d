package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.electra4j.Device;
import org.electra4j.ElectraConfig;
import org.electra4j.Precision;
import org.electra4j.PretrainingConfig;

/** A run that is small enough for plain loops: text of a toy language and a network of 16. */
public final class PretrainingRun {
  private static final String[] SUBJECTS = {"cat", "dog", "bird", "child", "king", "queen"};
  private static final String[] VERBS = {"sees", "likes", "hears", "finds", "follows"};
  private static final String[] OBJECTS = {"house", "tree", "river", "road", "garden", "hill"};

  private PretrainingRun() {}

  /**
   * Writes a vocabulary and a text of this many documents into a folder; returns a builder of a
   * run.
   */
  public static PretrainingConfig.Builder in(Path folder, int documents) throws IOException {
    List<String> vocabulary =
        new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    Stream.of(SUBJECTS, VERBS, OBJECTS, new String[] {"the", "a", "and", "then", ".", "##s"})
        .flatMap(Stream::of)
        .forEach(vocabulary::add);
    Path vocabularyFile = once(folder.resolve("vocab.txt"), vocabulary);
    Path text = once(folder.resolve("text.txt"), documents(documents));
    ElectraConfig model =
        new ElectraConfig(vocabulary.size(), 8, 16, 2, 2, 32, 0.1f, 0.1f, 40, 2, 0.02f, 1e-12f, 0);
    return PretrainingConfig.tiny()
        .corpus(text)
        .vocabulary(vocabularyFile)
        .output(folder.resolve("run"))
        .model(model)
        .generatorSize(0.5)
        .generatorLayers(1.0)
        .steps(8)
        .batchSize(4)
        .seqLength(24)
        .warmupSteps(2)
        .heldOutShare(0.1)
        .saveEvery(3)
        .evalEvery(4)
        .logEvery(2)
        .device(Device.REFERENCE)
        .precision(Precision.FP32)
        .threads(1);
  }

  /** A prepared corpus belongs to files of the same age. */
  private static Path once(Path file, List<String> lines) throws IOException {
    return Files.exists(file) ? file : Files.write(file, lines);
  }

  private static List<String> documents(int count) {
    Random random = new Random(5);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < 6; j++) {
        int s = random.nextInt(SUBJECTS.length);
        lines.add(
            "The "
                + SUBJECTS[s]
                + " "
                + VERBS[s % VERBS.length]
                + " the "
                + OBJECTS[(s + j) % OBJECTS.length]
                + " and then a "
                + SUBJECTS[(s + 1) % 6]
                + ".");
      }
      lines.add("");
    }
    return lines;
  }

  /** Returns a digest of every file of a model directory that resuming must reproduce. */
  public static TreeMap<String, String> reproducible(Path model) throws IOException {
    TreeMap<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(model)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        if (!path.endsWith("provenance.json")) {
          byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
          files.put(model.relativize(path).toString(), HexFormat.of().formatHex(digest));
        }
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    return files;
  }

  /** Asserts that two model directories have the same files with the same bytes. */
  public static void assertSameBytes(Path actual, Path expected) throws IOException {
    assertThat(reproducible(actual)).isEqualTo(reproducible(expected)).isNotEmpty();
  }
}
