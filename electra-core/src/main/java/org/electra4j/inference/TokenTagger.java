package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.text.Encoding;
import org.electra4j.text.WordSequence;

/**
 * Gives every word of a text a tag: its part of speech, a part of a name, an error.
 *
 * <p>Takes a fine-tuned directory of ours or of transformers ({@code
 * ElectraForTokenClassification}). A word is answered for at its first piece; a sentence that is
 * longer than the sequences that the model was fine-tuned on is cut into several. {@link
 * TagDecoder} picks the tags of a sentence.
 *
 * <p>Immutable and safe for use by many threads at once; {@link #close} waits for running calls,
 * and every later call throws {@link IllegalStateException}.
 */
public final class TokenTagger implements AutoCloseable {
  private final TaskEngine engine;
  private final TagDecoder decoder;

  private TokenTagger(TaskEngine engine) {
    this.engine = engine;
    this.decoder = new TagDecoder(engine.description().labels());
  }

  /** Loads a model directory with {@link InferenceOptions#defaults}. */
  public static TokenTagger load(Path directory) throws IOException {
    return load(directory, InferenceOptions.defaults());
  }

  /**
   * Loads a model directory.
   *
   * @throws IOException when a file is missing, is not valid, does not fit the others or is not of
   *     a tagger; the message names it
   * @throws org.electra4j.backend.BackendException when the device is not available
   */
  public static TokenTagger load(Path directory, InferenceOptions options) throws IOException {
    return new TokenTagger(TaskEngine.load(directory, options, Kind.TAGGING));
  }

  /** Returns the tags, in the order of their indices. */
  public List<String> labels() {
    return engine.description().labels();
  }

  /**
   * Returns the tagged words of a text; white space and punctuation part words, as the tokenizer
   * does.
   */
  public List<TaggedWord> tag(String text) {
    return tag(List.of(text)).get(0);
  }

  /** Returns the tagged words of each text, in the order given. */
  public List<List<TaggedWord>> tag(List<String> texts) {
    List<List<int[]>> bounds = texts.stream().map(this::words).toList();
    List<List<String>> words = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      words.add(bounds.get(i).stream().map(b -> text.substring(b[0], b[1])).toList());
    }
    List<List<TaggedWord>> tagged = tagWords(words);
    List<List<TaggedWord>> placed = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      List<TaggedWord> ofText = new ArrayList<>();
      for (int j = 0; j < tagged.get(i).size(); j++) {
        TaggedWord word = tagged.get(i).get(j);
        int[] b = bounds.get(i).get(j);
        ofText.add(new TaggedWord(word.word(), b[0], b[1], word.tag(), word.probability()));
      }
      placed.add(List.copyOf(ofText));
    }
    return placed;
  }

  /** Returns where each word of a text begins and ends: pieces with ## belong to the one before. */
  private List<int[]> words(String text) {
    Encoding encoding = engine.tokenizer().encode(text);
    List<int[]> words = new ArrayList<>();
    for (int i = 0; i < encoding.size(); i++) {
      if (!words.isEmpty() && encoding.tokens().get(i).startsWith("##")) {
        words.get(words.size() - 1)[1] = encoding.ends()[i];
      } else {
        words.add(new int[] {encoding.starts()[i], encoding.ends()[i]});
      }
    }
    return words;
  }

  /** Returns the given words of each sentence with their tags, in the order given. */
  public List<List<TaggedWord>> tagWords(List<List<String>> sentences) {
    List<WordSequence> inputs = new ArrayList<>();
    List<Integer> sentenceOf = new ArrayList<>();
    for (int i = 0; i < sentences.size(); i++) {
      if (sentences.get(i).isEmpty()) {
        continue;
      }
      int maxLength = engine.description().maxLength();
      for (WordSequence sequence :
          WordSequence.of(engine.tokenizer(), sentences.get(i), maxLength)) {
        inputs.add(sequence.withType(engine.description().wordType()));
        sentenceOf.add(i);
      }
    }
    int count = labels().size();
    List<float[]> ofWords = sentences.stream().map(s -> new float[s.size() * count]).toList();
    List<float[]> logits = engine.logits(inputs);
    for (int k = 0; k < inputs.size(); k++) {
      inputs.get(k).copyRows(logits.get(k), ofWords.get(sentenceOf.get(k)), count);
    }
    List<List<TaggedWord>> tagged = new ArrayList<>();
    for (int i = 0; i < sentences.size(); i++) {
      tagged.add(tagged(sentences.get(i), ofWords.get(i)));
    }
    return tagged;
  }

  private List<TaggedWord> tagged(List<String> words, float[] logits) {
    int[] tags = decoder.decode(logits);
    int count = labels().size();
    List<TaggedWord> tagged = new ArrayList<>();
    for (int i = 0; i < tags.length; i++) {
      float probability = LabelScores.probability(logits, i * count, count, tags[i]);
      tagged.add(new TaggedWord(words.get(i), -1, -1, labels().get(tags[i]), probability));
    }
    return List.copyOf(tagged);
  }

  /** Waits for running calls and frees the model. */
  @Override
  public void close() {
    engine.close();
  }
}
