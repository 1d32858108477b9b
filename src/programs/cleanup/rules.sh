# The program for one backend and family: save, restore, or (without a third word) the command itself.
tool() {
  local family=iptables program
  [ "$2" = ipv6 ] && family=ip6tables
  program=$family-$1${3:+-$3}
  if command -v "$program" >/dev/null; then echo "$program"; return; fi
  # Hosts that have one backend only may have it without its name.
  program=$family${3:+-$3}
  case $(command -v "$program" >/dev/null && "$program" --version 2>/dev/null) in
    '') return 1 ;;
    *nf_tables*) [ "$1" = nft ] && echo "$program" ;;
    *) [ "$1" = legacy ] && echo "$program" ;;
  esac
}

# shellcheck disable=SC2153
place() { echo "${TABLE[$1]} (${BACKEND[$1]}, ${FAMILY[$1]/ipv/IPv})"; }
# Numbers of the tables, and each backend and family once.
indexes() { [ ${#TABLE[@]} -eq 0 ] || seq 0 $((${#TABLE[@]} - 1)); }
pairs() { local i; for i in $(indexes); do echo "${BACKEND[i]}-${FAMILY[i]}"; done | sort -u; }

# The rules as they are now, with counters.
dump() { # PAIR FILE
  local program
  program=$(tool "${1%-*}" "${1#*-}" save) || { no "there is no ${1%-*} iptables for ${1#*-} here"; return 1; }
  "$program" -c >"$2" 2>"$W/err" || { no "$program failed: $(head -c 300 "$W/err")"; return 1; }
  if grep -q '^# Table .* is incompatible' "$2"; then no "$program cannot print all that is there"; return 1; fi
}

lines() { # WANT PAIR DUMP [TABLE]
  awk -v want="$1" -v chains="$W/$2.chains" -v jumps="$W/$2.jumps" -v table="${4:-}" "$SPLIT" "$3"
}

# What belongs to kube-proxy, by the payloads: `nat KUBE-SERVICES` in the order in which it goes, and jumps as
# they are printed.
lists() {
  local i s
  for i in $(pairs); do : >"$W/$i.chains"; : >"$W/$i.jumps"; done
  for i in $(indexes); do
    for s in $(seq "${STAGES[i]}"); do payload "$i.$s"; done >"$W/payload"
    sed -n "s/^:\([^ ]*\) .*/${TABLE[i]} \1/p" "$W/payload" >>"$W/${BACKEND[i]}-${FAMILY[i]}.chains"
    sed -n "s/^-D /${TABLE[i]} -A /p" "$W/payload" >>"$W/${BACKEND[i]}-${FAMILY[i]}.jumps"
  done
}

# How many payloads of a table were applied already; fails when its rules are neither what was read nor what a
# payload leaves.
state() { # INDEX DUMP
  local found n=0 one pair="${BACKEND[$1]}-${FAMILY[$1]}"
  found=$(lines share "$pair" "$2" "${TABLE[$1]}" | sha256sum)
  for one in ${STATES[$1]}; do
    [ "$one" = "${found%% *}" ] && { echo "$n"; return 0; }
    n=$((n + 1))
  done
  return 1
}

# Takes a dump of each backend and family; AT holds the state of each table, or `changed`.
# shellcheck disable=SC2034
look() { # NAME
  local pair i
  for pair in $(pairs); do dump "$pair" "$W/$pair.$1" || return 1; done
  for i in $(indexes); do AT[i]=$(state "$i" "$W/${BACKEND[i]}-${FAMILY[i]}.$1") || AT[i]=changed; done
}

restore() { # PAIR FILE [OPTION…]: applies one payload as a whole or not at all
  local program pair=$1 file=$2
  shift 2
  program=$(tool "${pair%-*}" "${pair#*-}" restore) || { no "there is no ${pair%-*} iptables-restore for ${pair#*-} here"; return 1; }
  "$program" --noflush -w 5 "$@" <"$file" >"$W/err" 2>&1 && return 0
  no "$program: $(grep -v '^$' "$W/err" | head -n 3 | head -c 300)"
  return 1
}

