// What is particular about UDP: requests that are too large for it, ICMP errors, rport.

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "model/model.hh"

namespace opensips::model {
namespace {

using base::Transport;
using Lines = std::vector<std::string>;

const std::string kCallee = "127.0.0.1:5080";

Shared::Options with_mtu() {
  Shared::Options options;
  options.udp_mtu = 1300;
  return options;
}

Request large(std::size_t body = 2000) {
  Request request;
  request.body = std::string(body, 'x');
  return request;
}

class Datagrams : public ::testing::Test {
 protected:
  Datagrams() {
    model.shared.sockets.add(Transport::tcp, *base::Address::parse("127.0.0.1", 5062), "", 0);
  }
  /// The request as it is sent on.
  Network::Sent forwarded(const Request& request) {
    model.receive(request.bytes());
    const auto sent = model.take();
    return sent.empty() ? Network::Sent{} : sent.back();
  }
  /// An ICMP message comes for what was sent.
  void bounce(std::string_view bytes, std::string_view to = kCallee) {
    model.context.bus.publish(
        transport::Bounced{*base::Address::parse_host_port(to, 0), ECONNREFUSED, bytes});
    model.context.run_deferred();
  }
  Model model{with_mtu()};
};

TEST_F(Datagrams, ALargeRequestGoesByTcp) {
  const auto sent = forwarded(large());
  EXPECT_EQ(sent.to.transport, Transport::tcp);
  EXPECT_EQ(sent.to.socket, 2);
  EXPECT_EQ(sent.to.peer.to_string(), kCallee);
  EXPECT_TRUE(values(sent.bytes, "Via").at(0).starts_with("SIP/2.0/TCP 127.0.0.1:5062;branch="));
  EXPECT_EQ(model.stat("tm:large_requests"), 1U);
  model.pass(5000);
  EXPECT_EQ(model.take_start_lines(), Lines{}) << "a stream needs no retransmission";
  model.receive(answer(sent.bytes, 200), kCallee);
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 200 Answer"});
}

TEST_F(Datagrams, TheLimitIsThatOfTheBytesSent) {
  std::size_t most = 0;
  for (std::size_t body = 500; body < 1300; ++body) {
    auto request = large(body);
    request.branch = "z9hG4bKuac" + std::to_string(body);
    request.call_id = "call-" + std::to_string(body);
    const auto sent = forwarded(request);
    if (sent.to.transport == Transport::udp) most = std::max(most, sent.bytes.size());
    if (sent.to.transport == Transport::tcp) {
      EXPECT_GT(sent.bytes.size(), 1290U);
    }
  }
  EXPECT_LE(most, 1300U);
  EXPECT_GT(most, 1290U);
}

TEST_F(Datagrams, WithoutTcpItGoesByUdpAllTheSame) {
  const auto sent = forwarded(large());
  model.take();
  model.fail(sent.client);
  auto again = model.take();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].to.transport, Transport::udp);
  EXPECT_EQ(again[0].to.socket, 0);
  EXPECT_TRUE(
      values(again[0].bytes, "Via").at(0).starts_with("SIP/2.0/UDP 127.0.0.1:5060;branch="));
  EXPECT_EQ(again[0].bytes.size(), sent.bytes.size());
  model.pass(600);  // now it is UDP: timer A
  EXPECT_EQ(model.take_start_lines(), Lines{"INVITE sip:callee@127.0.0.1:5080 SIP/2.0"});
  model.receive(answer(again[0].bytes, 200), kCallee);
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 200 Answer"});
}

TEST_F(Datagrams, WhenUdpFailsAsWellTheBranchHasFailed) {
  const auto sent = forwarded(large());
  model.take();
  model.fail(sent.client);
  const auto again = model.take();
  model.fail(again.at(0).client);
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 503 Service Unavailable"});
}

TEST_F(Datagrams, ALargeAckStaysWithUdp) {
  model.program.on_request = model.relay_to("sip:callee@127.0.0.1:5080");
  auto ack = large();
  ack.method = "ACK";
  ack.to_tag = "callee";
  EXPECT_EQ(forwarded(ack).to.transport, Transport::udp);
}

TEST_F(Datagrams, AFlowThatWasGivenIsKept) {
  model.program.on_request = [this](routing::Run& run) {
    const base::Flow flow{*base::Address::parse_host_port(kCallee, 0), 0, Transport::udp};
    const routing::Target target{as_uri("sip:callee@127.0.0.1:5080"), flow, {}};
    static_cast<void>(model.stack.routing.proxy().fork(run, {&target, 1}, {}));
    return routing::Engine::Progress::finished;
  };
  EXPECT_EQ(forwarded(large()).to.transport, Transport::udp);
}

TEST_F(Datagrams, WithoutATcpSocketThereIsNothingToSwitchTo) {
  Model other{with_mtu()};
  other.receive(large().bytes());
  EXPECT_EQ(other.take().back().to.transport, Transport::udp);
}

// RFC 3261 18.4

TEST_F(Datagrams, AnIcmpErrorFailsTheBranchAtOnce) {
  const auto sent = forwarded({});
  model.take();
  bounce(std::string_view(sent.bytes).substr(0, 520));
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 503 Service Unavailable"});
}

TEST_F(Datagrams, AForgedIcmpErrorFailsNothing) {
  const auto sent = forwarded({});
  model.take();
  bounce(sent.bytes, "127.0.0.1:5081");                // not where it went
  bounce(std::string_view(sent.bytes).substr(0, 60));  // no branch
  bounce("INVITE" + sent.bytes);                       // not what was sent
  auto forged = sent.bytes;
  forged.replace(forged.find("branch=z9hG4bK") + 20, 4, "0000");  // a guess
  bounce(forged);
  for (std::size_t size = 0; size < 200; ++size)
    bounce(std::string_view(sent.bytes).substr(0, size));
  EXPECT_EQ(model.take_start_lines(), Lines{});
}

TEST_F(Datagrams, AnIcmpErrorAfterAnAnswerChangesNothing) {
  const auto sent = forwarded({});
  model.receive(answer(sent.bytes, 180), kCallee);
  model.take();
  bounce(sent.bytes);
  EXPECT_EQ(model.take_start_lines(), Lines{});
}

// RFC 3581

TEST_F(Datagrams, AnswersGoToTheViasPortUnlessRportIsAskedFor) {
  Request request;
  request.via = "127.0.0.1:4000";
  model.receive(request.bytes(), "127.0.0.1:5070");
  EXPECT_EQ(model.take().front().to.peer.port(), 4000);
}

TEST_F(Datagrams, ForcedRportIsAsIfItWereAskedFor) {
  auto options = with_mtu();
  options.force_rport = true;
  Model forced(options);
  Request request;
  request.via = "10.0.0.9:4000";
  forced.receive(request.bytes(), "127.0.0.1:5070");
  const auto sent = forced.take();
  EXPECT_EQ(sent.front().to.peer.to_string(), "127.0.0.1:5070");
  EXPECT_EQ(values(sent.front().bytes, "Via").at(0),
            "SIP/2.0/UDP 10.0.0.9:4000;branch=z9hG4bKuac1;received=127.0.0.1;rport=5070");
}

TEST_F(Datagrams, AScriptMayForceRportForOneRequest) {
  model.program.on_request = [this](routing::Run& run) {
    model.stack.routing.uas().force_rport(run);
    static_cast<void>(model.stack.routing.uas().reply(run, 404, {}));
    return routing::Engine::Progress::finished;
  };
  Request request;
  request.via = "10.0.0.9:4000";
  model.receive(request.bytes(), "127.0.0.1:5070");
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].to.peer.to_string(), "127.0.0.1:5070");
  EXPECT_TRUE(values(sent[0].bytes, "Via").at(0).ends_with(";received=127.0.0.1;rport=5070"));
  model.pass(600);  // and again, since it has no ACK
  EXPECT_EQ(model.take().at(0).to.peer.to_string(), "127.0.0.1:5070");
}

}  // namespace
}  // namespace opensips::model
