# Answers with what functions of the server gave that need the worker.
use strict;
use warnings;
use OpenSIPS;

OpenSIPS::on_event("E_SCRIPT_ASKED", "told");
OpenSIPS::every("200ms", "tick", { each_worker => 0 });

my %answers = (
  counts => sub {
    my ($req) = @_;
    my $table = OpenSIPS::shared("calls");
    my $count = $table->increase("all");
    $table->set("last", $req->call_id, "60s");
    my ($more, $why) = $table->increase("limited", 1, { most => 1 });
    return join ",", $count, "$table", $table->get("last") eq $req->call_id ? "same" : "other", $more // $why;
  },
  raises => sub { OpenSIPS::raise("E_SCRIPT_ASKED", { by => $_[0]->ruri->user, number => 3 }); "raised" },
  told => sub { OpenSIPS::shared("events")->get("told") // "nothing" },
  ticks => sub { OpenSIPS::shared("events")->get("ticks") // 0 },
  ended => sub { OpenSIPS::shared("events")->get("dialog") // "nothing" },
  challenge => sub { OpenSIPS::shared("events")->get("challenged") },
  local => sub { OpenSIPS::is_local($_[0]->ruri->host) && !OpenSIPS::is_local("elsewhere.example") ? "yes" : "no" },
  socket => sub { $_[0]->source->socket },
  marks => sub {
    my ($req) = @_;
    my @marks = OpenSIPS::good::mark();
    push @marks, $req->header("X-Mark");
    $req->set_header("X-Mark", "own");
    push @marks, OpenSIPS::good::mark(), $req->header("X-Mark");
    return join ",", @marks, OpenSIPS::good::count() > 0 ? "counted" : "";
  },
  given_up => sub {
    select undef, undef, undef, 0.01 until $_[0]->cancelled || !eval { OpenSIPS::is_local("x"); 1 };
    OpenSIPS::log("warn", $@ || "it knows that its caller has given up");
  },
  thing => sub { eval { OpenSIPS::good::thing(1) }; $@ =~ /cannot be passed to Perl/ ? "refused" : "taken" },
  misuses => sub { eval { OpenSIPS::shared(undef) }; $@ =~ /^sip\.shared: argument 1 / ? "refused" : "$@" },
  reserved => sub { eval { OpenSIPS::raise("E_CORE_MINE") }; $@ =~ /is the server's own/ ? "refused" : "$@" },
);

sub on_request {
  my ($req) = @_;
  my $user = $req->ruri->user;
  if ($user eq "callee") {
    my $dialog = $req->create_dialog({ show_requests => 1 });
    $dialog->vars->set("who", "caller " . $req->from->user);
    $dialog->set_profile("calls");
    $req->add_header("X-Dialog", join ",", $dialog->state, $req->dialog->vars->get("who"),
      OpenSIPS::dialog::profile_size("calls"));
    return $req->relay($req->header("X-Target"));
  }
  if ($user eq "challenged") {
    OpenSIPS::auth::challenge($req, "www", { realm => "example.com" });
    OpenSIPS::shared("events")->set("challenged", $req->answered ? "answered" : "open");
    return;
  }
  return $req->reply(480, $answers{$user}->($req));
}

sub on_dialog_request {
  my ($req) = @_;
  my $dialog = $req->dialog;
  $dialog->lifetime(3600);
  $req->add_header("X-Seen", join ",", $dialog->vars->get("who"), $dialog->lifetime > 3500 ? "long" : "short");
}

sub on_dialog {
  my (undef, $dialog, $state) = @_;
  OpenSIPS::shared("events")->set("dialog", $state) if $dialog->call_id;
}

sub told {
  my (undef, $event, $name) = @_;
  OpenSIPS::shared("events")->set("told", "$name $event->{by} $event->{number}");
}

sub tick { OpenSIPS::later("ticked", "sip.sleep", "1ms") }
sub ticked { OpenSIPS::shared("events")->increase("ticks") }
