#!/bin/bash
# Stands before clang in the PATH of Cilium's agent. Every agent compiles the same eBPF programs; the nodes of a bed
# share a few cores, so the first one compiles and the others wait for its result, which also serves the next cluster.
# The key is the preprocessed source and the options, hence an object is used for exactly what it was compiled from.
compiler=/usr/local/bin/clang cache=/var/cache/bpf
case " $* " in *' -E '*) exec $compiler "$@" ;; *' -o - '*) ;; *) exec $compiler "$@" ;; esac
[ -w $cache ] || exec $compiler "$@"
options=()
for argument; do case $argument in -I*) ;; *) options+=("$argument") ;; esac; done
source=$(mktemp); trap 'rm -f "$source"' EXIT
$compiler "$@" -E -P -Wno-everything > "$source" 2>/dev/null || exec $compiler "$@"
object=$cache/$({ printf '%s\n' "${options[@]}"; cat "$source"; } | sha256sum | cut -c1-40).o
exec 7> "$object.lock"; flock 7
if [ ! -s "$object" ]; then
  $compiler "$@" > "$object.new.$$" || { status=$?; rm -f "$object.new.$$"; exit $status; }
  mv "$object.new.$$" "$object"
fi
touch "$object"; cat "$object"
