#!/bin/sh
# sanitize.sh: runs the contract tests on CPU kernels that are compiled with AddressSanitizer and
# UndefinedBehaviorSanitizer. Call it after `mvn test-compile`, from anywhere.
set -eu
module=$(cd "$(dirname "$0")/../../.." && pwd)
libraries=$module/target/sanitize/libraries
classes=$module/target/classes/org/electra4j/kernels/linux-x86_64
mkdir -p "$libraries"
make -s -C "$module/src/main/cpp" -j"$(nproc)" BUILD="$module/target/sanitize/build" OUTPUT="$libraries" \
  DNNL="$module/target/dnnl/org/bytedeco/dnnl/linux-x86_64" SANITIZE=address,undefined cpu
cp "$classes"/libjni*.so "$libraries"
cp "$module"/target/dnnl/org/bytedeco/dnnl/linux-x86_64/lib*.so.* "$libraries"
# The JVM handles SIGSEGV itself and never frees some of its memory. A finding of UBSan ends the process too.
export LD_PRELOAD="$(g++ -print-file-name=libasan.so):$(g++ -print-file-name=libubsan.so)"
export ASAN_OPTIONS=detect_leaks=0:handle_segv=0:use_sigaltstack=0:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
cd "$module/.."
contract() { # TESTS
  mvn -o -q -B -pl electra-native -am test "-Dtest=$1" -Dsurefire.failIfNoSpecifiedTests=false \
    "-Delectra.test.jvmArgs=-Delectra.native.path=$libraries"
}
# In fp32 avx512 and avx512_bf16 are the kernels of avx512_vnni.
for isa in avx512_bf16 avx512_vnni avx2; do
  grep -q " $isa" /proc/cpuinfo || { echo "no $isa here: its kernels are not run"; continue; }
  case $isa in
    avx512_bf16)
      ELECTRA_CPU_ISA=$isa contract CpuBf16BackendTest
      ELECTRA_CPU_BF16=onednn contract 'CpuBf16BackendTest#gemm*'
      ;;
    *) ELECTRA_CPU_ISA=$isa contract 'Cpu*BackendTest' ;;
  esac
  echo "CPU kernels for $isa: clean"
done
