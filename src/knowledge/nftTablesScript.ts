/**
 * Lists the node's nftables tables with the number of their chains, a line each: `ip kube-proxy 30`. No image of Cilium's
 * agent has `nft`, but they are made from Ubuntu, whose perl speaks netlink (linux: include/uapi/linux/netfilter/nf_tables.h):
 * two dumps, of chains and of tables, as `nft list` asks for them; nothing is written.
 *
 * A kernel without nf_tables has no tables: socket() says EPROTONOSUPPORT (93) without nfnetlink, the dump EINVAL without nf_tables.
 * A dump that changed meanwhile (NLM_F_DUMP_INTR, 0x10) is taken again.
 */
const perl = String.raw`use strict;
my %family = (1, "inet", 2, "ip", 3, "arp", 5, "netdev", 7, "bridge", 10, "ip6");
socket(my $s, 16, 3, 12) or exit($!+0 == 93 ? 0 : die "netlink: $!\n");
my $seq = 0;
sub all { my ($type, $get) = @_; my (@found, $again);
  send($s, pack("LSSLLCCn", 20, 10 << 8 | $type, 0x301, ++$seq, 0, 0, 0, 0), 0) or die "netlink: $!\n";
  while (1) {
    defined recv($s, my $b, 1 << 18, 0) or die "netlink: $!\n"; length $b or die "netlink: no answer\n";
    for (my $o = 0; $o + 16 <= length $b;) {
      my ($len, $t, $flags, $n) = unpack("LSSL", substr($b, $o, 12));
      die "netlink: an answer that was cut\n" if $len < 16 || $o + $len > length $b;
      if ($n == $seq) {
        $again = 1 if $flags & 0x10;
        my $error = ($t == 2 || $t == 3) && $len >= 20 ? -unpack("l", substr($b, $o + 16, 4)) : 0;
        if ($error) { exit 0 if $error == 22 && $type == 1; $! = $error; die "netlink: $!\n" }
        return $again ? undef : \@found if $t == 2 || $t == 3;
        my ($af, %a) = (unpack("C", substr($b, $o + 16, 1)));
        for (my $p = $o + 20; $p + 4 <= $o + $len;) {
          my ($al, $at) = unpack("SS", substr($b, $p, 4)); last if $al < 4;
          $a{$at & 0x3fff} = unpack("Z*", substr($b, $p + 4, $al - 4)); $p += ($al + 3) & ~3 }
        my $name = $a{1}; $name =~ s/[^!-~]/?/g; push @found, ($family{$af} || "family-$af") . " $name" }
      $o += ($len + 3) & ~3 } } }
sub whole { for (1 .. 5) { my $found = all(@_); return @$found if $found } die "netlink: the tables keep changing\n" }
my @tables = whole(1); my %chains; $chains{$_}++ for whole(4);
print "$_ " . ($chains{$_} || 0) . "\n" for @tables;`;

/**
 * Without perl and nft it may still be known that kube-proxy has no table: each of its Services with an endpoint is a rule
 * with numgen (kubernetes: pkg/proxy/nftables/proxier.go), so that the module nft_numgen is there as long as such a rule is.
 */
export const nftTablesScript = `if command -v perl >/dev/null; then exec perl -e '${perl}'; fi
if command -v nft >/dev/null; then nft list chains | awk '/^table /{t=$2" "$3;n[t]+=0} /^\\tchain /{n[t]++} END{for(t in n)print t,n[t]}'; exit $PIPESTATUS; fi
b=/lib/modules/$(uname -r)/modules.builtin
if [ -r /proc/modules ] && [ -r $b ] && ! grep -q "^nft_numgen " /proc/modules && ! grep -q "/nft_numgen\\.ko" $b; then exit 0; fi
echo "neither perl nor nft is there to ask for nftables" >&2; exit 127`;

/** A small version of the same that a person can type: the names of all tables. */
export const nftTablesShown = `perl -e 'socket S,16,3,12;send S,pack("LSSx12",20,2561,769),0;recv S,$b,1<<16,0;print"$_\\n"for$b=~/[\\w-]{3,}/g'`;
