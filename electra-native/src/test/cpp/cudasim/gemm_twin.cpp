// The matrix product of the simulator: plain loops on the host, between copies that the simulator checks.
#include <vector>

#include "cuda/gemm.h"

namespace electra::cuda {

namespace {

std::vector<float> to_host(const void* data, bool is_bf16, size_t count) {
  std::vector<float> values(count);
  if (!is_bf16) {
    check(cudaMemcpy(values.data(), data, count * sizeof(float), cudaMemcpyDeviceToHost), "copy");
    return values;
  }
  std::vector<bf16> halves(count);
  check(cudaMemcpy(halves.data(), data, count * sizeof(bf16), cudaMemcpyDeviceToHost), "copy");
  for (size_t i = 0; i < count; i++) values[i] = __bfloat162float(halves[i]);
  return values;
}

void to_device(void* data, bool is_bf16, const std::vector<float>& values) {
  if (!is_bf16) {
    check(cudaMemcpy(data, values.data(), values.size() * sizeof(float), cudaMemcpyHostToDevice), "copy");
    return;
  }
  std::vector<bf16> halves(values.size());
  for (size_t i = 0; i < values.size(); i++) halves[i] = __float2bfloat16(values[i]);
  check(cudaMemcpy(data, halves.data(), halves.size() * sizeof(bf16), cudaMemcpyHostToDevice), "copy");
}

/** op(matrix) as rows of `columns`. */
std::vector<float> operand(Matrix matrix, int rows, int columns) {
  std::vector<float> values = to_host(matrix.data, matrix.bf16, size_t(rows) * size_t(columns));
  if (!matrix.transposed) return values;
  std::vector<float> turned(values.size());
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < columns; j++) {
      turned[size_t(i) * size_t(columns) + size_t(j)] = values[size_t(j) * size_t(rows) + size_t(i)];
    }
  }
  return turned;
}

}  // namespace

namespace {

void multiply(void* d, bool d_bf16, Matrix a, Matrix b, const float* bias, int m, int n, int k,
              bool accumulate) {
  const std::vector<float> left = operand(a, m, k), right = operand(b, k, n);
  const size_t count = size_t(m) * size_t(n);
  std::vector<float> result = accumulate ? to_host(d, d_bf16, count) : std::vector<float>(count);
  const std::vector<float> start =
      bias == nullptr ? std::vector<float>(size_t(n)) : to_host(bias, false, size_t(n));
  std::vector<float> row(static_cast<size_t>(n));
  for (int i = 0; i < m; i++) {
    row = start;
    for (int l = 0; l < k; l++) {
      const float factor = left[size_t(i) * size_t(k) + size_t(l)];
      const float* line = &right[size_t(l) * size_t(n)];
      for (int j = 0; j < n; j++) row[size_t(j)] += factor * line[j];
    }
    for (int j = 0; j < n; j++) result[size_t(i) * size_t(n) + size_t(j)] += row[size_t(j)];
  }
  to_device(d, d_bf16, result);
}

}  // namespace

void matrix_product(Device& device, void* d, bool d_bf16, Matrix a, Matrix b, const float* bias, int m, int n,
                    int k, bool accumulate) {
  if (!device.counts_launch()) return;
  cudasim::submit(device.stream(), cudasim::Work::Kernel,
                  [=] { multiply(d, d_bf16, a, b, bias, m, n, k, accumulate); });
}

}  // namespace electra::cuda
