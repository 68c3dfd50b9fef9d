#!/bin/sh
# build.sh BUILD JAVA_HOME: builds the simulator libraries that the tests load. Quiet unless something fails.
set -u
log=$1 java=$2
cd "$(dirname "$0")" || exit 1
build=$(realpath -m --relative-to=. "$1")
mkdir -p "$build" || exit 1
jobs=$(nproc 2> /dev/null || echo 2)
if ! make -s -j"$jobs" BUILD="$build" JAVA_HOME="$java" > "$build/make.log" 2>&1; then
  echo "The CUDA kernels did not compile for the simulator ($log/make.log):"
  grep -E 'error|undefined|^make' "$build/make.log" | head -20
  exit 1
fi
grep warning: "$build/make.log"
exit 0
