package org.electra4j.finetune.data;

import java.io.Closeable;
import java.io.IOException;

/** Closes what a constructor has opened when the rest of the constructor fails. */
final class Closing {
  private Closing() {}

  interface Action {
    void run() throws IOException;
  }

  static void onFailure(Closeable opened, Action action) throws IOException {
    try {
      action.run();
    } catch (IOException | RuntimeException e) {
      try {
        opened.close();
      } catch (IOException onClose) {
        e.addSuppressed(onClose);
      }
      throw e;
    }
  }
}
