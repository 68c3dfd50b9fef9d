package org.electra4j.kernels;

import org.electra4j.backend.contract.DropoutContract;
import org.electra4j.backend.contract.GemmContract;
import org.electra4j.backend.contract.MemoryContract;

/** What the CUDA kernels do so far. */
interface CudaContract extends DropoutContract, GemmContract, MemoryContract {}
