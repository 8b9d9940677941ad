# Registered users call each other; who does not answer is diverted to voicemail, and numbers that are blocked are
# refused. What blocks, here reading a file, blocks a thread of Perl's and no call.
use strict;
use warnings;
use OpenSIPS::Constants;

my $blocked_numbers = "/etc/opensips/blocked";
my $voicemail = "127.0.0.1:5070";

sub is_blocked {
  my ($number) = @_;
  open(my $file, "<", $blocked_numbers) or return 0;
  while (my $line = <$file>) {
    chomp $line;
    return 1 if $line eq $number;
  }
  return 0;
}

sub on_request {
  my ($req) = @_;
  return $req->reply(200) if $req->is_method("OPTIONS");
  return $req->save_location if $req->is_method("REGISTER");
  my $number = $req->ruri->user // "";
  if (is_blocked($number)) {
    OpenSIPS::log(L_NOTICE, $req->source->ip . " calls $number, which is blocked");
    return $req->reply(603, "Blocked", { headers => { "Reason" => "Q.850;cause=21" } });
  }
  # No thread waits for the lookup: found() is called with what it gives.
  return OpenSIPS::later("found", "location:lookup", $req);
}

sub found {
  my ($req, $groups, $why) = @_;
  return $req->reply(404) unless $groups;
  $req->ctx->{user} = $req->ruri->user;
  $req->add_header("X-Served-By", "Perl");
  return $req->fork($groups->[0], { timeout => "20s", on_failure => "unanswered" });
}

# Nor for the callee: this is called with the best answer, undef if none came.
sub unanswered {
  my ($req, $res) = @_;
  my $code = $res ? $res->code : 408;
  return unless $code == 486 || $code == 408 || $code == 480;    # else the caller gets that answer
  my $user = $req->ctx->{user};
  $req->remove_header("X-Served-By");
  $req->add_header("Diversion", "<sip:$user\@example.com>;reason=" . ($code == 486 ? "user-busy" : "no-answer"));
  return $req->relay("sip:$user\@$voicemail");
}
