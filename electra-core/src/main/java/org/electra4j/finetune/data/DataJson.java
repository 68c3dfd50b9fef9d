package org.electra4j.finetune.data;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** The JSON of data files: a key that an object has twice is an error. */
final class DataJson {
  /** For values one after the other in a file. */
  static final JsonMapper STREAM =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** For the one value of a line: text behind it is an error. */
  static final JsonMapper LINE =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private DataJson() {}
}
