# Reads what iptables-save -c prints, and leaves out of it kube-proxy's chains of Services and endpoints, and its rules
# for them, where whoever asks knows them. Words: NONCE KNOWN. By which rules: docs/digests.md. Anything unforeseen, and
# the dump is printed as it came.
use strict;
my ($nonce, $known) = @ARGV;
my $dump = do { local $/; <STDIN> };
my $said = eval { answer() };
print defined $said ? $said : $dump;

# SHA-256 of each text by one sha256sum; a child fills the pipes one after the other, as they are read.
sub sha256 {
  local $^F = 10000;
  my (@to, @from);
  for (@_) {
    pipe my $r, my $w or die;
    fcntl $w, 2, 1 or die;
    push @from, $r;
    push @to, $w;
  }
  my $pid = fork // die;
  if (!$pid) {
    @from = ();
    for (@_) {
      my $w = shift @to;
      print $w $_;
      close $w;
    }
    exit 0;
  }
  @to = ();
  my $all = join ' ', 'sha256sum', map '/proc/self/fd/' . fileno $_, @from;
  my @is = `$all` =~ /^([0-9a-f]{64}) /mg;
  @from = ();
  waitpid $pid, 0;
  die if @is != @_;
  @is;
}

sub answer {
  die if $dump =~ /[^\n -~]/ || $dump !~ /\n\z/;
  my %lists = map { $_ => 1 } qw(KUBE-SERVICES KUBE-NODEPORTS KUBE-EXTERNAL-SERVICES KUBE-PROXY-FIREWALL);
  my ($t, %seen, %chain, %rule) = '';
  my @lines = split /\n/, $dump;
  for (@lines) {
    my $first = substr $_, 0, 1;
    if ($first eq '[') {
      my ($rule, $in) = /^\[(?:0|[1-9]\d{0,14}):(?:0|[1-9]\d{0,14})\] (-A (\S+) .*)/ or die;
      if (exists $chain{"$t $in"}) { $chain{"$t $in"} .= "$rule\n" }
      elsif ($lists{$in} && $rule !~ /LOCAL| local /) { die if $rule{"$t $rule\n"}++ }
    }
    elsif ($first eq ':') {
      my ($name) = /^:(KUBE-(?:SVC|EXT|FW|SEP|XLB)-[A-Z2-7]{16}) - \[0:0\]$/ or next;
      die if exists $chain{"$t $name"};
      $chain{"$t $name"} = "$t :$name\n";
    }
    elsif ($first eq '*') {
      $t = substr $_, 1;
      die if $seen{$t}++;
    }
    elsif ($first eq '-' || $first eq '=') { die }
  }
  my (@texts, %of);
  while (my ($name, $text) = each %chain) {
    next if $text =~ /LOCAL| local /;
    push @{$texts[unpack('%32C*', $name) & 255]}, $text;
    $of{$text} = $name;
  }
  push @{$texts[unpack('%32C*', $_) & 255]}, $_ for keys %rule;
  @{$texts[$_]} = sort @{$texts[$_] || []} for 0 .. 255;
  my @is = sha256(map join('', @$_), @texts);
  my %known = map { $_ => 1 } unpack '(a8)*', $known;
  my ($tokens, %hides, %number, %count) = '';
  for my $b (0 .. 255) {
    my $short = substr $is[$b], 0, 8;
    $tokens .= $known{$short} ? $short : '+';
    next if !$known{$short};
    for (@{$texts[$b]}) {
      if (exists $of{$_}) { $hides{$of{$_}} = 0 }
      else {
        my ($list) = /^(\S+ -A \S+)/;
        $number{$_} = $count{$list}++;
      }
    }
  }
  my ($rest, $run, $in, %last, @said) = ('', 0, '');
  my $flush = sub {
    $rest .= "=$run\n" if $run;
    $rest .= join(' ', "=$in", @said) . "\n" if @said;
    $run = 0;
    @said = ();
  };
  for (@lines) {
    my $first = substr $_, 0, 1;
    if ($first eq '[') {
      my $end = index $_, ']';
      my $rule = substr $_, $end + 2;
      my $name = substr $rule, 3, index($rule, ' ', 3) - 3;
      my $at = exists $hides{"$t $name"} ? $hides{"$t $name"}++ : $number{"$t $rule\n"};
      if (defined $at) {
        my $met = substr $_, 1, $end - 1;
        if ($name ne $in) {
          $flush->();
          $in = $name;
        }
        if ($met ne '0:0') { push @said, "$at=$met" }
        elsif ($lists{$name}) { push @said, $at }
        next;
      }
    }
    elsif ($first eq ':') {
      my $name = substr $_, 1, index($_, ' ') - 1;
      if (exists $hides{"$t $name"}) {
        die if $last{$t} ge $name;
        $last{$t} = $name;
        $run++;
        next;
      }
    }
    elsif ($first eq '*') { $t = substr $_, 1 }
    $flush->();
    $rest .= "$_\n";
  }
  $flush->();
  my $head = "buckets $tokens\n";
  my ($all) = sha256(join '', "$nonce\n$head", map("$_\n", @is), $rest);
  "digest 1 $all\n$head$rest";
}
