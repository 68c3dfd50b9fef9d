package org.electra4j.data;

import org.electra4j.backend.Philox;
import org.electra4j.backend.RandomStreams;

/**
 * Which part of a corpus is never trained on; the rule is stated at {@link PretrainingData}.
 *
 * <p>The draw of a document is {@code Philox.uniform(0, HELD_OUT, 0, document)}: neither the run's
 * seed nor anything else changes it.
 */
final class HeldOutSplit {
  private final TokenizedCorpus corpus;
  private final double share;
  private final long longest;
  private final long forced;
  private final long tailStart;

  HeldOutSplit(TokenizedCorpus corpus, double share) {
    this.corpus = corpus;
    this.share = share;
    this.longest = longestDocument();
    this.forced = share > 0 && corpus.documents() > 1 ? forcedDocument() : -1;
    this.tailStart = share > 0 && corpus.documents() == 1 ? tailStart() : corpus.tokens();
  }

  private static double draw(long document) {
    return Philox.uniform(0, RandomStreams.HELD_OUT, 0, document);
  }

  private long longestDocument() {
    long best = 0;
    long bestTokens = 0;
    for (long d = 0; d < corpus.documents(); d++) {
      long tokens = corpus.documentTokens(d);
      if (tokens > bestTokens) {
        best = d;
        bestTokens = tokens;
      }
    }
    return best;
  }

  /** Returns the document to hold out if none is drawn: the one with the smallest draw; else -1. */
  private long forcedDocument() {
    long best = -1;
    double smallest = Double.POSITIVE_INFINITY;
    for (long d = 0; d < corpus.documents(); d++) {
      double draw = draw(d);
      if (d != longest && draw < smallest) {
        best = d;
        smallest = draw;
      }
    }
    return smallest < share ? -1 : best;
  }

  private long tailStart() {
    long tokens = corpus.tokens();
    long wanted = (long) Math.ceil(tokens * share);
    long cut = tokens - Math.min(wanted, tokens - 1);
    long low = 0;
    long high = corpus.sentences();
    while (low < high - 1) {
      long middle = (low + high) >>> 1;
      if (corpus.sentenceStart(middle) <= cut) {
        low = middle;
      } else {
        high = middle;
      }
    }
    long sentenceStart = corpus.sentenceStart(low);
    return sentenceStart >= cut / 2 && sentenceStart > 0 ? sentenceStart : cut;
  }

  private boolean isHeldOut(long document) {
    return document == forced || (document != longest && draw(document) < share);
  }

  /** Returns where the tokens of a document that belong to one side begin. */
  long start(long document, boolean heldOut) {
    long start = corpus.sentenceStart(corpus.documentStart(document));
    return corpus.documents() == 1 && heldOut ? tailStart : start;
  }

  /** Returns where they end; equal to {@link #start} if the document is on the other side. */
  long end(long document, boolean heldOut) {
    if (corpus.documents() == 1) {
      return heldOut ? corpus.tokens() : tailStart;
    }
    return isHeldOut(document) == heldOut
        ? corpus.sentenceStart(corpus.documentStart(document + 1))
        : start(document, heldOut);
  }
}
