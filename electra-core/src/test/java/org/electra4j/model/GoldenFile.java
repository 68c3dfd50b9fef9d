package org.electra4j.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.ElectraConfig;

/** One file of {@code golden/}, made by {@code src/test/python/golden_pretraining.py}. */
public final class GoldenFile {
  private final JsonNode header;
  private final JsonNode golden;
  private final ByteBuffer data;

  public GoldenFile(String name) {
    try (InputStream in =
        GoldenFile.class.getResourceAsStream("/golden/" + name + ".safetensors")) {
      ByteBuffer all = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      int length = Math.toIntExact(all.getLong());
      byte[] json = new byte[length];
      all.get(json);
      ObjectMapper mapper = new ObjectMapper();
      header = mapper.readTree(new String(json, StandardCharsets.UTF_8));
      golden = mapper.readTree(header.get("__metadata__").get("golden").asText());
      data = all.slice().order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the names of all initial parameters, as the file has them. */
  public List<String> parameters() {
    List<String> names = new ArrayList<>();
    header
        .fieldNames()
        .forEachRemaining(
            n -> {
              if (n.startsWith("discriminator.") || n.startsWith("generator.")) {
                names.add(n);
              }
            });
    return names;
  }

  public float[] floats(String name) {
    JsonNode entry = header.get(name);
    boolean wide = entry.get("dtype").asText().equals("F64");
    int begin = entry.get("data_offsets").get(0).asInt();
    int end = entry.get("data_offsets").get(1).asInt();
    float[] values = new float[(end - begin) / (wide ? 8 : 4)];
    for (int i = 0; i < values.length; i++) {
      values[i] = wide ? (float) data.getDouble(begin + 8 * i) : data.getFloat(begin + 4 * i);
    }
    return values;
  }

  public int[] ints(String name) {
    JsonNode offsets = header.get(name).get("data_offsets");
    int[] values = new int[(offsets.get(1).asInt() - offsets.get(0).asInt()) / 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.getInt(offsets.get(0).asInt() + 4 * i);
    }
    return values;
  }

  /** Returns the configuration of {@code discriminator} or {@code generator}. */
  public ElectraConfig config(String network) {
    JsonNode c = golden.get(network);
    return new ElectraConfig(
        c.get("vocab_size").asInt(),
        c.get("embedding_size").asInt(),
        c.get("hidden_size").asInt(),
        c.get("num_hidden_layers").asInt(),
        c.get("num_attention_heads").asInt(),
        c.get("intermediate_size").asInt(),
        0,
        0,
        c.get("max_position_embeddings").asInt(),
        c.get("type_vocab_size").asInt(),
        0.02f,
        (float) c.get("layer_norm_eps").asDouble(),
        c.get("pad_token_id").asInt());
  }
}
