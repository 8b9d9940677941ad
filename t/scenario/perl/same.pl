use strict;
use warnings;

sub on_request {
  my ($req) = @_;
  if ($req->is_method("OPTIONS")) {
    return $req->reply(200, "Fine", { headers => { "X-By" => "script" }, content_type => "text/plain", body => "here" });
  }
  my $user = $req->ruri->user;
  return $req->drop if $user eq "silent";
  return $req->reply(404, "Nobody", { headers => { "X-User" => $user } }) if $user ne "callee";
  my $secret = $req->header("X-Secret");
  $req->remove_header("X-Secret");
  $req->add_header("X-Routed", OpenSIPS::hash::md5($secret));
  my $target = $req->header("X-Target");
  $req->ctx->{second} = $req->header("X-Second");
  $req->remove_header($_) for qw(X-Target X-Second);
  return $req->relay($target, { on_failure => "failed" });
}

sub failed {
  my ($req, $res) = @_;
  my $second = $req->ctx->{second};
  return unless $res && $res->code == 486 && $second;
  $req->add_header("Diversion", "<sip:callee\@example.com>;reason=user-busy");
  return $req->relay($second);
}
