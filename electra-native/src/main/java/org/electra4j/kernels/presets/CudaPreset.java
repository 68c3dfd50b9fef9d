package org.electra4j.kernels.presets;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Binds the CUDA factory; the library loads on machines that have no driver and says so. */
@Properties(
    inherit = KernelsPreset.class,
    value = @Platform(value = "linux-x86_64", include = "electra_cuda.h", link = "electra_cuda"),
    target = "org.electra4j.kernels",
    global = "org.electra4j.kernels.CudaLibrary")
public class CudaPreset implements InfoMapper {
  @Override
  public void map(InfoMap infos) {}
}
