# Prints the tables of nftables that filter packets, but for those of iptables, which prints them itself, and of
# kube-proxy, whose rules are many: a line for each chain (`chain FAMILY TABLE NAME`, and of base chains the number of
# the hook, the priority, the policy and the type), each rule (`rule FAMILY TABLE CHAIN HANDLE`, then its expressions,
# each with its attributes in hexadecimal), and in front of these each map of verdicts that a rule looks up (`map FAMILY
# TABLE NAME`, then its elements likewise), as NFT_MSG_GETCHAIN, _GETRULE and _GETSETELEM give them (linux:
# include/uapi/linux/netfilter/nf_tables.h). Of a table with more than 500 rules it says so, and no more; of 20 maps in
# a table, those of up to 50 elements. Nothing is written.
#
# A kernel without nf_tables has no tables: socket() says EPROTONOSUPPORT (93) without nfnetlink, the dump EINVAL (22)
# without nf_tables.
socket S, 16, 3, 12 or exit 93 != $!;
sub attributes {
  my ($text, @all) = @_;
  while (length $text > 3) {
    my ($length, $type) = unpack SS, $text;
    last if $length < 4;
    push @all, $type & 0x3fff, substr $text, 4, $length - 4;
    $text = substr $text, $length + 3 & ~3
  }
  @all
}
sub each_of {
  my ($asked, $family, $attributes, $seen) = @_;
  send S, pack(LSSx8CCxx, 20 + length $attributes, $asked, 769, $family, 0) . $attributes, 0;
  for (;;) {
    defined recv S, my $b, 1 << 17, 0 or die $!;
    while ($b) {
      my ($l, $t, $f) = unpack LSS, $b;
      if ($t < 4) {
        $! = -unpack "x16l", $b;
        return if !$! || $! == 22;
        die $!
      }
      die "tables change" if $f & 16;
      $seen->(unpack("x16C", $b), attributes substr $b, 20, $l - 20);
      $b = substr $b, $l + 3 & ~3
    }
  }
}
sub word { unpack "Z*", $_[0] }
%ofIptables = map { $_, 1 } qw(raw mangle nat filter security);
each_of 2564, 0, "", sub {
  my ($family, %chain) = @_;
  my ($table, $name) = (word($chain{1}), word($chain{3}));
  return if $family !~ /^(1|2|10)$/ || $table eq "kube-proxy";
  my $key = "$family $table";
  my $line = "chain $key $name";
  if ($chain{4}) {
    my %hook = attributes $chain{4};
    my $type = word($chain{7});
    $isOurs{$key} ||= $type ne "nat" && !($family != 1 && $ofIptables{$table} && $name =~ /^[A-Z]+$/);
    $line .= join " ", "", unpack(N, $hook{1}), unpack("l>", $hook{2}), unpack(N, $chain{5} // "\0\0\0\1"), $type
  }
  push @{ $chains{$key} }, $line
};
for $key (sort grep $isOurs{$_}, keys %isOurs) {
  print map "$_\n", @{ $chains{$key} };
  ($family, $table) = split / /, $key, 2;
  my ($count, @rules, %maps) = 0;
  my $of_table = pack("SSa*x![4]", 5 + length $table, 1, "$table\0");
  each_of 2567, $family, $of_table, sub {
    my (undef, %rule) = @_;
    return if ++$count > 500;
    my ($line, @list) = ("rule $key " . word($rule{2}) . " " . unpack("Q>", $rule{3}), attributes $rule{4});
    while (my (undef, $element) = splice @list, 0, 2) {
      my %one = attributes $element;
      $line .= " " . word($one{1}) . ":" . unpack "H*", $one{2} // "";
      next if word($one{1}) ne "lookup";
      my %lookup = attributes $one{2};
      $maps{word($lookup{1})} = 1 if $lookup{3} eq "\0\0\0\0"
    }
    push @rules, "$line\n"
  };
  print("more $key\n"), next if $count > 500;
  for my $map ((sort keys %maps)[0 .. 19]) {
    next if !length $map;
    my @elements;
    each_of 2573, $family, $of_table . pack("SSa*x![4]", 5 + length $map, 2, "$map\0"), sub {
      my (undef, %message) = @_;
      my @list = attributes $message{3};
      while (my (undef, $element) = splice @list, 0, 2) { push @elements, unpack "H*", $element }
    };
    print join(" ", "map $key $map", @elements), "\n" if @elements <= 50
  }
  print @rules
}
