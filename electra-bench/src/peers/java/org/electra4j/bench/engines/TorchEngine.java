package org.electra4j.bench.engines;

import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.Batchifier;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** PyTorch in the JVM: a traced module in DJL. */
final class TorchEngine implements EncoderEngine {
  private final ZooModel<int[][], float[][]> model;
  private final Predictor<int[][], float[][]> predictor;

  TorchEngine(Path file, int threads) throws IOException {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    try {
      model =
          Criteria.builder()
              .setTypes(int[][].class, float[][].class)
              .optModelPath(file)
              .optEngine("PyTorch")
              .optTranslator(new PoolingTranslator())
              .build()
              .loadModel();
    } catch (ModelNotFoundException | MalformedModelException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    predictor = model.newPredictor();
  }

  @Override
  public float[][] embed(int[][] ids) {
    try {
      return predictor.predict(ids);
    } catch (TranslateException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    predictor.close();
    model.close();
  }

  private static final class PoolingTranslator implements NoBatchifyTranslator<int[][], float[][]> {
    private int sequences;
    private int length;

    @Override
    public NDList processInput(TranslatorContext context, int[][] ids) {
      sequences = ids.length;
      length = ids[0].length;
      NDManager manager = context.getNDManager();
      long[] flat = Arrays.stream(ids).flatMapToInt(Arrays::stream).asLongStream().toArray();
      long[] mask = new long[flat.length];
      Arrays.fill(mask, 1);
      Shape shape = new Shape(sequences, length);
      NDArray input = manager.create(flat, shape);
      return new NDList(input, manager.create(mask, shape));
    }

    @Override
    public float[][] processOutput(TranslatorContext context, NDList list) {
      return MeanPooling.apply(list.get(0).toByteBuffer().asFloatBuffer(), sequences, length);
    }

    @Override
    public Batchifier getBatchifier() {
      return null;
    }
  }
}
