package org.electra4j.kernels.presets;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Binds the CPU factory. */
@Properties(
    inherit = KernelsPreset.class,
    value = @Platform(value = "linux-x86_64", include = "electra_cpu.h", link = "electra_cpu"),
    target = "org.electra4j.kernels",
    global = "org.electra4j.kernels.CpuLibrary")
public class CpuPreset implements InfoMapper {
  @Override
  public void map(InfoMap infos) {}
}
