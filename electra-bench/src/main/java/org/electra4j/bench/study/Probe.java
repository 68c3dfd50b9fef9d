package org.electra4j.bench.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.text.Encoding;
import org.electra4j.text.WordPieceTokenizer;
import org.electra4j.train.BinaryMetrics;

/**
 * Judges a frozen encoder by logistic regression on its last layer. The features of a text are the
 * mean over its tokens, those of a word are its first token's. What is longer than the sequences
 * that the encoder was trained on is cut into windows of that length, because later positions were
 * never trained.
 */
final class Probe {
  private final ElectraEncoder encoder;
  private final WordPieceTokenizer tokenizer;
  private final int seqLength;

  /**
   * @param seqLength longest sequence of the encoder's training, special tokens included
   */
  Probe(ElectraEncoder encoder, WordPieceTokenizer tokenizer, int seqLength) {
    this.encoder = encoder;
    this.tokenizer = tokenizer;
    this.seqLength = seqLength;
  }

  /** Returns the metric of the task on its test examples, times 100. */
  double score(ProbeTask task) {
    List<String> classes = task.classes();
    int[] trainLabels = labels(task.train(), classes);
    LogisticRegression regression =
        LogisticRegression.fit(features(task, task.train()), trainLabels, classes.size());
    float[][] rows = features(task, task.test());
    int[] labels = labels(task.test(), classes);
    return 100
        * switch (task.metric()) {
          case ACCURACY -> accuracy(regression, rows, labels);
          case MATTHEWS -> matthews(regression, rows, labels);
          case AUC -> auc(regression, rows, labels);
        };
  }

  private static int[] labels(List<ProbeTask.Example> examples, List<String> classes) {
    return examples.stream()
        .flatMap(example -> example.labels().stream())
        .mapToInt(classes::indexOf)
        .toArray();
  }

  private float[][] features(ProbeTask task, List<ProbeTask.Example> examples) {
    List<float[]> rows = new ArrayList<>();
    for (ProbeTask.Example example : examples) {
      if (task.perWord()) {
        rows.addAll(words(example.parts()));
      } else {
        rows.add(mean(hiddenStates(tokenizer.encode(example.parts().get(0)).ids())));
      }
    }
    return rows.toArray(float[][]::new);
  }

  private List<float[]> words(List<String> words) {
    List<int[]> pieces = new ArrayList<>();
    int total = 0;
    for (String word : words) {
      Encoding encoding = tokenizer.encode(word);
      // A word of control characters alone has no token.
      int[] ids = encoding.ids().length == 0 ? new int[] {unknown()} : encoding.ids();
      pieces.add(ids);
      total += ids.length;
    }
    int[] ids = new int[total];
    int[] firsts = new int[words.size()];
    int at = 0;
    for (int i = 0; i < firsts.length; i++) {
      firsts[i] = at;
      System.arraycopy(pieces.get(i), 0, ids, at, pieces.get(i).length);
      at += pieces.get(i).length;
    }
    float[][] hidden = hiddenStates(ids);
    return Arrays.stream(firsts).mapToObj(first -> hidden[first]).toList();
  }

  private int unknown() {
    return tokenizer.vocabulary().unkId();
  }

  /** Returns the last layer's output for each token, special tokens left out. */
  private float[][] hiddenStates(int[] ids) {
    int window = seqLength - 2;
    float[][] hidden = new float[ids.length][];
    for (int begin = 0; begin < ids.length; begin += window) {
      int count = Math.min(window, ids.length - begin);
      int[] input = new int[count + 2];
      input[0] = tokenizer.vocabulary().clsId();
      System.arraycopy(ids, begin, input, 1, count);
      input[count + 1] = tokenizer.vocabulary().sepId();
      System.arraycopy(encoder.hiddenStates(input), 1, hidden, begin, count);
    }
    return hidden;
  }

  private float[] mean(float[][] rows) {
    double[] sum = new double[encoder.hiddenSize()];
    for (float[] row : rows) {
      for (int j = 0; j < sum.length; j++) {
        sum[j] += row[j];
      }
    }
    float[] mean = new float[sum.length];
    for (int j = 0; j < mean.length; j++) {
      mean[j] = (float) (sum[j] / Math.max(1, rows.length));
    }
    return mean;
  }

  private static double accuracy(LogisticRegression regression, float[][] rows, int[] labels) {
    int right = 0;
    for (int i = 0; i < rows.length; i++) {
      right += regression.predict(rows[i]) == labels[i] ? 1 : 0;
    }
    return (double) right / rows.length;
  }

  private static double matthews(LogisticRegression regression, float[][] rows, int[] labels) {
    double[][] counts = new double[2][2];
    for (int i = 0; i < rows.length; i++) {
      counts[labels[i]][regression.predict(rows[i])]++;
    }
    double negatives = counts[0][0] + counts[0][1];
    double positives = counts[1][0] + counts[1][1];
    double rejected = counts[0][0] + counts[1][0];
    double accepted = counts[0][1] + counts[1][1];
    double norm = Math.sqrt(negatives * positives * rejected * accepted);
    double covariance = counts[0][0] * counts[1][1] - counts[0][1] * counts[1][0];
    return norm == 0 ? 0 : covariance / norm;
  }

  /** The first class in alphabetical order, ERR, is the positive one. */
  private static double auc(LogisticRegression regression, float[][] rows, int[] labels) {
    float[] scores = new float[rows.length];
    int[] positive = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      double[] logits = regression.logits(rows[i]);
      scores[i] = (float) (logits[0] - logits[1]);
      positive[i] = labels[i] == 0 ? 1 : 0;
    }
    return BinaryMetrics.of(scores, positive).auc();
  }
}
