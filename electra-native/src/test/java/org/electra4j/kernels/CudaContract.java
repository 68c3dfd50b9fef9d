package org.electra4j.kernels;

import org.electra4j.backend.contract.AttentionContract;
import org.electra4j.backend.contract.DropoutContract;
import org.electra4j.backend.contract.EmbeddingContract;
import org.electra4j.backend.contract.GemmContract;
import org.electra4j.backend.contract.MaskingContract;
import org.electra4j.backend.contract.MemoryContract;
import org.electra4j.backend.contract.OptimizerContract;
import org.electra4j.backend.contract.ResidualNormContract;
import org.electra4j.backend.contract.RowsContract;

/** What the CUDA kernels do so far. */
interface CudaContract
    extends AttentionContract,
        DropoutContract,
        EmbeddingContract,
        GemmContract,
        MaskingContract,
        MemoryContract,
        OptimizerContract,
        ResidualNormContract,
        RowsContract {}
