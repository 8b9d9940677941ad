use strict;
use warnings;
use List::Util qw(sum);

sub values_of {
  my ($req, $table, $from) = @_;
  $req->add_header("X-New", "made in Perl");
  return { text => join " ", $table->{list}[1], sum($table->{number}, $table->{list}[0]), $from->user, $req->getMethod };
}

sub dies { die "no such number" }

sub shares { return [OpenSIPS::shared("calls")] }

sub half {
  my ($req) = @_;
  $req->add_header("X-New", "half of it");
  OpenSIPS::shared("calls")->get("x");
  die "in the middle";
}

sub counts { OpenSIPS::good::count() > 0 or die "none"; return { text => "counted" } }

sub decides { my ($req) = @_; $req->reply(486) }

sub sleeps { sleep 6; return {} }
