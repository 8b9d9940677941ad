# Answers 486, or 500 with what a method gave instead of what was wanted.
use strict;
use warnings;
use OpenSIPS qw(log);
use OpenSIPS::Constants;

our $kept;

sub on_request {
  my ($req) = @_;
  if (my $target = $req->header("X-Target")) {
    return $req->relay($target, { on_failure => "failed", on_reply => "answered" });
  }
  my @wrong;
  my $is = sub {
    my ($name, $got, $wanted) = @_;
    push @wrong, "$name is " . ($got // "undef") unless ($got // "undef") eq $wanted;
  };
  $is->("getMethod", $req->getMethod, "INVITE");
  $is->("getType", $req->getType, SIP_REQUEST);
  $is->("getVersion", $req->getVersion, "SIP/2.0");
  $is->("getRURI", $req->getRURI, "" . $req->ruri);
  $is->("getStatus", $req->getStatus, "undef");
  $is->("getHeader", join(",", $req->getHeader("X-List")), "one,two");
  $is->("first of getHeader", scalar $req->getHeader("X-List"), "one");
  $is->("getHeaderNames", (grep { $_ eq "X-List" } $req->getHeaderNames) ? "yes" : "no", "yes");
  $is->("getFullHeader", $req->getFullHeader =~ /\AINVITE .*\nX-List: two\r\n/s ? "yes" : "no", "yes");
  $is->("getMessage", $req->getMessage =~ /\AINVITE .*\r\n\r\nv=0/s ? "yes" : "no", "yes");
  $is->("getBody", substr($req->getBody, 0, 3), "v=0");
  my $parsed = $req->getParsedRURI;
  $is->("getParsedRURI", join(",", $parsed->user, $parsed->params->{x}), "methods,1");
  $is->("transport", $parsed->transport, "undef");
  $req->setFlag(3);
  $is->("flags", $req->isFlagSet(3) . $req->isFlagSet(4), "10");
  $req->resetFlag(3);
  $is->("resetFlag", $req->isFlagSet(3), "0");
  $is->("pseudoVar", $req->pseudoVar('$rm $rU $hdr(X-List)'), "INVITE methods one");
  $is->("source", $req->source->transport, "udp");
  $req->moduleFunction("append_hf", "X-Added: a b\r\n");
  $is->("append_hf", $req->header("X-Added"), "a b");
  $req->add_header("X-Count", 1 + 1);
  $is->("a number as a header", $req->header("X-Count"), "2");
  $req->moduleFunction("remove_hf", "X-List");
  $is->("remove_hf", $req->has_header("X-List") ? "there" : "gone", "gone");
  $is->("another module's", eval { $req->moduleFunction("ds_select_dst") } // $@ =~ /cannot be called from Perl/, "1");
  $req->rewrite_ruri("sip:other\@example.org");
  $is->("rewrite_ruri", $req->ruri->host, "example.org");
  $req->ruri->user("third");
  $is->("assignment", "" . $req->ruri, "sip:third\@example.org");
  $is->("no assignment", eval { $req->method("BYE") } // $@ =~ /cannot be assigned/, "1");
  $is->("a wrong call", eval { $req->header } // $@ =~ /^request:header: argument 1 \(name\): expected string/, "1");
  $is->("of another request", eval { $kept->method } // $@ =~ /this request has ended/, "1") if $kept;
  $kept = $req;
  log(L_INFO, "methods were called");
  return $req->reply(500, "Wrong", { headers => { "X-Failed" => join("; ", @wrong) } }) if @wrong;
  return $req->moduleFunction("sl_send_reply", 486, "All Good");
}

sub failed {
  my ($req, $res) = @_;
  return $req->reply(500) unless $res->getType == SIP_REPLY && $res->getStatus == 486 && $res->getReason eq "Busy Here";
  return $req->reply("606", $res->to->tag);
}

sub answered {
  my ($req, $res) = @_;
  warn "answered with " . $res->getStatus;
}
