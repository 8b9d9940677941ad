// Clients behind NAT: what they say of their address stands as it came, and what is for them goes
// where they are seen.

#include <gtest/gtest.h>

#include "model/model.hh"

namespace opensips::model {
namespace {

constexpr std::string_view kPublic = "203.0.113.5:40000";  // where the NAT lets the phone be seen
constexpr std::string_view kCallee = "127.0.0.1:5080";

Request behind_nat(const std::string& method = "INVITE") {
  Request request{.method = method, .via = "192.168.1.2:5060"};
  request.extra = "Contact: <sip:caller@192.168.1.2:5060>\r\n";
  return request;
}

/// The request as behind_nat() makes it, with one Contact only.
std::string bytes_of(const Request& request) {
  auto text = request.bytes();
  const std::string usual = "Contact: <sip:caller@127.0.0.1:5070>\r\n";
  text.erase(text.find(usual), usual.size());
  return text;
}

/// Routes as a BYE has them: in the order of the Record-Route for the callee, the other way round
/// for the caller.
std::string routes_of(const std::string& invite, bool of_callee) {
  auto values = model::values(invite, "Record-Route");
  if (!of_callee) std::reverse(values.begin(), values.end());
  std::string lines;
  for (const auto& value : values) lines += "Route: " + value + "\r\n";
  return lines;
}

const Network::Sent& request_in(const std::vector<Network::Sent>& sent, std::string_view method) {
  for (const auto& one : sent) {
    if (one.bytes.starts_with(method)) return one;
  }
  static const Network::Sent none;
  ADD_FAILURE() << "no " << method;
  return none;
}

TEST(Nat, AnswersGoToThePortThatTheRequestCameFrom) {
  Model model;
  model.program.on_request = model.reply_with(404);
  model.receive(bytes_of(behind_nat("OPTIONS")), kPublic);
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].to.peer.to_string(), kPublic);
  EXPECT_NE(sent[0].bytes.find("received=203.0.113.5"), std::string::npos) << sent[0].bytes;
}

TEST(Nat, ACalleeReachesACallerBehindIt) {
  Model model;
  model.receive(bytes_of(behind_nat()), kPublic);
  const auto invite = request_in(model.take(), "INVITE").bytes;
  EXPECT_EQ(values(invite, "Record-Route").size(), 2U) << invite;
  EXPECT_EQ(values(invite, "Contact"), std::vector<std::string>{"<sip:caller@192.168.1.2:5060>"});
  model.receive(answer(invite, 200), kCallee);
  EXPECT_EQ(model.take().back().to.peer.to_string(), kPublic);

  model.receive(Request{.method = "BYE",
                        .uri = "sip:caller@192.168.1.2:5060",
                        .via = std::string(kCallee),
                        .branch = "z9hG4bKbye",
                        .from_tag = "callee",
                        .to_tag = "caller",
                        .extra = routes_of(invite, true)}
                    .bytes(),
                kCallee);
  const auto sent = model.take();
  const auto& bye = request_in(sent, "BYE sip:caller@192.168.1.2:5060 SIP/2.0");
  EXPECT_EQ(bye.to.peer.to_string(), kPublic);
  EXPECT_TRUE(values(bye.bytes, "Route").empty()) << bye.bytes;
}

TEST(Nat, ACallerBehindItReachesACallee) {
  Model model;
  model.receive(bytes_of(behind_nat()), kPublic);
  const auto invite = request_in(model.take(), "INVITE").bytes;
  model.receive(answer(invite, 200), kCallee);
  model.take();
  auto bye = behind_nat("BYE");
  bye.uri = "sip:callee@127.0.0.1:5080";
  bye.branch = "z9hG4bKbye";
  bye.to_tag = "callee";
  bye.extra += routes_of(invite, false);
  model.receive(bytes_of(bye), kPublic);
  const auto sent = request_in(model.take(), "BYE");
  EXPECT_EQ(sent.to.peer.to_string(), kCallee);
  // Its Via asks for no rport, and the answer comes all the same.
  model.receive(answer(sent.bytes, 200), kCallee);
  EXPECT_EQ(model.take().back().to.peer.to_string(), kPublic);
}

TEST(Nat, ACallerReachesARegisteredCalleeBehindIt) {
  Model model;
  model.program.on_request = [&](routing::Run& run) {
    base::Flow flow;
    flow.peer = *base::Address::parse_host_port(kPublic, 0);
    flow.socket = 0;
    const routing::Target target{as_uri("sip:callee@192.168.1.2:5060"), flow, {}};
    static_cast<void>(model.stack.routing.proxy().fork(run, {&target, 1}, {}));
    return routing::Engine::Progress::finished;
  };
  model.receive(Request{}.bytes());
  const auto sent = model.take();
  const auto& invite = request_in(sent, "INVITE");
  EXPECT_EQ(invite.to.peer.to_string(), kPublic);
  EXPECT_EQ(values(invite.bytes, "Record-Route").size(), 2U) << invite.bytes;
  model.receive(answer(invite.bytes, 200), kPublic);
  model.take();
  for (const std::string method : {"ACK", "BYE"}) {
    model.receive(Request{.method = method,
                          .uri = "sip:callee@192.168.1.2:5060",
                          .branch = "z9hG4bK" + method,
                          .to_tag = "callee",
                          .extra = routes_of(invite.bytes, false)}
                      .bytes());
    EXPECT_EQ(request_in(model.take(), method).to.peer.to_string(), kPublic);
  }
}

/// A dialog of five seconds: what the server itself sends to both sides at its end.
std::vector<Network::Sent> at_the_end(Model& model) {
  model.advance(5010);
  return model.take();
}

dialog::DialogOptions five_seconds() {
  return {.lifetime = 5000};
}

TEST(Nat, WhatTheServerSendsInADialogReachesACallerBehindIt) {
  Model model;
  model.program.on_request =
      [&, relay = model.relay_to("sip:callee@127.0.0.1:5080")](routing::Run& run) {
        EXPECT_TRUE(model.stack.dialogs.dialogs().create(*run.request, run.server, five_seconds()));
        return relay(run);
      };
  model.receive(bytes_of(behind_nat()), kPublic);
  const auto invite = request_in(model.take(), "INVITE").bytes;
  model.receive(answer(invite, 200), kCallee);
  model.take();

  // The callee calls the Contact that it was given: what is known of the dialog.
  model.receive(Request{.method = "INFO",
                        .uri = "sip:caller@192.168.1.2:5060",
                        .via = std::string(kCallee),
                        .branch = "z9hG4bKinfo",
                        .from_tag = "callee",
                        .to_tag = "caller",
                        .extra = routes_of(invite, true)}
                    .bytes(),
                kCallee);
  EXPECT_EQ(request_in(model.take(), "INFO sip:caller@192.168.1.2:5060").to.peer.to_string(),
            kPublic);
  EXPECT_EQ(model.stat("dialog:wrong_ways"), 0U);

  const auto sent = at_the_end(model);
  EXPECT_EQ(request_in(sent, "BYE sip:caller@192.168.1.2:5060 SIP/2.0").to.peer.to_string(),
            kPublic);
  EXPECT_EQ(request_in(sent, "BYE sip:callee@127.0.0.1:5080 SIP/2.0").to.peer.to_string(), kCallee);
}

TEST(Nat, WhatTheServerSendsInADialogReachesARegisteredCalleeBehindIt) {
  Model model;
  model.program.on_request = [&](routing::Run& run) {
    EXPECT_TRUE(model.stack.dialogs.dialogs().create(*run.request, run.server, five_seconds()));
    base::Flow flow;
    flow.peer = *base::Address::parse_host_port(kPublic, 0);
    flow.socket = 0;
    const routing::Target target{as_uri("sip:callee@192.168.1.2:5060"), flow, {}};
    static_cast<void>(model.stack.routing.proxy().fork(run, {&target, 1}, {}));
    return routing::Engine::Progress::finished;
  };
  model.receive(Request{}.bytes());
  const auto invite = request_in(model.take(), "INVITE").bytes;
  auto ok = answer(invite, 200);
  const std::string contact = "<sip:callee@127.0.0.1:5080>";
  ok.replace(ok.find(contact, ok.find("Contact:")), contact.size(),
             "<sip:callee@192.168.1.2:5060>");
  model.receive(ok, kPublic);
  const auto answered = model.take();
  model.receive(Request{.method = "ACK",
                        .uri = "sip:callee@192.168.1.2:5060",
                        .branch = "z9hG4bKack",
                        .to_tag = "callee",
                        .extra = routes_of(invite, false)}
                    .bytes());
  EXPECT_EQ(request_in(model.take(), "ACK").to.peer.to_string(), kPublic);
  EXPECT_EQ(model.stat("dialog:wrong_ways"), 0U);
  EXPECT_EQ(
      request_in(at_the_end(model), "BYE sip:callee@192.168.1.2:5060 SIP/2.0").to.peer.to_string(),
      kPublic);
}

TEST(Nat, OfNobodyCostsNoRecordRoute) {
  Model model;
  model.receive(Request{}.bytes());
  EXPECT_EQ(values(request_in(model.take(), "INVITE").bytes, "Record-Route").size(), 1U);
  EXPECT_EQ(model.stat("nathelper:natted_requests"), 0U);
}

TEST(Nat, IsLetBeWhileTheLayerIsOff) {
  Model model;
  model.shared.layers.set(loop::LayerId::nat, false);
  model.receive(bytes_of(behind_nat()), kPublic);
  EXPECT_EQ(values(request_in(model.take(), "INVITE").bytes, "Record-Route").size(), 1U);
  model.shared.layers.set(loop::LayerId::nat, true);
  auto another = behind_nat();
  another.call_id = "call-2";
  another.branch = "z9hG4bKother";
  model.receive(bytes_of(another), kPublic);
  EXPECT_EQ(values(request_in(model.take(), "INVITE").bytes, "Record-Route").size(), 2U);
  EXPECT_EQ(model.stat("nathelper:natted_requests"), 1U);
}

}  // namespace
}  // namespace opensips::model
