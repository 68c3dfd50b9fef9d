package org.electra4j.kernels;

import org.electra4j.backend.contract.AttentionContract;
import org.electra4j.backend.contract.ClassLossContract;
import org.electra4j.backend.contract.CopyLossContract;
import org.electra4j.backend.contract.DropoutContract;
import org.electra4j.backend.contract.EmbeddingContract;
import org.electra4j.backend.contract.GemmContract;
import org.electra4j.backend.contract.LmHeadContract;
import org.electra4j.backend.contract.MaskingContract;
import org.electra4j.backend.contract.MemoryContract;
import org.electra4j.backend.contract.OptimizerContract;
import org.electra4j.backend.contract.ResidualNormContract;
import org.electra4j.backend.contract.RowsContract;
import org.electra4j.backend.contract.RtdLossContract;
import org.electra4j.backend.contract.SpanLossContract;

/** What every CUDA kernel keeps. */
interface CudaContract
    extends AttentionContract,
        ClassLossContract,
        CopyLossContract,
        DropoutContract,
        EmbeddingContract,
        GemmContract,
        LmHeadContract,
        MaskingContract,
        MemoryContract,
        OptimizerContract,
        ResidualNormContract,
        RowsContract,
        RtdLossContract,
        SpanLossContract {}
