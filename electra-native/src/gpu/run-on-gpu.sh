#!/usr/bin/env bash
# run-on-gpu.sh [--minutes N] [--out DIR]: builds the CUDA kernels for the card of this machine, runs their tests,
# benchmarks, PyTorch beside them and compute-sanitizer, and writes DIR/result.md. The most important comes first; each
# part has its share of the N minutes (10). Needs nvcc and g++; PyTorch and compute-sanitizer for their parts. Exit code 0:
# all parts passed; 1: some did not, or something was missing; result.md says which.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
minutes=10 out=$here/result
while [ $# -gt 0 ]; do
  case $1 in
    --minutes) minutes=${2:?} && shift 2 ;;
    --out) out=${2:?} && shift 2 ;;
    *) echo "run-on-gpu.sh: unknown option $1; there are --minutes N and --out DIR." >&2 && exit 2 ;;
  esac
done
mkdir -p "$out" && out=$(cd "$out" && pwd)
logs=$out/logs result=$out/result.md work=$here/work failed=0
mkdir -p "$logs" "$work/native"
end=$((SECONDS + minutes * 60 - 15)) # what remains is for the last lines of the result

say() { echo "$*" | tee -a "$result"; }
missing() { # SENTENCE: something that this machine lacks
  say "- **Missing:** $*"
  failed=1
}
# part NAME MOST_SECONDS COMMAND...: runs it within its time; its output goes to a log.
part() {
  local name=$1 most=$2 start=$SECONDS rc left=$((end - SECONDS))
  shift 2
  [ "$most" -le "$left" ] || most=$left
  if [ "$most" -lt 5 ]; then
    say "- $name: **not run**, the time was up"
    failed=1
    return 1
  fi
  timeout -k 5 "$most" "$@" > "$logs/$name.log" 2>&1
  rc=$?
  case $rc in
    0) say "- $name: passed, $((SECONDS - start)) s" ;;
    124 | 137) say "- $name: **stopped** after its $most s" ;;
    *) say "- $name: **failed** with exit code $rc, $((SECONDS - start)) s" ;;
  esac
  [ $rc = 0 ] || failed=1
  return $rc
}
# quote NAME PATTERN: lines of a log.
quote() {
  local lines
  lines=$(grep -aE "$2" "$logs/$1.log" 2> /dev/null | head -60)
  [ -z "$lines" ] || printf '\n```\n%s\n```\n\n' "$lines" | tee -a "$result"
}

# ---------------------------------------------------------------- the machine
: > "$result"
card=$(nvidia-smi --query-gpu=name --format=csv,noheader 2> /dev/null | head -1)
say "# CUDA kernels on ${card:-a machine without a card}"
say ""
say "Revision $(tr '\n' ' ' < "$here/revision"), $(date -u +%F), $(nproc) processors, $(uname -r)."
say ""
architectures="80 90" ptx=90
if [ -z "$card" ]; then
  missing "no NVIDIA card answers (nvidia-smi), so the kernels are built and nothing is run on a card; there is no figure."
else
  say "- $(nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap,clocks.max.sm --format=csv,noheader | head -1)"
  architectures=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | tr -d .)
  ptx=$architectures
fi

# ---------------------------------------------------------------- the kernels
say "" && say "## Build" && say ""
cp "$here"/native/*.so "$work/native"
PATH=$PATH:${CUDA_HOME:-/usr/local/cuda}/bin
nvcc=$(command -v nvcc || true)
test_program=$work/primitives
if [ -z "$nvcc" ] || ! command -v make > /dev/null; then
  missing "nvcc or make was not found, so the packed library is used, and no test is compiled."
else
  say "- $("$nvcc" --version | grep release)"
  mkdir -p "$work/build"
  cd "$here/sources/main/cpp" || exit 1
  rm -f "$work/native/libelectra_cuda.so"
  part build 240 make -s -j"$(nproc)" BUILD=../../../work/build OUTPUT=../../../work/native NVCC="$nvcc" \
    CUDA_ARCHITECTURES="$architectures" CUDA_PTX="$ptx" cuda || {
    quote build 'error|\*\*\*'
    cp "$here/native/libelectra_cuda.so" "$work/native"
    say "- the packed library is used instead"
  }
  primitives() {
    local tests=../../test/cpp/cudasim
    "$nvcc" -std=c++17 -O2 -I. -I$tests -gencode "arch=compute_$ptx,code=[sm_$ptx,compute_$ptx]" -o "$test_program" \
      -x cu $tests/test_main.cpp $tests/test_primitives.cu cuda/arena.cu cuda/device.cu cuda/steps.cu common/error.cpp
  }
  export -f primitives
  export nvcc ptx test_program
  part primitives-build 60 bash -c primitives || quote primitives-build 'error'
  cd "$here" || exit 1
fi

# ---------------------------------------------------------------- Java
# Libraries of CUDA that PyTorch brings along.
wheels=$(python3 -c 'import glob, sys
print(":".join(sorted(d for p in sys.path if p for d in glob.glob(p + "/nvidia/*/lib"))))' 2> /dev/null || true)
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$wheels:${CUDA_HOME:-/usr/local/cuda}/lib64
java=$here/java/bin/java
jars=$(printf '%s:' "$here"/jars/*.jar)
classes=$(printf '%s:' "$here"/classes/*)
jvm=(-Xmx4g -Djava.awt.headless=true "-Delectra.native.path=$work/native" -cp "$classes$jars")
tests() { # WHAT...: contract tests on the card, none of which may be skipped
  "$java" "${jvm[@]}" -Delectra.test.require=cuda,cuda:bf16 org.junit.platform.console.ConsoleLauncher execute \
    --disable-banner --disable-ansi-colors --details=none "$@"
}
# In functions of bash -c, arrays do not survive: a script of its own does.
java_script=$work/java.sh
{
  echo '#!/usr/bin/env bash'
  declare -p java jvm here work
  declare -f tests
  echo '"$@"'
} > "$java_script"
chmod +x "$java_script"

say "" && say "## Tests" && say ""
if [ -x "$test_program" ] && [ -n "$card" ]; then
  part primitives 30 "$test_program"
  quote primitives 'FAIL|passed'
fi
part contract-tests 150 "$java_script" tests --scan-class-path="$here/classes/native-test" \
  --include-classname='.*\.Cuda(?!Sim|Fault|Registers|BackendProvider).*Test'
quote contract-tests 'tests (found|skipped|successful|failed)|MethodSource|requires|^ +=> '

if [ -n "$card" ]; then
  # -------------------------------------------------------------- speed
  say "" && say "## A pre-training step" && say ""
  step="-p objective=electra -p preset=small -p precision=bf16 -p seqLength=128 -p threads=1 -p device=cuda"
  for batch in 128 32; do
    # shellcheck disable=SC2086
    part "step-$batch" 60 "$java" "${jvm[@]}" org.openjdk.jmh.Main PretrainStepBench $step -p batch=$batch -f 0 \
      -wi 2 -w 2 -i 5 -r 2 -foe true
    quote "step-$batch" '^PretrainStepBench|ERROR|Exception'
  done
  if python3 -c 'import torch, transformers; assert torch.cuda.is_available()' > "$logs/torch.log" 2>&1; then
    for extra in "" --compile; do
      for batch in 128 32; do
        # shellcheck disable=SC2086
        part "pytorch$extra-$batch" 100 python3 "$here/python/pretrain_step.py" --device cuda $extra --batch $batch \
          --warmup 5 --steps 30
        quote "pytorch$extra-$batch" '^\{|Error'
      done
    done
  else
    missing "PyTorch with CUDA and transformers: $(tail -1 "$logs/torch.log")"
  fi
  part profile 40 "$java" "${jvm[@]}" org.openjdk.jmh.Main PretrainStepBench $step -p batch=128 -p profile=true -f 0 \
    -wi 1 -w 2 -i 1 -r 3 -foe true
  quote profile '[0-9] *%|GFLOP/s|outside'
  say "" && say "## Kernels" && say ""
  part kernels 120 "$java" "${jvm[@]}" org.openjdk.jmh.Main 'org.electra4j.bench.kernels.*' -p device=cuda -p precision=BF16 \
    -p size=small -p tokens=16384 -p threads=1 -f 0 -wi 1 -w 200ms -i 3 -r 200ms
  quote kernels '^[A-Za-z]+Bench'

  # -------------------------------------------------------------- a run
  say "" && say "## A short run" && say ""
  part pretrain 60 "$java" "${jvm[@]}" org.electra4j.examples.Electra pretrain --preset tiny --corpus "$here/corpus.txt" \
    --vocab "$here/vocab.txt" --out "$work/run" --steps 500 --log-every 100 --device cuda --precision bf16
  [ ! -f "$work/run/result.json" ] || printf '\n```\n%s\n```\n\n' "$(cat "$work/run/result.json")" | tee -a "$result"

  # -------------------------------------------------------------- compute-sanitizer
  say "" && say "## compute-sanitizer" && say ""
  sanitizer=$(command -v compute-sanitizer || true)
  if [ -z "$sanitizer" ]; then
    missing "compute-sanitizer was not found on PATH."
  else
    chosen=()
    for class in CudaBackendTest CudaBf16BackendTest; do
      for method in attentionOfVeryNegativeScores attentionDropsTheBitsOfPhilox classLossOfLargeMagnitudes \
        copyLossOfLargeMagnitudes embeddingGradientOfOneIdEverywhere lmHeadPredictsTheLowestIdOnTies \
        rtdLossOfIgnoredTokensIsZero spanLossOfLargeMagnitudes; do
        chosen+=("--select-method=org.electra4j.kernels.$class#$method")
      done
    done
    for tool in memcheck racecheck synccheck initcheck; do
      [ ! -x "$test_program" ] || part "$tool-primitives" 40 "$sanitizer" --tool $tool --error-exitcode 9 "$test_program"
      part "$tool" 90 "$sanitizer" --tool $tool --error-exitcode 9 --target-processes all "$java_script" tests "${chosen[@]}"
      quote "$tool" '=+ (ERROR|Error|Invalid|Race|Warning|Uninit|LEAK).*|tests (successful|failed)'
    done
  fi
fi

# ---------------------------------------------------------------- the end
tar -C "$out" -czf "$out/logs.tar.gz" logs
say ""
if [ $failed = 0 ]; then say "All parts passed."; else say "Some parts are missing, failed or were stopped: see above."; fi
exit $failed
