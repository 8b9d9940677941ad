#include "perl/prelude.hh"

namespace opensips::perl {

const char* prelude() {
  return R"perl(
use strict;
use warnings;

BEGIN { $INC{"OpenSIPS.pm"} = $INC{"OpenSIPS/$_.pm"} = "opensips" for qw(Constants Message); }

package OpenSIPS::Constants;
# Levels are words here: OpenSIPS::log takes them.
my %constants;
BEGIN {
  %constants = (
    L_ALERT => "alert", L_CRIT => "crit", L_ERR => "err", L_WARN => "warn", L_NOTICE => "notice",
    L_INFO => "info", L_DBG => "debug", SIP_REQUEST => 1, SIP_REPLY => 2,
    FL_WHITE => 2, FL_YELLOW => 3, FL_GREEN => 4, FL_RED => 5, FL_BLUE => 6, FL_MAGENTA => 7,
    FL_BROWN => 8, FL_BLACK => 9, FL_ACC => 10);
}
use constant \%constants;
sub import {
  no strict "refs";
  my $to = caller;
  *{"${to}::$_"} = \&{"OpenSIPS::Constants::$_"} for keys %constants;
}

package OpenSIPS;
sub import {
  no strict "refs";
  my ($class, @names) = @_;
  my $to = caller;
  *{"${to}::$_"} = \&{"OpenSIPS::$_"} for @names;
}

package OpenSIPS::URI;
use overload '""' => sub { $_[0]->tostring }, bool => sub { 1 }, fallback => 1;
sub passwd { $_[0]->password }
for my $name (qw(transport ttl maddr method lr r2)) {
  no strict "refs";
  *{"OpenSIPS::URI::$name"} = sub { ($_[0]->params // {})->{$name} };
}
sub user_param { ($_[0]->params // {})->{user} }

package OpenSIPS::NameAddr;
use overload '""' => sub { $_[0]->tostring }, bool => sub { 1 }, fallback => 1;

package OpenSIPS::Source;
use overload '""' => sub { $_[0]->tostring }, bool => sub { 1 }, fallback => 1;

package OpenSIPS::Dialog;
use overload '""' => sub { $_[0]->tostring }, bool => sub { 1 }, fallback => 1;

package OpenSIPS::Shared;
use overload '""' => sub { $_[0]->tostring }, bool => sub { 1 }, fallback => 1;

package OpenSIPS::Message;
sub getType { OpenSIPS::Constants::SIP_REQUEST() }
sub getMethod { $_[0]->method }
sub getVersion { $_[0]->raw =~ m{^(?:\S+ \S+ )?(SIP/\S+)} ? $1 : undef }
sub getMessage { $_[0]->raw }
sub getBody { $_[0]->body }
sub getFullHeader { $_[0]->raw =~ /^(.*?\r?\n)\r?\n/s ? $1 : $_[0]->raw }
sub getHeader { my @values = @{$_[0]->headers($_[1])}; wantarray ? @values : $values[0] }
sub getHeaderNames { @{$_[0]->header_names} }
sub log { my ($self, $level, @text) = @_; OpenSIPS::log($level, @text) }

package OpenSIPS::Response;
our @ISA = ("OpenSIPS::Message");
use overload '""' => sub { $_[0]->tostring }, bool => sub { 1 }, fallback => 1;
sub getType { OpenSIPS::Constants::SIP_REPLY() }
sub getStatus { $_[0]->code }
sub getReason { $_[0]->reason }
sub getMethod { ($_[0]->header("CSeq") // "") =~ /(\S+)$/ ? $1 : undef }

package OpenSIPS::Request;
our @ISA = ("OpenSIPS::Message");
use overload '""' => sub { $_[0]->tostring }, bool => sub { 1 }, fallback => 1;
sub getStatus { undef }
sub getReason { undef }
sub getRURI { "" . $_[0]->ruri }
sub setRURI { $_[0]->ruri($_[1]); 1 }
sub rewrite_ruri { $_[0]->ruri($_[1]); 1 }
sub getParsedRURI { $_[0]->ruri }
sub setFlag { $_[0]->ctx->{flags}{$_[1]} = 1 }
sub resetFlag { delete $_[0]->ctx->{flags}{$_[1]}; 1 }
sub isFlagSet { exists $_[0]->ctx->{flags}{$_[1]} ? 1 : 0 }
sub append_branch { my ($self, $uri) = @_; push @{$self->ctx->{branches}}, $uri // "" . $self->ruri; 1 }

# Takes the handlers out of the options; with any of them the answer is waited for.
my ($plain_relay, $plain_fork);
BEGIN { ($plain_relay, $plain_fork) = (\&OpenSIPS::Request::relay, \&OpenSIPS::Request::fork) }
{
  no warnings "redefine";
  *OpenSIPS::Request::relay = sub {
    my ($self, $target, $options) = @_;
    my %options = %{$options // {}};
    my ($on_reply, $on_failure) = delete @options{qw(on_reply on_failure)};
    my @branches = @{delete $self->ctx->{branches} // []};
    if (!defined $on_reply && !defined $on_failure && !@branches && ref $target ne "ARRAY") {
      return $plain_relay->($self, $target, %options ? \%options : ());
    }
    $target //= "" . $self->ruri;
    my @targets = (ref $target eq "ARRAY" ? @$target : $target, @branches);
    my $noted = $plain_fork->($self, \@targets, %options ? \%options : ());
    OpenSIPS::follow($on_reply // "", $on_failure // "");
    return $noted;
  };
  *OpenSIPS::Request::fork = \&OpenSIPS::Request::relay;
}

my %functions = (
  (map { $_ => sub { my ($self, $code, $reason) = @_; $self->reply($code + 0, $reason) } }
    qw(sl_send_reply send_reply t_reply)),
  t_relay => sub { my $self = shift; $self->relay },
  forward => sub { my $self = shift; $self->relay },
  drop => sub { my $self = shift; $self->drop },
  force_rport => sub { my $self = shift; $self->force_rport },
  save => sub { my $self = shift; $self->save_location },
  append_hf => sub {
    my ($self, $line) = @_;
    $line =~ /^([^:\s]+)\s*:\s*(.*?)\s*$/s or die "append_hf: expected \"Name: value\"";
    $self->add_header($1, $2);
    1
  },
  remove_hf => sub { my ($self, $name) = @_; $self->remove_header($name) },
  is_present_hf => sub { my ($self, $name) = @_; $self->has_header($name) },
);
sub moduleFunction {
  my ($self, $name, @arguments) = @_;
  my $function = $functions{$name}
    or die "moduleFunction: $name cannot be called from Perl; see opensips-perl(7)";
  return $function->($self, @arguments);
}

my %variables = (
  ru => sub { $_[0]->ruri }, rU => sub { $_[0]->ruri->user }, rd => sub { $_[0]->ruri->host },
  rp => sub { $_[0]->ruri->port }, rm => sub { $_[0]->method }, rb => sub { $_[0]->body },
  fu => sub { $_[0]->from->uri }, fU => sub { $_[0]->from->user }, fd => sub { $_[0]->from->host },
  fn => sub { $_[0]->from->display }, ft => sub { $_[0]->from->tag },
  tu => sub { $_[0]->to->uri }, tU => sub { $_[0]->to->user }, td => sub { $_[0]->to->host },
  tn => sub { $_[0]->to->display }, tt => sub { $_[0]->to->tag },
  ci => sub { $_[0]->call_id }, cs => sub { $_[0]->cseq }, ua => sub { $_[0]->user_agent },
  ct => sub { $_[0]->header("Contact") }, cT => sub { $_[0]->content_type },
  si => sub { $_[0]->source->ip }, sp => sub { $_[0]->source->port },
  pr => sub { $_[0]->source->transport }, mb => sub { $_[0]->raw },
  ml => sub { length $_[0]->raw }, Ts => sub { time },
);
sub pseudoVar {
  my ($self, $text) = @_;
  my $value = sub {
    my ($name, $header) = @_;
    return $self->header($header) // "" if defined $header;
    my $read = $variables{$name} or die "pseudoVar: \$$name is not known in Perl";
    return $read->($self) // "";
  };
  $text =~ s/\$(?:hdr\(([^)]+)\)|\(?([A-Za-z]+)\)?)/$value->($2, $1)/ge;
  return $text;
}

package OpenSIPS;
# For the server: an error as text, whatever it is.
sub error_text { my $text = "$_[0]"; $text =~ s/\s+$//; $text }
# A daemon has no STDERR.
$SIG{__WARN__} = sub { OpenSIPS::log("warn", error_text($_[0])) };

package main;
1;
)perl";
}

}  // namespace opensips::perl
