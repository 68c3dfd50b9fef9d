#include "row_scatter.h"

namespace electra::cuda {

namespace {

/** One of the tables; no computed index, for which a card would copy the whole argument into memory. */
template <typename T>
__device__ __forceinline__ T pick(const T (&of)[kMostTables], int table) {
  return table == 0 ? of[0] : table == 1 ? of[1] : of[2];
}

/** A row and its key. */
struct alignas(8) Entry {
  int key;
  int row;
};

// ---- sort: stable, by digits of eight bits from the lowest. A tile of entries belongs to one warp.

constexpr int kDigitBits = 8, kDigits = 1 << kDigitBits;
constexpr int kTile = 256;
constexpr int kScanThreads = 512, kScanWarps = kScanThreads / kWarp;

struct Sort {
  ScatterTables tables;
  const Entry* from;  // (kMostTables, rows); null in the first pass, which reads the keys
  Entry* to;          // (kMostTables, rows)
  int* counts;        // (kMostTables, kDigits, tiles)
  int rows;
  int tiles;
  int shift;

  __device__ __forceinline__ Entry entry(int table, int i) const {
    if (from != nullptr) return from[int64_t(table) * rows + i];
    const int key = pick(tables.keys, table)[i];
    return Entry{unsigned(key) < unsigned(pick(tables.limit, table)) ? key : 0, i};
  }
  __device__ __forceinline__ int digit(Entry e) const { return e.key >> shift & (kDigits - 1); }
  __device__ __forceinline__ int* counts_of(int table) const {
    return counts + int64_t(table) * kDigits * tiles;
  }
};

__global__ void __launch_bounds__(kWarp) count_digits_kernel(Sort s) {
  __shared__ int count[kDigits];
  const int lane = int(threadIdx.x), tile = int(blockIdx.x), table = int(blockIdx.y);
  for (int d = lane; d < kDigits; d += kWarp) count[d] = 0;
  __syncwarp();
  const int end = min(s.rows, (tile + 1) * kTile);
  for (int i = tile * kTile + lane; i < end; i += kWarp) atomicAdd(&count[s.digit(s.entry(table, i))], 1);
  __syncwarp();
  for (int d = lane; d < kDigits; d += kWarp) s.counts_of(table)[d * s.tiles + tile] = count[d];
}

/** Replaces the counts of each table by the sum of those before. A block a table. */
__global__ void __launch_bounds__(kScanThreads) scan_counts_kernel(Sort s) {
  __shared__ int totals[kScanWarps];
  int* counts = s.counts_of(int(blockIdx.x));
  const int size = kDigits * s.tiles, each = (size + kScanThreads - 1) / kScanThreads;
  const int begin = min(size, int(threadIdx.x) * each), end = min(size, begin + each);
  int sum = 0;
  for (int i = begin; i < end; i++) sum += counts[i];
  const int lane = int(threadIdx.x) % kWarp, warp = int(threadIdx.x) / kWarp;
  int inclusive = sum;
#pragma unroll
  for (int d = 1; d < kWarp; d *= 2) {
    const int other = __shfl_up_sync(kFull, inclusive, unsigned(d));
    if (lane >= d) inclusive += other;
  }
  if (lane == kWarp - 1) totals[warp] = inclusive;
  __syncthreads();
  int before = inclusive - sum;
  for (int w = 0; w < warp; w++) before += totals[w];
  for (int i = begin; i < end; i++) {
    const int count = counts[i];
    counts[i] = before;
    before += count;
  }
}

/** The lanes of the warp that hold the same digit. */
__device__ __forceinline__ unsigned same_digit(int digit) {
  unsigned same = kFull;
#pragma unroll
  for (int bit = 0; bit < kDigitBits; bit++) {
    const bool set = digit >> bit & 1;
    const unsigned ones = __ballot_sync(kFull, set);
    same &= set ? ones : ~ones;
  }
  return same;
}

__global__ void __launch_bounds__(kWarp) place_kernel(Sort s) {
  __shared__ int next[kDigits];
  const int lane = int(threadIdx.x), tile = int(blockIdx.x), table = int(blockIdx.y);
  for (int d = lane; d < kDigits; d += kWarp) next[d] = s.counts_of(table)[d * s.tiles + tile];
  const int begin = tile * kTile, end = min(s.rows, begin + kTile);
  for (int first = begin; first < end; first += kWarp) {
    const int i = first + lane;
    const bool inside = i < end;
    const Entry entry = inside ? s.entry(table, i) : Entry{0, 0};
    const int digit = s.digit(entry);
    const unsigned same = same_digit(digit) & __ballot_sync(kFull, inside);
    const int rank = __popc(same & ((1u << lane) - 1));
    __syncwarp();  // what the round before added is seen
    const int start = next[digit];
    __syncwarp();  // everybody has read
    if (!inside) continue;
    s.to[int64_t(table) * s.rows + start + rank] = entry;
    if (rank == 0) next[digit] = start + __popc(same);
  }
}

// ---- sums: a warp adds up the runs of equal keys among its entries. Runs that reach into a neighbour's
// entries leave partial sums, which a second launch adds up.

constexpr int kRun = 32;     // entries of a warp
constexpr int kWarps = 8;    // of a block of the first launch, and summing one run in the second
constexpr int kColumns = 4;  // of a lane
constexpr int kWarpColumns = kWarp * kColumns;

struct Sums {
  ScatterTables tables;
  const Entry* entries;  // (kMostTables, rows), sorted
  const float* x;
  float* partials;  // (kMostTables, chunks, 2, n): of the run from before, of the run into the next
  int rows;
  int n;
  int chunks;

  __device__ __forceinline__ const Entry* entries_of(int table) const {
    return entries + int64_t(table) * rows;
  }
  __device__ __forceinline__ float* partial(int table, int chunk, int side) const {
    return partials + ((int64_t(table) * chunks + chunk) * 2 + side) * n;
  }
};

__device__ __forceinline__ void load_four(float (&v)[kColumns], const float* p, int lanes) {
  if (lanes == kColumns && (reinterpret_cast<uintptr_t>(p) & 15) == 0) {
    const float4 f = *reinterpret_cast<const float4*>(p);
    v[0] = f.x, v[1] = f.y, v[2] = f.z, v[3] = f.w;
    return;
  }
#pragma unroll
  for (int j = 0; j < kColumns; j++) v[j] = j < lanes ? p[j] : 0.0f;
}

__global__ void __launch_bounds__(kWarps* kWarp) sum_runs_kernel(Sums s) {
  const int chunk = int(blockIdx.x) * kWarps + int(threadIdx.x) / kWarp, table = int(blockIdx.y);
  if (chunk >= s.chunks) return;
  const Entry* entries = s.entries_of(table);
  const int begin = chunk * kRun, end = min(s.rows, begin + kRun);
  const bool from_before = begin > 0 && entries[begin - 1].key == entries[begin].key;
  const bool into_next = end < s.rows && entries[end].key == entries[end - 1].key;
  for (int column = int(threadIdx.x) % kWarp * kColumns; column < s.n; column += kWarpColumns) {
    const int lanes = min(kColumns, s.n - column);
    float sum[kColumns] = {};
    bool is_first = true;
    for (int i = begin; i < end; i++) {
      const Entry entry = entries[i];
      float v[kColumns];
      load_four(v, s.x + int64_t(entry.row) * s.n + column, lanes);
#pragma unroll
      for (int j = 0; j < kColumns; j++) sum[j] += v[j];
      const bool is_last = i + 1 == end;
      if (!is_last && entries[i + 1].key == entry.key) continue;
      const bool left = is_first && from_before, right = is_last && into_next;
      float* target = left    ? s.partial(table, chunk, 0)
                      : right ? s.partial(table, chunk, 1)
                              : pick(s.tables.table, table) + int64_t(entry.key) * s.n;
#pragma unroll
      for (int j = 0; j < kColumns; j++) {
        if (j < lanes) target[column + j] = (left || right ? 0.0f : target[column + j]) + sum[j];
        sum[j] = 0;
      }
      is_first = false;
    }
  }
}

/** A block for each chunk that begins a run reaching beyond it: its warps take slices of the chunks that go
 * on. */
__global__ void __launch_bounds__(kWarps* kWarp) join_runs_kernel(Sums s) {
  __shared__ float part[kWarps][kWarpColumns];
  const int chunk = int(blockIdx.x), table = int(blockIdx.y);
  const Entry* entries = s.entries_of(table);
  const int begin = chunk * kRun, end = begin + kRun;
  if (end >= s.rows) return;
  const int key = entries[end - 1].key;
  const bool begins_here = entries[begin].key != key || begin == 0 || entries[begin - 1].key != key;
  if (!begins_here || entries[end].key != key) return;
  // The run goes on in chunks chunk + 1 .. last: of equal keys the last is found by halving.
  int low = end, high = s.rows - 1;
  while (low < high) {
    const int middle = low + (high - low + 1) / 2;
    if (entries[middle].key == key) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  const int last = low / kRun, warp = int(threadIdx.x) / kWarp, lane = int(threadIdx.x) % kWarp;
  const int slice = (last - chunk + kWarps - 1) / kWarps;
  const int from = chunk + 1 + warp * slice, to = min(last + 1, from + slice);
  for (int first = 0; first < s.n; first += kWarpColumns) {
    const int column = first + lane * kColumns, lanes = min(kColumns, s.n - column);
    float sum[kColumns] = {}, v[kColumns];
    if (warp == 0 && lanes > 0) load_four(sum, s.partial(table, chunk, 1) + column, lanes);
    for (int c = from; c < to && lanes > 0; c++) {
      load_four(v, s.partial(table, c, 0) + column, lanes);
#pragma unroll
      for (int j = 0; j < kColumns; j++) sum[j] += v[j];
    }
    __syncthreads();  // the columns before have been read
#pragma unroll
    for (int j = 0; j < kColumns; j++) part[warp][lane * kColumns + j] = sum[j];
    __syncthreads();
    const int mine = int(threadIdx.x);
    if (mine >= kWarpColumns || first + mine >= s.n) continue;
    float total = part[0][mine];
#pragma unroll
    for (int w = 1; w < kWarps; w++) total += part[w][mine];
    pick(s.tables.table, table)[int64_t(key) * s.n + first + mine] += total;
  }
}

const Entry* sort_rows(Device& device, Scratch& scratch, const ScatterTables& tables, int rows) {
  const size_t bytes = sizeof(Entry) * kMostTables * size_t(rows);
  Entry* buffers[] = {static_cast<Entry*>(scratch.bytes(bytes)), static_cast<Entry*>(scratch.bytes(bytes))};
  const int tiles = int(divide_up(rows, kTile));
  int* counts = scratch.ints(size_t(kMostTables) * kDigits * size_t(tiles));
  int most = 1;
  for (int limit : tables.limit) most = limit > most ? limit : most;
  const Entry* from = nullptr;
  for (int shift = 0, pass = 0; shift == 0 || (shift < 32 && (most - 1) >> shift != 0);
       shift += kDigitBits, pass ^= 1) {
    const Sort sort{tables, from, buffers[pass], counts, rows, tiles, shift};
    const dim3 grid(unsigned(tiles), kMostTables);
    launch(device, count_digits_kernel, grid, kWarp, 0, sort);
    launch(device, scan_counts_kernel, kMostTables, kScanThreads, 0, sort);
    launch(device, place_kernel, grid, kWarp, 0, sort);
    from = buffers[pass];
  }
  return from;
}

}  // namespace

void scatter_add(Device& device, const ScatterTables& tables, const float* x, int rows, int n) {
  if (rows == 0 || n == 0) return;
  Scratch scratch(device);
  const Entry* entries = sort_rows(device, scratch, tables, rows);
  const int chunks = int(divide_up(rows, kRun));
  float* partials = scratch.floats(size_t(kMostTables) * size_t(chunks) * 2 * size_t(n));
  const Sums sums{tables, entries, x, partials, rows, n, chunks};
  launch(device, sum_runs_kernel, dim3(unsigned(divide_up(chunks, kWarps)), kMostTables), kWarps * kWarp, 0,
         sums);
  if (chunks > 1) {
    launch(device, join_runs_kernel, dim3(unsigned(chunks), kMostTables), kWarps * kWarp, 0, sums);
  }
}

}  // namespace electra::cuda
