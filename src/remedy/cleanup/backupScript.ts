/** The back-up, and the way back from it. bash. */
export const backupScript = `# Back-ups lie where the agent's pod and the node see the same folder; rules do not outlive a reboot, so neither need they.
backup_base() {
  local base=\${KPR_BACKUP_DIR:-/var/run/cilium}
  if [ -z "\${KPR_BACKUP_DIR:-}" ] && ! [ -w "$base" ]; then base=/var/tmp; fi
  echo "$base"
}

backup() {
  local base pair one
  base=$(backup_base)
  # After an interruption the first run's back-up is the whole one.
  if rules_begun; then
    for one in $(ls -dt "$base/kpr-cleanup-$ID".* 2>/dev/null); do
      # In /var/tmp anybody may make a folder of that name; what this one runs or writes to is root's.
      if [ -O "$one" ] && ! [ -L "$one" ] && [ -e "$one/complete" ]; then D=$one; break; fi
    done
    if [ -n "$D" ]; then
      others backup || return 1
      ok "back-up of an earlier run: $D"
      return 0
    fi
    if rules_left; then note 'part of it is gone already and no earlier back-up is here: undo will bring back the rest only'; fi
  fi
  D=$(mktemp -d "$base/kpr-cleanup-$ID.XXXXXX") || { no "cannot write to $base (KPR_BACKUP_DIR chooses another folder)"; return 1; }
  for pair in $(pairs); do
    gzip -c "$W/$pair.before" >"$D/$pair.save.gz" && cp "$W/$pair.chains" "$W/$pair.jumps" "$D/" || { no "cannot write to $D"; return 1; }
  done
  { echo '#!/usr/bin/env bash'
    printf '# Puts back what kubectl kpr cleanup took away from node %q: bash %q\\n' "$NODE" "$D/undo"
    declare -p NODE ID HEALTH_IS_CILIUM SPLIT UNDO
    declare -f say ok no note quit answer alive begin lock tool dump lines restore undo undo_rules undo_others drop_table nft_works
    echo 'export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin; { begin; undo "$(cd "$(dirname "$0")" && pwd)"; exit; }'
  } >"$D/undo" && chmod 700 "$D/undo" || { no "cannot write to $D"; return 1; }
  others backup || return 1
  # What could not be put back is not taken away.
  for pair in $(pairs); do
    cp "$W/$pair.before" "$W/$pair.now"
    undo_rules "$pair" "$W/$pair.before" --test >"$W/said" || { cat "$W/said"; no "the back-up of $pair could not be put back"; return 1; }
  done
  : >"$D/complete"
  ok "back-up: $D (undo was tested)"
}

# Payloads that bring one table back: chains in the reverse order of their going, counters as they were, and last the jumps,
# each before the same rule of others as it was before; prints how many payloads there are.
UNDO='function place(c, key,   i, n) {
  n = len[c]
  for (i = 1; i <= n; i++) if (cur[c, i] == key) return i
  return 0
}
function insert(c, at, key,   i) {
  for (i = ++len[c]; i > at; i--) cur[c, i] = cur[c, i - 1]
  cur[c, at] = key
}
BEGIN {
  while ((getline l < chains) > 0) { split(l, w, " "); if (w[1] == t) { own[w[2]] = 1; order[++n] = w[2] } }
  while ((getline l < jumps) > 0) jump[l] = 1
  while ((getline l < current) > 0) {
    if (l ~ /^\\*/) ct = substr(l, 2)
    sub(/^\\[[0-9]+:[0-9]+\\] /, "", l)
    if (ct != t || l !~ /^-A /) continue
    split(l, w, " ")
    if (w[2] in own) continue
    if ((t " " l) in jump) dels[++nd] = l
    else cur[w[2], ++len[w[2]]] = l "\\n" ++seen[l]
  }
}
/^\\*/ { bt = substr($0, 2) }
{ whole = $0; if (bt != t || !sub(/^\\[[0-9]+:[0-9]+\\] /, "") || $1 != "-A") next
  if ($2 in own) r[$2, ++rules[$2]] = whole
  else if ((t " " $0) in jump) { jumped[$2] = 1; old[$2, ++olds[$2]] = "j" whole }
  else old[$2, ++olds[$2]] = "f" $0 "\\n" ++was[$0] }
END {
  if (n == 0) k = 1
  for (i = n; i >= 1; ) {
    file = out "." (++k); first = i
    print "*" t > file
    for (; i >= 1 && first - i < size; i--) print ":" order[i] " - [0:0]" > file
    for (j = first; j > i; j--) for (q = 1; q <= rules[order[j]]; q++) print r[order[j], q] > file
    if (i >= 1) { print "COMMIT" > file; close(file) }
  }
  file = out "." k
  if (n == 0) print "*" t > file
  for (i = 1; i <= nd; i++) { sub(/^-A /, "-D ", dels[i]); print dels[i] > file }
  for (c in jumped) for (i = 1; i <= olds[c]; i++) {
    if (substr(old[c, i], 1, 1) == "f") continue
    at = 0
    for (j = i + 1; j <= olds[c] && !at; j++) if (substr(old[c, j], 1, 1) == "f") at = place(c, substr(old[c, j], 2))
    if (!at) at = len[c] + 1
    line = substr(old[c, i], 2); head = line; sub(/-A .*/, "", head)
    sub(/^\\[[0-9]+:[0-9]+\\] -A [^ ]+ /, "", line)
    print head "-I " c " " at " " line > file
    insert(c, at, "j")
  }
  print "COMMIT" > file
  print k
}'

undo_rules() { # PAIR SAVED [--test]; $W/PAIR.now are the rules as they are
  local pair=$1 saved=$2 table n k size=1000000000
  [ "\${pair%-*}" = nft ] && size=2000
  for table in $(cat "$W/$pair.chains" "$W/$pair.jumps" | cut -d ' ' -f 1 | sort -u); do
    if [ -z "\${3:-}" ]; then
      lines share "$pair" "$saved" "$table" >"$W/was"
      lines share "$pair" "$W/$pair.now" "$table" >"$W/is"
      if cmp -s "$W/was" "$W/is"; then ok "$table ($pair): as it was"; continue; fi
    fi
    n=$(awk -v t="$table" -v chains="$W/$pair.chains" -v jumps="$W/$pair.jumps" -v current="$W/$pair.now" -v size=$size \\
      -v out="$W/undo-payload" "$UNDO" "$saved") || return 1
    for k in $(seq "$n"); do restore "$pair" "$W/undo-payload.$k" --counters \${3:+"$3"} || return 1; done
    ok "$table ($pair): $(grep -c "^$table " "$W/$pair.chains") chains put back"
  done
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
    pair=\${file##*/} pair=\${pair%.save.gz}
    cp "$dir/$pair.chains" "$dir/$pair.jumps" "$W/" && gzip -dc "$file" >"$W/$pair.before" && dump "$pair" "$W/$pair.now" || { bad=1; continue; }
    lines rest "$pair" "$W/$pair.now" >"$W/others"
    undo_rules "$pair" "$W/$pair.before" || { bad=1; continue; }
    dump "$pair" "$W/$pair.after" || { bad=1; continue; }
    lines rest "$pair" "$W/$pair.after" >"$W/others-now"
    cmp -s "$W/others" "$W/others-now" || { no "$pair: lines of others changed while this ran"; bad=1; }
    if cmp -s <(grep -v '^#' "$W/$pair.before" | sed 's/\\[[0-9]*:[0-9]*\\] *//') <(grep -v '^#' "$W/$pair.after" | sed 's/\\[[0-9]*:[0-9]*\\] *//'); then
      ok "$pair: every rule as it was, kube-proxy's and those of others"
    else
      note "$pair: kube-proxy's rules are back; those of others differ from when the back-up was taken"
    fi
  done
  undo_others after "$dir" || bad=1
  [ $bad = 0 ] || quit 3 'Not all could be put back: see above.'
  quit 0 'All was put back.'
}`;
