package org.electra4j.kernels.presets;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * Binds the kernel contract. Every pointer is an address ({@code long}), so host and device memory
 * look alike and no overload takes a Java array.
 */
@Properties(
    value = @Platform(value = "linux-x86_64", compiler = "cpp17", include = "electra_kernels.h"),
    target = "org.electra4j.kernels",
    global = "org.electra4j.kernels.KernelsLibrary")
public class KernelsPreset implements InfoMapper {
  @Override
  public void map(InfoMap infos) {
    for (String type : new String[] {"float", "double", "int", "void"}) {
      infos.put(new Info(type).cast().valueTypes(type).pointerTypes("long"));
    }
    infos.put(new Info("int64_t").cast().valueTypes("long").pointerTypes("long"));
    infos.put(new Info("electra::Kernels").purify());
  }
}
