# Back-ups lie where the agent's pod and the node see the same folder; rules do not outlive a reboot, so
# neither need they.
backup_base() {
  local base=${KPR_BACKUP_DIR:-/var/run/cilium}
  if [ -z "${KPR_BACKUP_DIR:-}" ] && ! [ -w "$base" ]; then base=/var/tmp; fi
  echo "$base"
}

# In /var/tmp anybody may make a folder or a link of that name; what is run or written to is this user's. One look, from
# inside: a name can lead elsewhere at the second. What is its own there, nobody else can move away (the sticky bit).
own_folder() ( # DIR
  base=$(cd -P -- "${1%/*}/" && pwd) && cd -P -- "$1" 2>/dev/null && [ -O . ] && [ "$PWD" = "${base%/}/${1##*/}" ]
)

backup() {
  local base pair one
  base=$(backup_base)
  # After an interruption the first run's back-up is the whole one.
  if rules_begun; then
    while IFS= read -r one; do
      if own_folder "$one" && [ -e "$one/complete" ]; then D=$one; break; fi
    done < <(ls -dt "$base/kpr-cleanup-$ID".* 2>/dev/null)
    if [ -n "$D" ]; then
      others backup || return 1
      ok "back-up of an earlier run: $D"
      return 0
    fi
    if rules_left; then note 'part of it is gone already and no earlier back-up is here: undo will bring back the rest only'; fi
  fi
  D=$(mktemp -d "$base/kpr-cleanup-$ID.XXXXXX") || { no "cannot write to $base (KPR_BACKUP_DIR chooses another folder)"; return 1; }
  for pair in $(pairs); do
    { gzip -c "$W/$pair.before" >"$D/$pair.save.gz" && cp "$W/$pair.chains" "$W/$pair.jumps" "$D/"; } || { no "cannot write to $D"; return 1; }
  done
  { undo_script >"$D/undo" && chmod 700 "$D/undo"; } || { no "cannot write to $D"; return 1; }
  others backup || return 1
  # What could not be put back is not taken away.
  for pair in $(pairs); do
    cp "$W/$pair.before" "$W/$pair.now"
    undo_rules "$pair" "$W/$pair.before" --test >"$W/said" || { cat "$W/said"; no "the back-up of $pair could not be put back"; return 1; }
  done
  : >"$D/complete"
  ok "back-up: $D (undo was tested)"
}

# What stands in the folder of the back-up and needs no other file.
undo_script() {
  echo '#!/usr/bin/env bash'
  printf '# Puts back what kubectl kpr cleanup took away from node %q: bash %q\n' "$NODE" "$D/undo"
  # shellcheck disable=SC2090
  declare -p NODE ID HEALTH_IS_CILIUM SPLIT UNDO
  declare -f say ok no note quit answer alive health_is_cilium begin lock tool dump lines restore undo undo_rules undo_others drop_table nft_works
  # shellcheck disable=SC2016 # What is expanded, is expanded by the undo.
  echo 'export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin; { begin; undo "$(cd "$(dirname "$0")" && pwd)"; exit; }'
}

undo_rules() { # PAIR SAVED [--test]; $W/PAIR.now are the rules as they are
  local pair=$1 saved=$2 table n k size=1000000000
  [ "${pair%-*}" = nft ] && size=2000
  while read -r table; do
    if [ -z "${3:-}" ]; then
      lines share "$pair" "$saved" "$table" >"$W/was"
      lines share "$pair" "$W/$pair.now" "$table" >"$W/is"
      if cmp -s "$W/was" "$W/is"; then ok "$table ($pair): as it was"; continue; fi
    fi
    n=$(awk -v t="$table" -v chains="$W/$pair.chains" -v jumps="$W/$pair.jumps" -v current="$W/$pair.now" -v size=$size \
      -v out="$W/undo-payload" "$UNDO" "$saved") || return 1
    for k in $(seq "$n"); do restore "$pair" "$W/undo-payload.$k" --counters ${3:+"$3"} || return 1; done
    ok "$table ($pair): $(grep -c "^$table " "$W/$pair.chains") chains put back"
  done < <(cat "$W/$pair.chains" "$W/$pair.jumps" | cut -d ' ' -f 1 | sort -u)
}

undo() { # DIR
  local dir=$1 file pair bad=0 why
  say "Node $NODE: putting back what was taken away, from $dir"
  [ -e "$dir/complete" ] || quit 2 "$dir is no complete back-up: nothing was changed."
  if why=$(alive); then quit 1 "$why: it writes its own rules; nothing was changed."; fi
  lock
  undo_others before "$dir" || bad=1
  for file in "$dir"/*.save.gz; do
    [ -e "$file" ] || continue
    pair=${file##*/} pair=${pair%.save.gz}
    { cp "$dir/$pair.chains" "$dir/$pair.jumps" "$W/" && gzip -dc "$file" >"$W/$pair.before" && dump "$pair" "$W/$pair.now"; } || { bad=1; continue; }
    lines rest "$pair" "$W/$pair.now" >"$W/others"
    undo_rules "$pair" "$W/$pair.before" || { bad=1; continue; }
    dump "$pair" "$W/$pair.after" || { bad=1; continue; }
    lines rest "$pair" "$W/$pair.after" >"$W/others-now"
    cmp -s "$W/others" "$W/others-now" || { no "$pair: lines of others changed while this ran"; bad=1; }
    if cmp -s <(grep -v '^#' "$W/$pair.before" | sed 's/\[[0-9]*:[0-9]*\] *//') <(grep -v '^#' "$W/$pair.after" | sed 's/\[[0-9]*:[0-9]*\] *//'); then
      ok "$pair: every rule as it was, kube-proxy's and those of others"
    else
      note "$pair: kube-proxy's rules are back; those of others differ from when the back-up was taken"
    fi
  done
  undo_others after "$dir" || bad=1
  [ $bad = 0 ] || quit 3 'Not all could be put back: see above.'
  quit 0 'All was put back.'
}
