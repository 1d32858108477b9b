# Reads what lbDump prints and says the same in little: digests of the rows that nodes have in common, and as entries
# only what is the node's own, what is irregular, and what whoever asks does not know. Words: NONCE KNOWN. What this
# prints, and by which rules: docs/digests.md. Anything unforeseen, and the dump is printed as it came.
# Bytes are three digits each, as in the dump: of 12 digits is a number of 4 bytes, or an address of IPv4.
my ($nonce, $known) = @ARGV;
my $dump = do { local $/; <STDIN> };
my $said = eval { answer() };
print defined $said ? $said : $dump;

sub answer {
  my (@names, %size, %map);
  for (split /\n/, $dump) {
    if (/^cilium_lb\w+$/) { push @names, $_; $map{$_} = {} }
    elsif (/^\{"/) { $size{$names[-1]} = $_ }
    elsif ($_ ne '') {
      die if !/^\{key:/ || !/\}$/ || /error:(?!Nosuchfile)/;
      my @entries = /\{key:((?:0..)+?)value:((?:0[0-9a-f]{2})+)/g;
      $map{$names[-1]} = {@entries};
      # A map that changes while it is read may say a key twice.
      die if @entries != 2 * keys %{$map{$names[-1]}};
    }
  }
  die if !@names;
  my %proto = map { $_ => 1 } qw(000 006 011 084);
  my (%uses, %affine, %ranges, %entry, %backend, %master, %slots, %own, %star, %line, %raw, %hides);
  my $maglev = grep /maglev/, @names;
  for (keys %{$map{cilium_lb_affinity_match}}) { $affine{substr $_, 12, 6}{substr $_, 0, 12} = 1 }
  for my $v (4, 6) {
    my ($p, $a) = ("cilium_lb${v}_", $v == 4 ? 12 : 48);
    my ($services, $backends, $rev, $src, $mag) =
      map $map{$p . $_}, qw(services_v2 backends_v3 reverse_nat source_range maglev);
    $uses{rev}{$_}++ for keys %$rev;
    $uses{mag}{$_}++ for keys %$mag;
    for (keys %$src) { push @{$ranges{substr $_, 12, 6}}, [length == $a + 24 ? $v : 0, substr($_, 0, 12) . substr $_, 24] }
    my ($k, $x);
    while (($k, $x) = each %$backends) {
      $uses{backend}{$k}++;
      $backend{$k} = [$v, substr $x, 0, $a + 18] if length $x == $a + 24 && $proto{substr $x, $a + 6, 3};
    }
    while (($k, $x) = each %$services) {
      next if length $k != $a + 24 || length $x != 36;
      my ($at, $slot, $rest) = unpack "a${\($a + 6)} a6 a12", $k;
      $proto{substr $rest, 0, 3} or next;
      $rest =~ /^...00[01]000000$/ or die;
      my $f = $at . substr $rest, 0, 6;
      if ($slot eq '000000') { $master{$f} = $x; $uses{id}{substr $x, 18, 6}++ }
      else { push @{$slots{$f}}, [hex(substr $slot, 0, 3) + 256 * hex(substr $slot, 3), substr $x, 0, 12] }
    }
  }
  # Rows by what they say: all but IDs. A row that says more than that is irregular, and goes as it is.
  while (my ($f, $x) = each %master) {
    my $v = length $f == 24 ? 4 : 6;
    my $a = length($f) - 12;
    my ($first, $count, $id, $low, $high, $more) = unpack 'a12 a6 a6 a3 a3 a6', $x;
    my ($l, $h) = (hex $low, hex $high);
    my $address = substr $f, 0, $a;
    my $spread = ($l & 3) == 2 && $address =~ /[^0]/;
    $own{"$v$address"} = 1 if $spread;
    my $said = do {
      my $all = $slots{$f} || [];
      my $n = @$all;
      my $takes = hex(substr $count, 0, 3) + 256 * hex(substr $count, 3);
      my ($last, %seen, @said) = 0;
      for (@$all) {
        my ($number, $b) = @$_;
        $last = $number if $number > $last;
        my $found = $backend{$b};
        last if !$found || $found->[0] != $v || $uses{backend}{$b} > 1 || $seen{$b}++;
        push @{$said[$number > $takes]}, $found->[1] . ($affine{$id}{$b} ? 'a' : '');
      }
      my $sticks = keys %{$affine{$id}};
      my @nets = @{$ranges{$id} || []};
      my $named = $id ne '000000';
      my $p = "cilium_lb${v}_";
      my $m = exists $map{"${p}maglev"}{$id};
      if ($l & 8 || $h & 7 || $last != $n || keys %seen != $n || $takes > $n
        || $sticks != grep(/a$/, map @$_, grep $_, @said)
        || grep($_->[0] != $v || $_->[1] !~ /^0..0000000000/, @nets)
        || $named && ($uses{id}{$id} > 1 || $uses{rev}{$id} != 1 || ($map{"${p}reverse_nat"}{$id} // '') ne substr $f, 0, $a + 6)
        || !$named && ($sticks || @nets || $m)
        || $m != ($uses{mag}{$id} // 0) || $maglev && $named && ($l & 64 || substr($first, 9) eq '002') && $takes && !$m) { undef }
      else {
        my $ranges = join ',', sort map $_->[1], @nets;
        # With policy Local the backends are the node's own, and go as they are; all nodes have the row.
        if ($l & 4 || $h & 16) {
          $raw{$f} = 1 if $n || $m || $takes || $more ne '000000';
          join ' ', "$first$low$high", $named ? 'L' : 'l', '|', $ranges;
        }
        else {
          join ' ', "$first$count$low$high$more", $named ? $m ? 'M' : '+' : '-',
            join('|', map { join ',', sort @{$said[$_] || []} } 0, 1), $ranges;
        }
      }
    };
    if (!defined $said) { $raw{$f} = 1 }
    if ($spread) { $star{$v . substr $f, $a}{$f} = $said }
    elsif (defined $said) { $line{$f} = [(hex(substr $f, $a - 6, 3) + hex(substr $f, $a - 3, 3)), $f, "$f $said"] }
  }
  # NodePorts are the same at each of the node's own addresses, on all nodes.
  my %addresses;
  $addresses{substr $_, 0, 1}++ for keys %own;
  while (my ($s, $rows) = each %star) {
    my ($first) = values %$rows;
    if (keys %$rows != $addresses{substr $s, 0, 1} || grep !defined || $_ ne $first, values %$rows) { $raw{$_} = 1 for keys %$rows }
    else {
      my ($any) = keys %$rows;
      $line{$any} = [0, $any, "*$s $first", keys %$rows];
    }
  }
  my @bucket = map [], 0 .. 255;
  for (values %line) {
    my ($sum, $f) = @$_;
    push @{$bucket[($sum + hex(substr $f, -12, 3) + hex(substr $f, -9, 3)) & 255]}, $_;
  }
  # One sha256sum for all: each pipe holds a bucket's rows, as much as it can.
  local $^F = 10000;
  my (@ends, @is);
  for (@bucket) {
    my $text = join '', map "$_\n", sort map $_->[2], @$_;
    die if length $text > 60000;
    pipe my $r, my $w or die;
    syswrite $w, $text;
    close $w;
    push @ends, $r;
  }
  my $sums = sub { my $all = `@_`; die if $?; $all =~ /^\\?([0-9a-f]{64}) /mg };
  @is = $sums->('sha256sum', map '/proc/self/fd/' . fileno $_, @ends);
  die if @is != 256;
  my @base = unpack '(a8)*', $known // '';
  my %known = map { $_ => 1 } @base;
  my $tokens = '';
  for (0 .. 255) {
    my $short = substr $is[$_], 0, 8;
    $tokens .= $known{$short} ? $short eq $base[$_] ? '.' : $short : '+';
    if ($known{$short}) { for (map @$_[$_->[3] ? (3 .. $#$_) : 1], @{$bucket[$_]}) { $hides{$_} = 1 if !$raw{$_} } }
  }
  my $head = join '', 'own', (map " $_", sort keys %own), "\nentries", (map ' ' . keys %{$map{$_}}, @names), "\nbuckets $tokens\n";
  pipe my $r, my $w or die;
  syswrite $w, join "\n", $nonce, "$head@is[0..0]", @is[1 .. 255], '';
  close $w;
  my ($all) = $sums->('sha256sum', '/proc/self/fd/' . fileno $r);
  # Of what is left out: its entries, those of its ID, and backends that no other row has.
  my (%ids, %hidden, %needed);
  for my $f (keys %master, grep !exists $master{$_}, keys %slots) {
    my $to = $hides{$f} ? \%hidden : \%needed;
    $to->{$_->[1]} = 1 for @{$slots{$f}};
    $ids{substr $master{$f}, 18, 6} = 1 if $hides{$f};
  }
  delete $ids{'000000'};
  my %keep = (
    services_v2 => sub { my $a = length($_[0]) - 24; $a != 12 && $a != 48 || !$hides{substr($_[0], 0, $a + 6) . substr $_[0], $a + 12, 6} },
    backends_v3 => sub { !$hidden{$_[0]} || $needed{$_[0]} },
    reverse_nat => sub { !$ids{$_[0]} },
    maglev => sub { !$ids{$_[0]} },
    source_range => sub { !$ids{substr $_[0], 12, 6} },
    affinity_match => sub { !$ids{substr $_[0], 12, 6} },
  );
  my $out = "digest 1 $all\n$head";
  for my $name (@names) {
    my ($kind) = $name =~ /^cilium_lb[46]?_(.*)/;
    my ($keep, $entries) = ($keep{$kind} // sub { 1 }, $map{$name});
    $out .= "$name\n" . ($size{$name} ? "$size{$name}\n\n" : '')
      . join('', map "{key:${_}value:$entries->{$_}}", grep $keep->($_), keys %$entries) . "\n";
  }
  $out;
}
