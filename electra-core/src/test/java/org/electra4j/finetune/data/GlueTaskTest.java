package org.electra4j.finetune.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.electra4j.io.FileFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The official layouts of GLUE's files. */
class GlueTaskTest {
  @TempDir Path folder;

  @Test
  void colaHasNoHeaderButItsTestFileHas() throws IOException {
    Fixtures.write(
        folder, "train.tsv", "gj04\t1\t\tThe \"chef\" ate.\ncj99\t0\t*\tThe chef \"ate.\n");
    Fixtures.write(folder, "dev.tsv", "gj04\t1\t\tIt rained.\n");
    Fixtures.write(folder, "test.tsv", "index\tsentence\n0\tIt snowed.\n1\tSnowed it.\n");
    TaskData<TextExample> data = GlueTask.COLA.task().read(folder);
    assertThat(data.labels()).containsExactly("0", "1");
    assertThat(data.train())
        .containsExactly(
            new ClassExample("0", "The \"chef\" ate.", null, 1),
            new ClassExample("1", "The chef \"ate.", null, 0));
    assertThat(data.test())
        .containsExactly(
            new ClassExample("0", "It snowed.", null, ClassExample.UNLABELLED),
            new ClassExample("1", "Snowed it.", null, ClassExample.UNLABELLED));
    assertThat(data.skipped()).isEmpty();
  }

  @Test
  void sst2() throws IOException {
    Fixtures.write(folder, "train.tsv", "sentence\tlabel\nhide new secretions \t0\na joy\t1\n");
    Fixtures.write(folder, "test.tsv", "index\tsentence\n0\tuneasy mishmash\n");
    TaskData<TextExample> data = GlueTask.SST2.task().read(folder);
    assertThat(data.train())
        .containsExactly(
            new ClassExample("0", "hide new secretions ", null, 0),
            new ClassExample("1", "a joy", null, 1));
    assertThat(data.test().get(0).labelled()).isFalse();
    assertThat(data.dev()).isEmpty();
  }

  @Test
  void mrpcFromGlueAndFromMicrosoft() throws IOException {
    String header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String";
    Fixtures.write(folder, "msr_paraphrase_train.txt", "\uFEFF" + header + "\r\n1\t7\t8\tA\tB\r\n");
    Fixtures.write(folder, "msr_paraphrase_test.txt", header + "\r\n0\t1\t2\tC\tD\r\n");
    TaskData<TextExample> data = GlueTask.MRPC.task().read(folder);
    assertThat(data.train()).containsExactly(new ClassExample("0", "A", "B", 1));
    assertThat(data.test()).containsExactly(new ClassExample("0", "C", "D", 0));

    Fixtures.write(folder, "train.tsv", header + "\n0\t7\t8\tE\tF\n");
    Fixtures.write(
        folder, "test-labelled.tsv", header.replace("Quality", "index") + "\n5\t1\t2\tC\tD\n");
    data = GlueTask.MRPC.task().read(folder);
    assertThat(data.train()).containsExactly(new ClassExample("0", "E", "F", 0));
    assertThat(data.test()).containsExactly(new ClassExample("5", "C", "D", -1));
    assertThat(GlueTask.MRPC.task().symmetric()).isTrue();
  }

  @Test
  void mrpcTakesTheOfficialDevIdsOutOfMicrosoftsFile() throws IOException {
    String header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String";
    String rows = "\n1\t7\t8\tA\tB\n0\t8\t7\tC\tD\n1\t9\t7\tE\tF\n";
    Fixtures.write(folder, "msr_paraphrase_train.txt", header + rows);
    Fixtures.write(folder, "dev_ids.tsv", "8\t7\n");
    TaskData<TextExample> data = GlueTask.MRPC.task().read(folder);
    assertThat(data.train())
        .containsExactly(new ClassExample("0", "A", "B", 1), new ClassExample("2", "E", "F", 1));
    assertThat(data.dev()).containsExactly(new ClassExample("1", "C", "D", 0));

    Fixtures.write(folder, "dev_ids.tsv", "#1 ID\t#2 ID\n8\t7\n1\t2\n");
    assertThatThrownBy(() -> GlueTask.MRPC.task().read(folder))
        .hasMessageContaining("dev_ids.tsv")
        .hasMessageContaining("lists rows that")
        .hasMessageContaining("1 in all: 1 and 2 for instance.");
    Fixtures.write(folder, "dev_ids.tsv", "8\t7\n8\n");
    assertThatThrownBy(() -> GlueTask.MRPC.task().read(folder))
        .hasMessageContaining("dev_ids.tsv, line 2: must have 2 ids with a tab between.");

    Fixtures.write(folder, "dev.tsv", header + "\n0\t1\t1\tG\tH\n");
    data = GlueTask.MRPC.task().read(folder);
    assertThat(data.dev()).containsExactly(new ClassExample("0", "G", "H", 0));
    assertThat(data.train()).hasSize(3);
  }

  @Test
  void stsbHasNumbers() throws IOException {
    String header =
        "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2";
    Fixtures.write(
        folder, "train.tsv", header + "\tscore\n3\tg\tf\t2012\t1\ta\tb\tOne\tTwo\t3.800\n");
    Fixtures.write(folder, "test.tsv", header + "\n9\tg\tf\t2012\t1\ta\tb\tOne\tTwo\n");
    TaskData<TextExample> data = GlueTask.STSB.task().read(folder);
    assertThat(data.labels()).isEmpty();
    assertThat(data.train()).containsExactly(new NumberExample("3", "One", "Two", 3.8));
    assertThat(data.test().get(0).labelled()).isFalse();
    assertThat(GlueTask.STSB.task().metrics()).containsExactly("pearson", "spearman");
  }

  @Test
  void qqpCountsTheRowsThatAreCutShort() throws IOException {
    Fixtures.write(
        folder,
        "train.tsv",
        "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
            + "10\t1\t2\tWhy?\tHow come?\t1\n"
            + "11\t3\t4\tWhat\n"
            + "is this?\n"
            + "12\t5\t6\tWhen?\tWhere?\t0\n");
    TaskData<TextExample> data = GlueTask.QQP.task().read(folder);
    assertThat(data.train())
        .containsExactly(
            new ClassExample("10", "Why?", "How come?", 1),
            new ClassExample("12", "When?", "Where?", 0));
    assertThat(data.skipped())
        .containsExactly(
            new SkippedRows(folder.resolve("train.tsv"), "the row is malformed", 2, 3));
  }

  @Test
  void mnliHasTwoDevSplitsAndTheDiagnosticSet() throws IOException {
    String columns =
        "index\tpromptID\tpairID\tgenre\tp1\tp2\tp3\tp4\tsentence1\tsentence2\tlabel1\tgold_label\n";
    String row = "%d\t1\t1\tfiction\t\t\t\t\t%s\t%s\tx\t%s\n";
    Fixtures.write(
        folder,
        "train.tsv",
        columns
            + row.formatted(0, "A", "B", "neutral")
            + row.formatted(1, "C", "D", "-")
            + row.formatted(2, "E", "F", "contradiction"));
    Fixtures.write(folder, "dev_matched.tsv", columns + row.formatted(0, "G", "H", "entailment"));
    Fixtures.write(
        folder, "dev_mismatched.tsv", columns + row.formatted(0, "I", "J", "entailment"));
    Fixtures.write(folder, "diagnostic.tsv", "index\tsentence1\tsentence2\n0\tK\tL\n");
    TaskData<TextExample> data = GlueTask.MNLI.task().read(folder);
    assertThat(data.labels()).containsExactly("contradiction", "entailment", "neutral");
    assertThat(data.train())
        .containsExactly(new ClassExample("0", "A", "B", 2), new ClassExample("2", "E", "F", 0));
    assertThat(data.skipped())
        .containsExactly(
            new SkippedRows(folder.resolve("train.tsv"), "the row has no label", 1, 3));
    assertThat(data.dev()).containsExactly(new ClassExample("0", "G", "H", 1));
    assertThat(data.split(GlueTask.DEV_MISMATCHED))
        .containsExactly(new ClassExample("0", "I", "J", 1));
    assertThat(data.split(GlueTask.DIAGNOSTIC))
        .containsExactly(new ClassExample("0", "K", "L", -1));

    TaskData<TextExample> diagnostic = GlueTask.AX.task().read(folder);
    assertThat(diagnostic.train()).hasSize(2);
    assertThat(diagnostic.test()).containsExactly(new ClassExample("0", "K", "L", -1));
  }

  @Test
  void fullDiagnosticSetHasLabels() throws IOException {
    Fixtures.write(
        folder, "diagnostic-full.tsv", "Domain\tPremise\tHypothesis\tLabel\nNews\tA\tB\tneutral\n");
    assertThat(GlueTask.AX.task().read(folder).test())
        .containsExactly(new ClassExample("0", "A", "B", 2));
  }

  @Test
  void inferenceTasksOfTwoClasses() throws IOException {
    Fixtures.write(folder, "train.tsv", "index\tquestion\tsentence\tlabel\n0\tQ\tS\tentailment\n");
    assertThat(GlueTask.QNLI.task().read(folder).train())
        .containsExactly(new ClassExample("0", "Q", "S", 0));
    Fixtures.write(
        folder, "train.tsv", "index\tsentence1\tsentence2\tlabel\n0\tA\tB\tnot_entailment\n");
    assertThat(GlueTask.RTE.task().read(folder).train())
        .containsExactly(new ClassExample("0", "A", "B", 1));
    Fixtures.write(folder, "train.tsv", "index\tsentence1\tsentence2\tlabel\n0\tA\tB\t1\n");
    assertThat(GlueTask.WNLI.task().read(folder).train())
        .containsExactly(new ClassExample("0", "A", "B", 1));
  }

  @Test
  void wrongLabelNamesFileLineAndWhatWouldBeRight() throws IOException {
    Path file =
        Fixtures.write(
            folder, "train.tsv", "index\tsentence1\tsentence2\tlabel\n0\tA\tB\tentails\n");
    assertThatThrownBy(() -> GlueTask.RTE.task().read(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(file + ", line 2: label 'entails' is none of entailment, not_entailment.");
  }

  @Test
  void folderWithoutTheFilesSaysWhichItWants() {
    assertThatThrownBy(() -> GlueTask.SST2.task().read(folder))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            folder
                + " has no file of this task; expected are train.tsv (train), dev.tsv (dev),"
                + " test.tsv (test).");
  }

  @Test
  void everyTaskIsFoundByItsNames() {
    for (GlueTask glue : GlueTask.values()) {
      assertThat(Tasks.byName(glue.officialName()).name()).isEqualTo(glue.taskName());
      assertThat(Tasks.byName(glue.taskName()).name()).isEqualTo(glue.taskName());
    }
    assertThat(Map.of("chunk", "conll2000", "squad", "squad2", "ner", "CoNLL2003"))
        .allSatisfy((name, alias) -> assertThat(Tasks.byName(alias).name()).isEqualTo(name));
    assertThat(Tasks.names()).doesNotHaveDuplicates().hasSize(19).contains("mnli", "triviaqa");
    assertThatThrownBy(() -> Tasks.byName("glue"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("There is no task 'glue'; the tasks are cola, sst2,");
  }

  @Test
  void predictionsAreWrittenAsTheServerTakesThem() throws IOException {
    List<TextExample> examples =
        List.of(new ClassExample("0", "a", "b", -1), new ClassExample("1", "c", "d", -1));
    List<String> labels = List.of("contradiction", "entailment", "neutral");
    Path file =
        GluePredictions.write(
            folder.resolve("out"),
            GlueTask.MNLI,
            "test_mismatched",
            examples,
            labels,
            new int[] {2, 1});
    assertThat(file)
        .hasFileName("MNLI-mm.tsv")
        .hasContent("index\tprediction\n0\tneutral\n1\tentailment\n");
    assertThat(GluePredictions.writeScores(folder, examples, new double[] {5.2, 3.14159}))
        .hasFileName("STS-B.tsv")
        .hasContent("index\tprediction\n0\t5.000\n1\t3.142\n");
    assertThat(GlueTask.MNLI.predictionFile("test")).isEqualTo("MNLI-m.tsv");
    assertThat(GlueTask.MNLI.predictionFile("diagnostic")).isEqualTo("AX.tsv");
    assertThat(GlueTask.SST2.predictionFile("test")).isEqualTo("SST-2.tsv");
    assertThatThrownBy(
            () -> GluePredictions.write(folder, GlueTask.RTE, "test", examples, labels, new int[1]))
        .hasMessage("2 examples but 1 predictions");
  }
}
