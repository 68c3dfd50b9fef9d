package org.electra4j.backend.contract;

/** Everything that a backend must do. */
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
