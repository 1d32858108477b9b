# Lists the node's nftables tables, a line each: number of the family and name. One dump of all tables, as
# `nft list tables` asks for it (linux: include/uapi/linux/netfilter/nf_tables.h, NFT_MSG_GETTABLE; the name is a
# table's first attribute). Nothing is written.
#
# A kernel without nf_tables has no tables: socket() says EPROTONOSUPPORT (93) without nfnetlink, the dump EINVAL (22)
# without nf_tables.
socket S, 16, 3, 12 or exit 93 != $!;
send S, pack(LSSx12, 20, 2561, 769), 0;
for (;;) {
  defined recv S, $b, 1 << 17, 0 or die $!;
  while ($b) {
    ($l, $t, $f) = unpack LSS, $b;
    if ($t < 4) {
      $! = -unpack "x16l", $b;
      exit if !$! || $! == 22;
      die $!
    }
    die "tables change" if $f & 16;
    print join(" ", unpack "x16Cx7Z*", $b), "\n";
    $b = substr $b, $l + 3 & ~3
  }
}
