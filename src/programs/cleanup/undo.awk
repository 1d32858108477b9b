# Writes the payloads that bring one table back, OUT.1, OUT.2 and so on, and prints how many there are: chains in the
# reverse order of their going, counters as they were, and last the jumps, each before the same rule of others as it was
# before. `t` is the table, `size` how many chains go into one payload, `out` the files; the input is the dump that was
# saved. Files: `chains` holds TABLE CHAIN a line, `jumps` TABLE RULE, `current` the dump as it is now.
function place(c, key,   i, n) {
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
    if (l ~ /^\*/) ct = substr(l, 2)
    sub(/^\[[0-9]+:[0-9]+\] /, "", l)
    if (ct != t || l !~ /^-A /) continue
    split(l, w, " ")
    if (w[2] in own) continue
    if ((t " " l) in jump) dels[++nd] = l
    else cur[w[2], ++len[w[2]]] = l "\n" ++seen[l]
  }
}
/^\*/ { bt = substr($0, 2) }
{ whole = $0; if (bt != t || !sub(/^\[[0-9]+:[0-9]+\] /, "") || $1 != "-A") next
  if ($2 in own) r[$2, ++rules[$2]] = whole
  else if ((t " " $0) in jump) { jumped[$2] = 1; old[$2, ++olds[$2]] = "j" whole }
  else old[$2, ++olds[$2]] = "f" $0 "\n" ++was[$0] }
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
    sub(/^\[[0-9]+:[0-9]+\] -A [^ ]+ /, "", line)
    print head "-I " c " " at " " line > file
    insert(c, at, "j")
  }
  print "COMMIT" > file
  print k
}
