package org.electra4j.backend.contract;

import org.junit.jupiter.api.Tag;

/** Everything that a backend must do. */
@Tag("contract")
public interface BackendContract
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
        PhiloxContract,
        ResidualNormContract,
        RowsContract,
        RtdLossContract,
        SpanLossContract {}
