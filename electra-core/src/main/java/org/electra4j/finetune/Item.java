package org.electra4j.finetune;

import org.electra4j.finetune.data.Example;
import org.electra4j.text.ModelInput;

/**
 * A sequence of an example: most examples have one, long ones several.
 *
 * @param example what it is made of
 * @param number of the example in its split
 * @param input the sequence
 */
record Item<E extends Example, I extends ModelInput>(E example, int number, I input) {
  int length() {
    return input.ids().length;
  }
}
