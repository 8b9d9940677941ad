sub on_request {
  my ($req) = @_;
  my $user = $req->ruri->user // "";
  return $req->relay($req->header("X-Target")) if $req->header("X-Target");
  die "on purpose" if $user eq "dies";
  exit 1 if $user eq "exits";
  1 while $user eq "spins";
  sleep 6 if $user eq "sleeps";
  return $req->reply(-1) if $user eq "misuses";
  return $req->reply(486);
}
