#pragma once

/** Marks what host and device code share. */
#ifdef __CUDACC__
#define ELECTRA_HOST_DEVICE __host__ __device__
#else
#define ELECTRA_HOST_DEVICE
#endif
