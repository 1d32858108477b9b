# Whose line is whose in a dump of iptables-save, without counters. `want` is one of
#   share  the share of kube-proxy in one `table`
#   rest   all lines but those of kube-proxy, of all tables
#   refs   rules of others that lead to chains of kube-proxy
# Files: `chains` holds TABLE CHAIN a line, `jumps` TABLE RULE.
BEGIN {
  while ((getline l < chains) > 0) own[l] = 1
  while ((getline l < jumps) > 0) jump[l] = 1
}
/^#/ || $0 == "COMMIT" { next }
/^\*/ { t = substr($0, 2); if (want == "rest") print; next }
{
  sub(/^\[[0-9]+:[0-9]+\] /, "")
  if (/^:/) { n = substr($1, 2); mine = ((t " " n) in own); $0 = ":" n (mine ? "" : " " $2) }
  else mine = ((t " " $2) in own) || ((t " " $0) in jump)
  if (want == "share") { if (mine && t == table) print }
  else if (mine) next
  else if (want == "rest") print
  else {
    # What is quoted is a comment or the like, whatever it says.
    n = $0; gsub(/"([^"\\]|\\.)*"/, "", n); n = split(n, w, " ")
    for (i = 3; i < n; i++)
      if ((w[i] == "-j" || w[i] == "-g") && (t " " w[i + 1]) in own) { print t ": " $0; break }
  }
}
