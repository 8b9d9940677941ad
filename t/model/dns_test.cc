// Targets that are names, through all layers: a branch that waits for its server, and the next
// server when one does not do (RFC 3263 4.3).

#include <gtest/gtest.h>

#include "model/model.hh"
#include "script_test/fake_names.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;
using Status = transport::DnsAnswer::Status;
using transport::DnsType;

const std::string kA = "127.0.0.1:5081", kB = "127.0.0.1:5082", kC = "127.0.0.1:5083";
const std::string kInvite = "INVITE sip:b@example SIP/2.0";
const std::string kTrying = "SIP/2.0 100 Trying";

class DnsModel : public ::testing::Test {
 protected:
  DnsModel() : model(options(), nullptr, &names) {
    model.program.on_request = model.relay_to("sip:b@example");
    names.service("_sip._udp.example", {1, 1, 5081, "host"});
    names.service("_sip._udp.example", {2, 1, 5082, "host"});
    names.service("_sip._udp.example", {3, 1, 5083, "host"});
    names.address("host", "127.0.0.1");
  }

  static Shared::Options options() {
    Shared::Options options;
    options.resolver.try_ipv6 = false;  // one question for each name
    return options;
  }
  void invite(const Request& request = {}) { model.receive(request.bytes()); }
  void found() {
    names.answer();
    model.context.run_deferred();
    note();
  }
  /// Remembers what went to the servers.
  void note() {
    for (auto& one : model.take()) {
      lines_.push_back(one.bytes.substr(0, one.bytes.find("\r\n")));
      if (one.bytes.starts_with("SIP/2.0 ") || one.bytes.starts_with("ACK ")) continue;
      clients[one.to.peer.to_string()] = one.client;
      requests[one.to.peer.to_string()] = std::move(one.bytes);
    }
  }
  Lines lines() {
    note();
    return std::exchange(lines_, {});
  }
  void say(const std::string& server, unsigned code) {
    model.receive(answer(requests.at(server), code), server);
    note();
  }
  void cancel() { model.receive(Request{.method = "CANCEL"}.bytes()); }
  /// A long time passes, and nothing is left.
  void expect_end() {
    for (int i = 0; i < 10 && !model.idle(); ++i) model.pass(10'000);
    EXPECT_TRUE(model.idle());
  }
  bool was_sent_to(const std::string& server) { return requests.contains(server); }

  transport::FakeNames names;
  Model model;
  std::map<std::string, std::string> requests;
  std::map<std::string, loop::ClientId> clients;
  Lines lines_;
};

TEST_F(DnsModel, CallerHears100WhileTheNameIsLookedUp) {
  invite();
  EXPECT_EQ(lines(), Lines{kTrying});
  found();
  EXPECT_EQ(lines(), Lines{kInvite});
  EXPECT_EQ(values(requests[kA], "Via").size(), 2U);
  EXPECT_EQ(values(requests[kA], "Record-Route").size(), 1U);
  say(kA, 200);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  expect_end();
}

TEST_F(DnsModel, KnownNameIsGoneToAtOnce) {
  invite();
  found();
  say(kA, 404);
  lines();
  invite({.branch = "z9hG4bKtwo", .call_id = "call-2"});
  EXPECT_EQ(lines(), (Lines{kTrying, kInvite}));
}

TEST_F(DnsModel, NameThatIsNotThereIs503) {
  model.program.on_request = model.relay_to("sip:b@nobody:5060");
  invite();
  found();
  EXPECT_EQ(lines(), (Lines{kTrying, "SIP/2.0 503 Service Unavailable"}));
  EXPECT_EQ(model.stack.transactions.clients(), 0U);
  invite({.branch = "z9hG4bKtwo", .call_id = "call-2"});  // from the cache: not in the same call
  EXPECT_EQ(lines(), (Lines{kTrying, "SIP/2.0 503 Service Unavailable"}));
  expect_end();
}

TEST_F(DnsModel, CancelEndsTheWait) {
  invite();
  lines();
  cancel();
  EXPECT_EQ(lines(), (Lines{"SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"}));
  EXPECT_EQ(model.stack.transactions.clients(), 0U);
  found();
  EXPECT_EQ(lines(), Lines{});
  model.receive(Request{.method = "ACK", .to_tag = "x"}.bytes());
  expect_end();
}

TEST_F(DnsModel, TimeOfTheForkCountsTheWait) {
  model.program.on_request = model.fork_to({"sip:b@example", "sip:c@" + kC}, 5000);
  unsigned result = 0;
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    result = run.result->code();
    return routing::Engine::Progress::finished;
  };
  invite();
  model.pass(5010);
  EXPECT_EQ(result, 408U);
  found();
  EXPECT_FALSE(was_sent_to(kA));
  expect_end();
}

TEST_F(DnsModel, RoundIsNotOverWhileABranchWaits) {
  model.program.on_request = model.fork_to({"sip:b@example", "sip:c@" + kC});
  invite();
  note();
  lines_.clear();
  say(kC, 404);
  EXPECT_EQ(lines(), Lines{"ACK sip:c@" + kC + " SIP/2.0"});
  found();
  EXPECT_EQ(lines(), Lines{kInvite});
  say(kA, 486);
  EXPECT_EQ(lines().back(), "SIP/2.0 404 Answer");
}

TEST_F(DnsModel, SuccessElsewhereEndsTheWait) {
  model.program.on_request = model.fork_to({"sip:b@example", "sip:c@" + kC});
  invite();
  note();
  say(kC, 200);
  found();
  EXPECT_FALSE(was_sent_to(kA));
  expect_end();
}

TEST_F(DnsModel, SilentServerIsFollowedByTheNext) {
  invite();
  found();
  lines();
  for (int i = 0; i < 3201 && !was_sent_to(kB); ++i) {
    model.pass(10);
    note();
  }
  ASSERT_TRUE(was_sent_to(kB));
  EXPECT_NE(values(requests[kA], "Via")[0], values(requests[kB], "Via")[0]);
  EXPECT_EQ(values(requests[kB], "Via").size(), 2U);
  EXPECT_EQ(values(requests[kB], "Record-Route").size(), 1U);
  EXPECT_EQ(model.stat("tm:failovers"), 1U);
  lines();
  say(kB, 200);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  say(kA, 200);  // too late: its transaction is over
  EXPECT_EQ(lines(), Lines{});
  expect_end();
}

TEST_F(DnsModel, ServerThatCannotBeReachedIsFollowedAtOnce) {
  invite();
  found();
  lines();
  model.fail(clients[kA]);
  EXPECT_EQ(lines(), Lines{kInvite});
  model.fail(clients[kB]);
  EXPECT_EQ(lines(), Lines{kInvite});
  model.fail(clients[kC]);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 503 Service Unavailable"});
  EXPECT_EQ(model.stack.transactions.clients(), 0U);
}

TEST_F(DnsModel, RefusalWith503IsFollowedAndAcknowledgedAgain) {
  invite();
  found();
  lines();
  say(kA, 503);
  EXPECT_EQ(lines(), (Lines{"ACK sip:b@example SIP/2.0", kInvite}));
  say(kA, 503);
  EXPECT_EQ(lines(), Lines{"ACK sip:b@example SIP/2.0"});
  say(kB, 180);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 180 Answer"});
  say(kB, 486);
  EXPECT_EQ(lines(), (Lines{"ACK sip:b@example SIP/2.0", "SIP/2.0 486 Answer"}));
}

TEST_F(DnsModel, LastRefusalReachesTheCaller) {
  invite();
  found();
  say(kA, 503);
  say(kB, 503);
  lines();
  auto text = answer(requests.at(kC), 503);
  text.insert(text.find("Contact"), "X-Word: last\r\n");
  model.receive(text, kC);
  const auto sent = model.take();
  ASSERT_FALSE(sent.empty());
  EXPECT_TRUE(sent.back().bytes.starts_with("SIP/2.0 500 Answer"));
  EXPECT_EQ(values(sent.back().bytes, "X-Word"), Lines{"last"});
  EXPECT_EQ(values(sent.back().bytes, "Via").size(), 1U);
}

TEST_F(DnsModel, CallerThatHasGivenUpIsNotTakenFurther) {
  invite();
  found();
  cancel();
  lines();
  model.fail(clients[kA]);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 487 Request Terminated"});
  EXPECT_FALSE(was_sent_to(kB));
}

TEST_F(DnsModel, CancelGoesToTheServerThatRings) {
  invite();
  found();
  model.fail(clients[kA]);
  note();
  say(kB, 180);
  lines();
  cancel();
  EXPECT_EQ(lines(), (Lines{"CANCEL sip:b@example SIP/2.0", "SIP/2.0 200 OK"}));
}

TEST_F(DnsModel, NonInviteGoesOnToo) {
  model.receive(Request{.method = "OPTIONS"}.bytes());
  found();
  lines();
  model.fail(clients[kA]);
  EXPECT_EQ(lines(), Lines{"OPTIONS sip:b@example SIP/2.0"});
  say(kB, 200);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  expect_end();
}

TEST_F(DnsModel, ProvisionalAnswerMeansThatTheServerLives) {
  model.receive(Request{.method = "OPTIONS"}.bytes());
  found();
  say(kA, 100);
  lines();
  model.pass(33'000);
  EXPECT_FALSE(was_sent_to(kB));
}

TEST_F(DnsModel, ScriptSeesOneBranch) {
  model.program.on_request = model.fork_to({"sip:b@example"});
  int results = 0;
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    ++results;
    EXPECT_EQ(run.result->code(), 404);
    return routing::Engine::Progress::finished;
  };
  invite();
  found();
  say(kA, 503);
  EXPECT_EQ(results, 0);
  say(kB, 404);
  EXPECT_EQ(results, 1);
}

TEST_F(DnsModel, InDialogRequestsAndTheirAckFindNames) {
  invite();
  found();
  say(kA, 200);
  const auto route = values(requests[kA], "Record-Route").at(0);
  lines();
  const auto in_dialog = [&](const char* method, int cseq) {
    return Request{.method = method,
                   .uri = "sip:b@phone:5090",
                   .branch = std::string("z9hG4bK") + method,
                   .to_tag = "callee",
                   .cseq = cseq,
                   .extra = "Route: " + route + "\r\n"}
        .bytes();
  };
  names.address("phone", "127.0.0.9");
  model.receive(in_dialog("ACK", 1));
  EXPECT_EQ(lines(), Lines{});
  found();
  EXPECT_EQ(lines(), Lines{"ACK sip:b@phone:5090 SIP/2.0"});
  EXPECT_FALSE(model.stat("tm:failovers"));

  model.receive(in_dialog("BYE", 2));
  EXPECT_EQ(lines(), Lines{"BYE sip:b@phone:5090 SIP/2.0"});
  say("127.0.0.9:5090", 200);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  expect_end();
}

TEST_F(DnsModel, AckWhoseNameIsNotThereIsDropped) {
  invite();
  found();
  say(kA, 200);
  const auto route = values(requests[kA], "Record-Route").at(0);
  model.receive(Request{.method = "ACK",
                        .uri = "sip:b@nobody:5090",
                        .branch = "z9hG4bKack",
                        .to_tag = "callee",
                        .extra = "Route: " + route + "\r\n"}
                    .bytes());
  lines();
  found();
  EXPECT_EQ(lines(), Lines{});
  expect_end();
}

TEST_F(DnsModel, EverythingEndsIfNoNameServerEverAnswers) {
  invite();
  model.receive(Request{.branch = "z9hG4bK2", .call_id = "call-2"}.bytes());
  cancel();
  model.receive(Request{.method = "ACK", .to_tag = "x"}.bytes());
  lines();
  names.failure("example", DnsType::naptr, Status::timed_out);
  found();
  EXPECT_EQ(lines(), Lines{"SIP/2.0 503 Service Unavailable"});
  model.receive(
      Request{.method = "ACK", .branch = "z9hG4bK2", .to_tag = "x", .call_id = "call-2"}.bytes());
  expect_end();
}

TEST_F(DnsModel, DatagramReturnedByIcmpCountsForWhoWasToGetIt) {
  invite();
  found();
  lines();
  const auto returned = [&](const std::string& peer) {
    model.context.bus.publish(transport::Bounced{*base::Address::parse_host_port(peer, 0),
                                                 ECONNREFUSED,
                                                 std::string_view(requests[kA]).substr(0, 400)});
    model.context.run_deferred();
  };
  returned("192.0.2.66:5060");
  EXPECT_EQ(lines(), Lines{});
  returned(kA);
  EXPECT_EQ(lines(), Lines{kInvite});
  returned(kA);  // once more: it is over already
  EXPECT_EQ(lines(), Lines{});
}

}  // namespace
}  // namespace opensips::model
