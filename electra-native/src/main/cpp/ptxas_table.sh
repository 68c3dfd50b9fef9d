#!/bin/sh
# ptxas_table.sh FOLDER: what ptxas reported of every kernel in FOLDER/*.ptxas, one a line:
# architecture, registers, stack bytes, spilled bytes, static shared memory, name.
set -u
cat "$1"/*.ptxas | awk '
  /Compiling entry function/ { split($0, q, "\x27"); name = q[2]; arch = q[4] }
  /bytes stack frame/ { stack = $1; spill = $5 + $9 }
  /Used [0-9]+ registers/ {
    for (i = 1; i < NF; i++) if ($i == "Used") registers = $(i + 1)
    shared = 0
    for (i = 1; i < NF; i++) if ($(i + 1) == "bytes" && $(i + 2) ~ /^smem/) shared = $i
    print arch, registers, stack, spill, shared, name
  }' | c++filt -i |
  sed 's/ void / /; s/electra::cuda:://g; s/(anonymous namespace):://g; s/__nv_bfloat16/bf16/g; s/(.*//' | sort -k1,1 -k6
