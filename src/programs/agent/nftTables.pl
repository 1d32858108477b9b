# Lists the node's nftables tables, a line each: number of the family, name, and how many chains it has. One dump of all
# chains, then one of all tables, as `nft list chains` and `nft list tables` ask for them (linux:
# include/uapi/linux/netfilter/nf_tables.h, NFT_MSG_GETCHAIN and NFT_MSG_GETTABLE; the name of the table is the first
# attribute of both). Nothing is written.
#
# A kernel without nf_tables has no tables: socket() says EPROTONOSUPPORT (93) without nfnetlink, the dump EINVAL (22)
# without nf_tables.
socket S, 16, 3, 12 or exit 93 != $!;
for $asked (2564, 2561) {
  send S, pack(LSSx12, 20, $asked, 769), 0;
  DUMP: for (;;) {
    defined recv S, $b, 1 << 17, 0 or die $!;
    while ($b) {
      ($l, $t, $f) = unpack LSS, $b;
      if ($t < 4) {
        $! = -unpack "x16l", $b;
        last DUMP if !$! || $! == 22;
        die $!
      }
      die "tables change" if $f & 16;
      $table = join " ", unpack "x16Cx7Z*", $b;
      if ($t == 2563) { ++$chains{$table} }
      else { print $table, " ", $chains{$table} || 0, "\n" }
      $b = substr $b, $l + 3 & ~3
    }
  }
}
