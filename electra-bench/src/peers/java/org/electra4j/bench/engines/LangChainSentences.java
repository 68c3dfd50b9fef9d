package org.electra4j.bench.engines;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** LangChain4j's in-process model over ONNX Runtime: a text a call, texts in parallel. */
final class LangChainSentences implements SentenceEngine {
  private final ExecutorService executor;
  private final EmbeddingModel model;

  LangChainSentences(boolean quantized, int threads) {
    executor = Executors.newFixedThreadPool(threads);
    model =
        quantized
            ? new AllMiniLmL6V2QuantizedEmbeddingModel(executor)
            : new AllMiniLmL6V2EmbeddingModel(executor);
  }

  @Override
  public float[][] embed(List<String> texts) {
    return model.embedAll(texts.stream().map(TextSegment::from).toList()).content().stream()
        .map(embedding -> embedding.vector())
        .toArray(float[][]::new);
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
