# Passes on what the agent's shell prints, line by line, and leaves out of its table of frontends the rows that say no
# more than that all is done, where whoever asks knows them. Words: NONCE KNOWN. By which rules: docs/digests.md.
use strict;
my ($nonce, $known) = @ARGV;
$| = 1;
my (@held, @done, $status, $error);
sub sha256 {
  my $text = shift;
  my $pid = open(my $from, '-|') // return '';
  if (!$pid) {
    open(my $to, '|-', 'sha256sum') or exit 1;
    print $to $text;
    close $to;
    exit 0;
  }
  my $line = <$from> // '';
  close $from;
  return $line =~ /^([0-9a-f]{64}) / ? $1 : '';
}
sub release {
  if (@held) {
    my $digest = sha256(join '', map "$_\n", sort @done);
    my $short = substr $digest, 0, 16;
    if ($short ne '' && grep $_ eq $short, unpack '(a16)*', $known) {
      print "known $short ", sha256("$nonce $digest\n"), "\r\n", map $_->[0], grep !$_->[1], @held;
    }
    else { print map $_->[0], @held }
  }
  (@held, @done) = ();
  undef $status;
}
while (my $line = <STDIN>) {
  if (defined $status) {
    # Up to the next prompt.
    if ($line !~ /^\S*> /) {
      my $is = length $line > $error && substr($line, $status, 5) eq 'Done ' && substr($line, $error) =~ /^\s*$/
        && $line =~ /^(\S+) +(ClusterIP|NodePort|LoadBalancer|ExternalIPs) +(\S+) /;
      push @done, "$1 $2 $3" if $is;
      push @held, [$line, $is];
      next;
    }
    release();
  }
  elsif ($line =~ /^Address +Type +ServiceName .* Status +Since +Error/) {
    ($status, $error) = (index($line, ' Status ') + 1, index($line, ' Error') + 1);
  }
  print $line;
}
release();
