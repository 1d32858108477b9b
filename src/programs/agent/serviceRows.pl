# Passes on what `service list -o json` prints of some frontends. Words: ADDRESS PORT of each. In front of them
# stands of which ones: nothing follows from what is left out of all others. What is printed in another form is
# passed on whole.
use strict;
my %wanted;
for (my $at = 0; $at < @ARGV; $at += 2) { $wanted{"$ARGV[$at] $ARGV[$at + 1]"} = 1 }
my $first = <STDIN> // '';
my $second = <STDIN> // '';
if ($first ne "[\n" || $second ne "  {\n") {
  print $first, $second, <STDIN>;
  exit 0;
}
print "only @ARGV\n[";
my $comma = "\n";
# Only what is asked for stands first in each entry; the rest repeats it.
my ($spec, $is_open) = ('', 0);
while (my $line = <STDIN>) {
  if ($line eq "    \"spec\": {\n") { ($spec, $is_open) = ('', 1) }
  elsif ($is_open && $line =~ /^    \}/) {
    $is_open = 0;
    my ($ip, $port) = $spec =~ /"frontend-address": \{\s*(?:"ip": "([^"]*)",?)?\s*(?:"port": (\d+))?/;
    if (!defined $ip || $wanted{"$ip " . ($port // 0)}) {
      print $comma, "{\"spec\": {\n", $spec, "}}";
      $comma = ",\n";
    }
  }
  elsif ($is_open) { $spec .= $line }
}
print "\n]\n";
