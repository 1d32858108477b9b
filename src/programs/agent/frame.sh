# Asks one agent everything in one exec. In front of it stand M, the marker, which nobody who prints on the node
# can know, and LIMIT, the seconds that one command may take. Behind it stand the programs and the lanes, as
# functions, and `main LANE…`. What comes on the input behind all that is for the lane that sets READS.
HUNG='' AGENT='' READS=''
CILIUM=$(command -v cilium-dbg || command -v cilium)
CGROUP=$(cat /tmp/cilium/config-map/cgroup-root 2>/dev/null)
export CILIUM CGROUP="${CGROUP:-/run/cilium/cgroupv2}"

skip() { # NAME WHY
  echo "$M begin $1"
  echo
  echo "$M end $1 $2"
}

# Behind a command that the agent (AGENT is set in its lane) let run into the limit, no more is tried. `fn` in
# place of a command: the program that bears the name, by a bash of its own, to which it is handed as it is. `packed`
# before either: what is printed is long, and comes compressed, in base64, where the image has gzip.
run() { # NAME [packed] COMMAND… | NAME [packed] fn ARGUMENT…
  if [ "$HUNG" ]; then skip "$1" skipped; return; fi
  echo "$M begin $1"
  exec 4>&1
  PACKS=
  if [ "$2" = packed ]; then
    PACKS=$(command -v gzip)
    set -- "$1" "${@:3}"
  fi
  E=$(
    [ "$READS" ] || exec </dev/null
    if [ "$2" = fn ]; then
      # shellcheck disable=SC2163
      export -f "$1"
      set -- "$1" bash -c '"$@"' bash "$1" "${@:3}"
    fi
    if [ "$PACKS" ]; then
      set -o pipefail
      { timeout -k 1 "$LIMIT" "${@:2}" 2>&5 4>&- | gzip -1 | base64 -w0 >&4; } 5>&1
      exit
    fi
    exec timeout -k 1 "$LIMIT" "${@:2}" 2>&1 >&4 4>&-
  )
  R=$?
  printf -v "S_$1" %s $R
  # So bash calls itself in a function that came with its environment.
  E=${E/#environment:/bash:}
  echo
  echo "$M end $1 $R ${E:+$(printf %s "${E:0:999}" | base64 -w0)}"
  case $R in 124 | 137) HUNG=$AGENT ;; esac
}

# What is needed only where another answer failed.
without() { # OTHER run NAME …
  s=S_$1
  if [ "${!s}" = 0 ]; then skip "$3" unneeded; else "${@:2}"; fi
}

# All lanes at once; what they print, one after the other.
main() { # LANE…
  all=
  for lane; do
    exec {fd}< <("$lane")
    all+=" $fd"
  done
  for fd in $all; do cat <&"$fd"; done
  echo
  echo "$M done"
}
