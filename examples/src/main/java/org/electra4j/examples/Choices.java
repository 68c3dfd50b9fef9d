package org.electra4j.examples;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.electra4j.Device;
import org.electra4j.PretrainingConfig;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the options that are one of a few words. */
final class Choices {
  private Choices() {}

  /** Returns the constant of a name like {@code replace-mlm}, in any case. */
  static <E extends Enum<E>> E of(Class<E> type, String what, String text) {
    String spelling = text.strip().toUpperCase(Locale.ROOT).replace('-', '_');
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(spelling)) {
        return constant;
      }
    }
    List<String> names = Arrays.stream(type.getEnumConstants()).map(Choices::name).toList();
    throw new TypeConversionException(
        "there is no " + what + " \"" + text + "\"; use " + words(names) + ".");
  }

  static Device device(String text) {
    try {
      return Device.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** Returns a path; an empty one, as of a variable that is not set, would be this folder. */
  static Path path(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException("the path is empty; write . for this folder.");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(e.getMessage() + ".");
    }
  }

  static long whole(String text, long least, long most) {
    try {
      long value = Long.parseLong(text.strip());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new TypeConversionException("\"" + text + "\" is no whole number.");
    }
    throw new TypeConversionException(text + " is too large.");
  }

  static double number(String text) {
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new TypeConversionException("\"" + text + "\" is no number.");
    }
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String words(List<String> names) {
    int last = names.size() - 1;
    return names.stream().limit(last).collect(Collectors.joining(", ")) + " or " + names.get(last);
  }

  /** A preset by its name. */
  static final class Preset implements ITypeConverter<PretrainingConfig.Builder> {
    @Override
    public PretrainingConfig.Builder convert(String text) {
      try {
        return PretrainingConfig.preset(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
