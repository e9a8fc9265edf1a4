#!/usr/bin/perl
# For to_kafka.sh: puts the sender, as key, and a tab before each JSON line of netcon.
# kcat 1.7.1 reads blocks of 1024 bytes and waits for a whole one. When records pause, empty lines, which it skips, fill the
# block: otherwise the last lines of a crash would wait for the next ones.
# kcat ends at a message longer than Kafka takes, 1 MB, and forged records can be made into such: they are left out and counted.
use strict;
use warnings;
use constant { BLOCK => 1024, PAUSE => 0.2, LONGEST => 900_000, BETWEEN_REPORTS => 60 };

# A stop reaches all programs of the pipe: netcon ends it, and what it wrote by then goes on.
$SIG{INT} = $SIG{TERM} = 'IGNORE';
my ($rest, $written) = ('', 0);
my ($left_out, $reported, $next_report) = (0, 0, 0);

sub report {
  return if $left_out == $reported;
  warn "keyed.pl: $left_out events so far are longer than ${\LONGEST} bytes, and left out\n";
  ($reported, $next_report) = ($left_out, time + BETWEEN_REPORTS);
}

sub put {
  my ($text) = @_;
  $written += length $text;
  while (length $text) {
    my $count = syswrite STDOUT, $text;
    die "keyed.pl: cannot write: $!\n" unless defined $count;
    substr $text, 0, $count, '';
  }
}

while (1) {
  my $ready = '';
  vec($ready, fileno STDIN, 1) = 1;
  if (select($ready, undef, undef, $written % BLOCK ? PAUSE : undef) == 0) {
    put("\n" x (-$written % BLOCK));
    next;
  }
  sysread STDIN, $rest, 65536, length $rest or last;
  my $end = rindex $rest, "\n";
  next if $end < 0;
  my $lines = substr $rest, 0, $end + 1, '';
  # Every line begins so. The quotes of a text are escaped, so no text looks like that.
  $lines =~ s/^(?=\{"event":"[a-z_]*","time":"[^"]*","sender":"([^"]*)")/$1\t/mg;
  if (length $lines > LONGEST) {
    my @all = split /^/m, $lines;
    my @kept = grep { length() <= LONGEST } @all;
    $left_out += @all - @kept;
    report() if time >= $next_report;
    $lines = join '', @kept;
  }
  put($lines);
}
report();
