#!/usr/bin/perl
# For to_kafka.sh: puts the sender, as key, and a tab before each JSON line of netcon.
# kcat 1.7.1 reads blocks of 1024 bytes and waits for a whole one. When records pause, empty lines, which it skips, fill the
# block: otherwise the last lines of a crash would wait for the next ones.
use strict;
use warnings;
use constant { BLOCK => 1024, PAUSE => 0.2 };

# A stop reaches all programs of the pipe: netcon ends it, and what it wrote by then goes on.
$SIG{INT} = $SIG{TERM} = 'IGNORE';
my ($rest, $written) = ('', 0);

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
  put($lines);
}
