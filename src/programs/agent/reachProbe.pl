# Opens a connection to each place, all at once, and closes it again. Behind the end of this text come the node that it
# runs on, and the places, a line each, up to a single dot: node, what is there, address, port, and the address in hex.
# What has not answered within 1.6 seconds, in which the kernel has sent a lost SYN a second time, is given up; then it
# is told, too, what Cilium dropped meanwhile. See parseReachProbe for what is printed.
#
# Numbers of Linux in place of modules, of which images have few: a socket is of IPv4 (2) or IPv6 (10), of a stream (1)
# that does not wait (2048), of TCP (6); its error is option 4 of level 1; 110 is ETIMEDOUT, 111 ECONNREFUSED, 115
# EINPROGRESS. Without a finer clock than that of /proc/uptime.
sub now {
  open my $file, "<", "/proc/uptime" or die $!;
  1000 * (split " ", <$file>)[0]
}
sub dropped {
  my %packets;
  for (qx{timeout 2 "\$(command -v cilium-dbg || command -v cilium)" bpf metrics list 2>&-}) {
    my ($reason, $direction, $count) = /^(\S.*?)\s\s+(ingress|egress)\s+(\d+)/i or next;
    $packets{lc "$direction" . " $reason"} += $count unless $reason =~ /^(Success|Interface|Plaintext|Decrypt)|succeeded$/
  }
  %packets
}
sub ended {
  my ($try, $error) = @_;
  my $word = !$error ? "open" : $error == 111 ? "refused" : $error == 110 ? "timeout" : "failed";
  my $ms = int now() - $begin;
  $! = $error;
  $$try{end} = join " ", $word, $ms, $error ? "$!" : ()
}
print "from ", scalar <DATA>;
$begin = $last = now;
while (<DATA>) {
  last if /^\.$/;
  my ($node, $kind, $address, $port, $hex) = split;
  push @tries, my $try = { place => "$node $kind $address $port" };
  my $isLong = 8 < length $hex;
  my $to = $isLong ? pack "SnNH32N", 10, $port, 0, $hex, 0 : pack "SnH8x8", 2, $port, $hex;
  socket my $socket, $isLong ? 10 : 2, 1 | 2048, 6 or ended($try, 0 + $!), next;
  if (connect $socket, $to) { ended($try, 0) }
  elsif ($! != 115) { ended($try, 0 + $!) }
  else { $open{fileno $socket} = [$try, $socket] }
}
while (%open) {
  my $left = $begin + 1600 - now;
  my $wait = $left > 50 ? 50 : $left > 0 ? $left : 0;
  my $ready = "";
  vec($ready, $_, 1) = 1 for keys %open;
  select undef, $ready, undef, $wait / 1000;
  my $late = now() - $last - $wait;
  $lag = $late if $lag < $late;
  for (grep vec($ready, $_, 1), keys %open) {
    my ($try, $socket) = @{ delete $open{$_} };
    ended($try, unpack "i", getsockopt $socket, 1, 4)
  }
  last if $left <= 0;
  if (%open && !$isCounted && now() - $begin > 300) {
    $isCounted = 1;
    %before = dropped()
  }
  $last = now
}
ended($$_[0], 110) for values %open;
print "try $$_{place} $$_{end}\n" for @tries;
if (%open) {
  my %after = dropped();
  for (sort keys %after) {
    my $rose = $after{$_} - $before{$_};
    print "drop $rose $_\n" if $rose > 0
  }
}
print "done ", int $lag, "\n";
