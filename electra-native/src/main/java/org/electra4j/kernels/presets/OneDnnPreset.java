package org.electra4j.kernels.presets;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * Binds the products by oneDNN; libdnnl and libgomp come out of its jar without its Java classes.
 */
@Properties(
    inherit = KernelsPreset.class,
    value =
        @Platform(
            value = "linux-x86_64",
            include = "electra_onednn.h",
            link = "electra_onednn",
            preloadresource = "/org/bytedeco/dnnl/",
            preload = {"gomp@.1", "dnnl@.3"}),
    target = "org.electra4j.kernels",
    global = "org.electra4j.kernels.OneDnnLibrary")
public class OneDnnPreset implements InfoMapper {
  @Override
  public void map(InfoMap infos) {}
}
