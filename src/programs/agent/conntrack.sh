# UDP entries whose destination was translated: the reply comes from elsewhere than the client sent to; and how many TCP
# connections are open by such a translation, by where clients sent to. Where the kernel
# tracks no connections at all, there are none; where it does not show them as a file, or there are too many to list,
# that is said, and ends with 127, as what is not there does. Listing takes the kernel about a second for each 300,000;
# more than 2000 are no longer told apart by a person, and cost the node's answer its place.
count=/proc/sys/net/netfilter/nf_conntrack_count list=/proc/net/nf_conntrack
[ -e $count ] || exit 0
{ [ -e $list ] && [ "$(<$count)" -lt 500000 ]; } || { echo no file, or too many >&2; exit 127; }
awk -v most=2000 '$3 == "udp" {
  s = $0; sub(/.* src=/, "", s); split(s, a)
  if ("dst=" a[1] a[3] != $7 "s" substr($9, 2) && n++ < most) print
}
$3 == "tcp" && $6 == "ESTABLISHED" {
  s = $0; sub(/.* src=/, "", s); split(s, a)
  if ("dst=" a[1] a[3] == $8 "s" substr($10, 2)) next
  all++; to = substr($8, 5) " " substr($10, 7)
  if (to in tcp || kinds++ < 500) tcp[to]++
}
END {
  if (n > most) print "left", n - most
  for (to in tcp) print "tcp", tcp[to], to
  print "tcp all", all + 0
}' $list
