# Opens a connection to each place and closes it again, so many a second, and gives each two seconds. Behind the end of
# this text come the number of connections a second and the places, a line each, up to a single dot: number, protocol,
# address, port, and the address in hex. By UDP cluster DNS is asked for a name. parseConnectEnds reads what is printed.
#
# Numbers of Linux in place of modules, of which images have few: a socket is of IPv4 (2) or IPv6 (10), of a stream (1)
# or of datagrams (2), and does not wait (2048); its error is option 4 of level 1; 110 is ETIMEDOUT, 111 ECONNREFUSED,
# 115 EINPROGRESS. Without a finer clock than that of /proc/uptime.
$query = "KP\1\0\0\1\0\0\0\0\0\0\12kubernetes\7default\3svc\7cluster\5local\0\0\1\0\1";
$| = 1;
sub now {
  open my $file, "<", "/proc/uptime" or die $!;
  1000 * (split " ", <$file>)[0]
}
sub ended {
  my ($number, $begin, $error) = @_;
  my $word = !$error ? "open" : $error == 111 ? "refused" : $error == 110 ? "timeout" : "failed";
  my $ms = int now() - $begin;
  $! = $error;
  print join(" ", $number, $word, $ms, $error ? "$!" : ()), "\n"
}
sub begin {
  my ($number, $protocol, $address, $port, $hex) = split " ", $_[0];
  my $isDns = $protocol eq "UDP";
  my $isLong = 8 < length $hex;
  my $to = $isLong ? pack "SnNH32N", 10, $port, 0, $hex, 0 : pack "SnH8x8", 2, $port, $hex;
  my $at = now;
  socket my $socket, $isLong ? 10 : 2, ($isDns ? 2 : 1) | 2048, 0 or return ended($number, $at, 0 + $!);
  my $isDone = connect $socket, $to;
  return ended($number, $at, 0 + $!) if !$isDone && $! != 115;
  return ended($number, $at, 0) if $isDone && !$isDns;
  return ended($number, $at, 0 + $!) if $isDns && !defined send $socket, $query, 0;
  $open{fileno $socket} = [$number, $at, $socket, $isDns]
}
chomp(my $rate = <DATA>);
my $next = now;
my $isOver;
while (!$isOver || %open) {
  while (!$isOver && now() >= $next && keys %open < 200) {
    my $line = <DATA>;
    $isOver = !defined $line || $line =~ /^\.$/;
    begin($line) unless $isOver;
    $next += 1000 / $rate
  }
  my ($read, $write) = ("", "");
  vec($open{$_}[3] ? $read : $write, $_, 1) = 1 for keys %open;
  select $read, $write, undef, 0.01;
  for (keys %open) {
    my ($number, $at, $socket, $isDns) = @{ $open{$_} };
    my $error = 110;
    if (vec($isDns ? $read : $write, $_, 1)) {
      $error = unpack "i", getsockopt $socket, 1, 4;
      if ($isDns && !$error) { defined recv $socket, my $answer, 512, 0 or $error = 0 + $! }
    } elsif (now() - $at < 2000) {
      next
    }
    delete $open{$_};
    ended($number, $at, $error)
  }
}
print "done\n";
