#!/bin/sh
# build.sh BUILD DNNL OUTPUT: builds libelectra_cpu.so, quiet unless something fails.
set -u
build=$1 dnnl=$2 output=$3
cd "$(dirname "$0")" || exit 1
for tool in g++ make nm readelf; do
  command -v $tool > /dev/null && continue
  echo "The native kernels need $tool, which was not found: install g++, make and binutils (Debian, Ubuntu: apt-get install g++ make; Fedora: dnf install gcc-c++ make)."
  exit 1
done
mkdir -p "$build" || exit 1
jobs=$(nproc 2> /dev/null || echo 2)
if ! make -s -j"$jobs" BUILD="$build" DNNL="$dnnl" OUTPUT="$output" > "$build/make.log" 2>&1; then
  echo "The native kernels did not compile ($build/make.log):"
  grep -E 'error|shared between|^make' "$build/make.log" | head -20
  exit 1
fi
grep warning: "$build/make.log"
echo "CPU kernels: AVX2, AVX-512, AVX-512 BF16"
echo "CUDA kernels: not built: this version has none"
