#!/bin/sh
# check_libraries.sh FOLDER: fails when a library asks for a newer C library than the oldest that is promised,
# names a folder of this machine, or cannot do without oneDNN, which only libelectra_onednn.so may need.
set -u
for library in "$1"/lib*.so; do
  versions=$(readelf -V "$library" | grep -oE '\b(GLIBC|GLIBCXX)_[0-9.]+' | sort -u)
  for pair in GLIBC_2.34 GLIBCXX_3.4.29; do
    newest=$(printf '%s\n' "$versions" | grep "^${pair%_*}_" | cat - | sort -V | tail -1)
    if [ "$(printf '%s\n' "$newest" $pair | sort -V | tail -1)" != $pair ]; then
      echo "$library needs $newest, but the libraries promise to run with $pair: build on an older system or avoid the newer function."
      exit 1
    fi
  done
  path=$(readelf -d "$library" | sed -n 's/.*(R.*PATH).*\[\(.*\)\]/\1/p' | tr ':' '\n' | grep -v '^\$ORIGIN')
  if [ -n "$path" ]; then
    echo "$library names the folder $path of the machine that built it."
    exit 1
  fi
  onednn=$(readelf -d "$library" | grep NEEDED | grep -oE 'lib(dnnl|gomp|electra_onednn)[^]]*' | head -1)
  case $library in
    */libelectra_onednn.so | */libjniOneDnnLibrary.so) ;;
    *)
      if [ -n "$onednn" ]; then
        echo "$library needs $onednn, which takes long to load: only libelectra_onednn.so may."
        exit 1
      fi
      ;;
  esac
done
