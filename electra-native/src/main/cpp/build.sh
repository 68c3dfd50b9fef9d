#!/bin/sh
# build.sh BUILD DNNL OUTPUT: builds libelectra_cpu.so, libelectra_onednn.so and libelectra_cuda.so; the CUDA kernels need nvcc,
# found on PATH, under CUDA_HOME or in /usr/local/cuda.
# build.sh BUILD DNNL OUTPUT JNI JAVA_HOME: then the JNI libraries of the .cpp files in the folder JNI.
# Quiet unless something fails; what has not changed is not built again.
set -u
log=$1 java=${5:-}
cd "$(dirname "$0")" || exit 1
for tool in g++ make nm readelf; do
  command -v $tool > /dev/null && continue
  echo "The native kernels need $tool, which was not found: install g++, make and binutils (Debian, Ubuntu: apt-get install g++ make; Fedora: dnf install gcc-c++ make)."
  exit 1
done
# make cannot have blanks in names, and relative ones have none wherever the project lies.
relative() {
  [ -z "$1" ] || realpath -m --relative-to=. "$1"
}
build=$(relative "$1") dnnl=$(relative "$2") output=$(relative "$3") jni=$(relative "${4:-}")
mkdir -p "$build" || exit 1
jobs=$(nproc 2> /dev/null || echo 2)
nvcc=$(PATH="$PATH:${CUDA_HOME:-/usr/local/cuda}/bin:/usr/local/cuda/bin" command -v nvcc || true)
target="cpu cuda"
[ -z "$jni" ] || target=jni
if ! make -s -j"$jobs" BUILD="$build" DNNL="$dnnl" OUTPUT="$output" JNI="$jni" JAVA_HOME="$java" NVCC="$nvcc" $target > "$build/make.log" 2>&1; then
  echo "The native kernels did not compile ($log/make.log):"
  grep -E 'error|shared between|needs|names the folder|^make' "$build/make.log" | head -20
  exit 1
fi
grep warning: "$build/make.log"
if [ "$target" != jni ]; then
  echo "CPU kernels: AVX2, AVX-512, AVX-512 VNNI, AVX-512 BF16"
  if [ -z "$nvcc" ]; then
    echo "CUDA kernels: not built: nvcc not found"
  else
    awk -v table="$log/cuda/registers.txt" '
      { count[$1]++; if ($2 > most) most = $2; if ($4 > 0) spills++ }
      END { for (a in count) names = names (names == "" ? "" : ", ") a
        printf "CUDA kernels: %s, PTX: %d kernels, at most %d registers, %d with spills: %s\n", names, NR / length(count), most, spills, table }
    ' "$build/cuda/registers.txt"
  fi
fi
exit 0
