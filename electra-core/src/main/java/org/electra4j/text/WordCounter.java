package org.electra4j.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.electra4j.text.WordPieceTrainer.Stage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the words of normalised text, in parallel and with the same result for any thread count.
 */
final class WordCounter {
  private static final Logger LOG = LoggerFactory.getLogger(WordCounter.class);

  /** Rare words are dropped between rounds only, so that threads cannot change what is dropped. */
  private static final int BATCHES_PER_ROUND = 32;

  private final WordPieceTrainer.Builder settings;
  private final ConcurrentHashMap<String, Long> counts = new ConcurrentHashMap<>();

  WordCounter(WordPieceTrainer.Builder settings) {
    this.settings = settings;
  }

  Map<String, Long> count(TextBatches.Source source) throws IOException, InterruptedException {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            settings.threads,
            task -> {
              Thread thread = new Thread(task, "electra4j-word-counter");
              thread.setDaemon(true);
              return thread;
            });
    try {
      settings.progress.update(Stage.COUNTING, 0, source.total());
      while (countRound(source, pool)) {
        dropRareWords();
        settings.progress.update(Stage.COUNTING, source.done(), source.total());
      }
    } finally {
      pool.shutdownNow();
    }
    return counts;
  }

  /** Counts some batches and returns whether there may be more. */
  private boolean countRound(TextBatches.Source source, ExecutorService pool)
      throws IOException, InterruptedException {
    List<Callable<Void>> tasks = new ArrayList<>();
    while (tasks.size() < BATCHES_PER_ROUND) {
      List<String> batch = TextBatches.next(source);
      if (batch.isEmpty()) {
        break;
      }
      tasks.add(
          () -> {
            countBatch(batch);
            return null;
          });
    }
    for (Future<Void> result : pool.invokeAll(tasks)) {
      try {
        result.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("Counting words failed: " + e.getCause(), e.getCause());
      }
    }
    return !tasks.isEmpty();
  }

  /** Normalises each distinct run between blanks once: texts repeat themselves. */
  private void countBatch(List<String> texts) {
    Map<String, int[]> runs = new HashMap<>();
    for (String text : texts) {
      for (int start = 0, end; start < text.length(); start = end + 1) {
        end = start;
        while (end < text.length() && !isSpace(text.charAt(end))) {
          end++;
        }
        if (end > start) {
          runs.computeIfAbsent(text.substring(start, end), run -> new int[1])[0]++;
        }
      }
    }
    NormalizedText normalized = new NormalizedText(settings.options);
    Map<String, Long> words = new HashMap<>();
    runs.forEach((run, count) -> addWords(normalized, run, count[0], words));
    words.forEach((word, count) -> counts.merge(word, count, Long::sum));
  }

  private void addWords(
      NormalizedText normalized, String run, long count, Map<String, Long> words) {
    normalized.normalize(run.toCharArray(), 0, run.length());
    for (int from = 0, to; from < normalized.size(); from = to) {
      to = normalized.wordEnd(from);
      if (!normalized.isSpace(from) && to - from <= settings.options.maxInputCharsPerWord()) {
        words.merge(normalized.substring(from, to), count, Long::sum);
      }
    }
  }

  private void dropRareWords() {
    for (long rarest = 1; counts.size() > settings.maxDistinctWords; rarest++) {
      long threshold = rarest;
      int before = counts.size();
      counts.values().removeIf(count -> count <= threshold);
      LOG.warn(
          "Dropped {} words seen {} times or less: more than maxDistinctWords = {} distinct words",
          before - counts.size(),
          threshold,
          settings.maxDistinctWords);
    }
  }

  private static boolean isSpace(char c) {
    return (CharacterTables.flags(c) & CharacterTables.SPACE) != 0;
  }
}
