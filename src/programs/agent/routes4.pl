# Passes on what `ip -4 route` prints, and puts networks of one size that stand behind each other and have the same way
# into one line, FIRST-LAST WAY: in a tunnel each node has a route to every other.
use strict;
my ($first, $last, $next, $length, $way);
sub release {
  print $first eq $last ? $first : "$first-$last", " $way\n" if defined $first;
  undef $first;
}
open(my $ip, '-|', 'ip', '-4', 'route') or do { print STDERR "ip: $!\n"; exit 127 };
while (my $line = <$ip>) {
  if ($line =~ m{^((\d+)\.(\d+)\.(\d+)\.(\d+)/(\d+)) (.*)$}) {
    my $from = (($2 * 256 + $3) * 256 + $4) * 256 + $5;
    if (!defined $first || $from != $next || $6 != $length || $7 ne $way) {
      release();
      ($first, $length, $way) = ($1, $6, $7);
    }
    $last = $1;
    $next = $from + 2 ** (32 - $length);
    next;
  }
  release();
  print $line;
}
release();
close $ip;
exit $? >> 8;
