// Requests inside a dialog with strict routers and several sockets in the way (RFC 3261 16.4, 16.6
// step 6, 16.12.1).

#include <gtest/gtest.h>

#include "model/model.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;

class RoutesTest : public ::testing::Test {
 protected:
  /// Sets a dialog up and keeps our Record-Route: two of them if the callee is behind the other
  /// socket.
  void set_up(const std::string& callee = "sip:callee@127.0.0.1:5080") {
    model.program.on_request = model.relay_to(callee);
    model.receive(Request{}.bytes());
    const auto invite = model.take().back().bytes;
    ours = values(invite, "Record-Route");
    model.receive(answer(invite, 200), callee.substr(callee.find('@') + 1));
    model.take();
  }
  static std::string bare(const std::string& route) { return route.substr(1, route.size() - 2); }
  /// A BYE of the caller as it goes out.
  Network::Sent bye(const std::string& uri, const Lines& routes) {
    Request request{.method = "BYE",
                    .uri = uri,
                    .branch = "z9hG4bKbye" + std::to_string(++byes),
                    .to_tag = "callee",
                    .cseq = 2};
    for (const auto& route : routes) request.extra += "Route: " + route + "\r\n";
    model.receive(request.bytes());
    auto sent = model.take();
    return sent.empty() ? Network::Sent{} : sent.back();
  }
  static std::string start_line(const Network::Sent& sent) {
    return sent.bytes.substr(0, sent.bytes.find("\r\n"));
  }

  Model model;
  Lines ours;
  int byes = 0;
};

TEST_F(RoutesTest, LooseRouterBehindUsIsTheNextHop) {
  set_up();
  const auto sent = bye("sip:callee@127.0.0.1:5080", {ours[0], "<sip:127.0.0.1:5090;lr>"});
  EXPECT_EQ(start_line(sent), "BYE sip:callee@127.0.0.1:5080 SIP/2.0");
  EXPECT_EQ(values(sent.bytes, "Route"), Lines{"<sip:127.0.0.1:5090;lr>"});
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5090");
}

TEST_F(RoutesTest, StrictRouterBehindUsGetsItselfAsRequestUri) {
  set_up();
  for (const auto& routes : {Lines{ours[0], "<sip:127.0.0.1:5090>", "<sip:127.0.0.1:5091;lr>"},
                             Lines{ours[0] + ", <sip:127.0.0.1:5090>,<sip:127.0.0.1:5091;lr>"}}) {
    const auto sent = bye("sip:callee@127.0.0.1:5080", routes);
    EXPECT_EQ(start_line(sent), "BYE sip:127.0.0.1:5090 SIP/2.0");
    EXPECT_EQ(values(sent.bytes, "Route"),
              (Lines{"<sip:127.0.0.1:5091;lr>", "<sip:callee@127.0.0.1:5080>"}));
    EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5090");
  }
}

TEST_F(RoutesTest, StrictRouterAloneBehindUs) {
  set_up();
  const auto sent = bye("sip:callee@127.0.0.1:5080", {ours[0], "<sip:127.0.0.1:5090>"});
  EXPECT_EQ(start_line(sent), "BYE sip:127.0.0.1:5090 SIP/2.0");
  EXPECT_EQ(values(sent.bytes, "Route"), Lines{"<sip:callee@127.0.0.1:5080>"});
}

TEST_F(RoutesTest, StrictRouterBeforeUsIsUndone) {
  set_up();
  const auto sent = bye(bare(ours[0]), {"<sip:callee@127.0.0.1:5080>"});
  EXPECT_EQ(start_line(sent), "BYE sip:callee@127.0.0.1:5080 SIP/2.0");
  EXPECT_EQ(values(sent.bytes, "Route"), Lines{});
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5080");
}

TEST_F(RoutesTest, StrictRouterBeforeUsAndALooseOneBehind) {
  set_up();
  const auto sent = bye(bare(ours[0]), {"<sip:127.0.0.1:5091;lr>, <sip:callee@127.0.0.1:5080>"});
  EXPECT_EQ(start_line(sent), "BYE sip:callee@127.0.0.1:5080 SIP/2.0");
  EXPECT_EQ(values(sent.bytes, "Route"), Lines{"<sip:127.0.0.1:5091;lr>"});
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5091");
}

TEST_F(RoutesTest, StrictRoutersOnBothSides) {
  set_up();
  const auto sent = bye(bare(ours[0]), {"<sip:127.0.0.1:5091>", "<sip:callee@127.0.0.1:5080>"});
  EXPECT_EQ(start_line(sent), "BYE sip:127.0.0.1:5091 SIP/2.0");
  EXPECT_EQ(values(sent.bytes, "Route"), Lines{"<sip:callee@127.0.0.1:5080>"});
}

TEST_F(RoutesTest, BothOfOursComeOffInOneLineOrTwo) {
  set_up("sip:callee@[::1]:5080");
  ASSERT_EQ(ours.size(), 2U);
  for (const auto& routes : {Lines{ours[1], ours[0]}, Lines{ours[1] + "," + ours[0]}}) {
    const auto sent = bye("sip:callee@[::1]:5080", routes);
    EXPECT_EQ(values(sent.bytes, "Route"), Lines{});
    EXPECT_EQ(sent.to.peer.to_string(), "[::1]:5080");
    EXPECT_EQ(sent.to.socket, 1);
    EXPECT_TRUE(values(sent.bytes, "Via")[0].starts_with("SIP/2.0/UDP [::1]:5060;")) << sent.bytes;
  }
}

TEST_F(RoutesTest, BothOfOursComeOffBehindAStrictRouter) {
  set_up("sip:callee@[::1]:5080");
  const auto sent = bye(bare(ours[1]), {ours[0], "<sip:callee@[::1]:5080>"});
  EXPECT_EQ(start_line(sent), "BYE sip:callee@[::1]:5080 SIP/2.0");
  EXPECT_EQ(values(sent.bytes, "Route"), Lines{});
  EXPECT_EQ(sent.to.socket, 1);
}

TEST_F(RoutesTest, ForgedRequestUriOfOursProvesNothing) {
  set_up();
  const auto sent =
      bye("sip:127.0.0.1:5060;lr;did=00000000.0123456789abcdef", {"<sip:victim@127.0.0.1:9>"});
  EXPECT_EQ(start_line(sent), "SIP/2.0 403 Forbidden");
}

TEST_F(RoutesTest, RequestUriOfOursWithoutARouteIsBad) {
  set_up();
  EXPECT_EQ(start_line(bye(bare(ours[0]), {})), "SIP/2.0 400 Bad Route");
}

TEST_F(RoutesTest, NameThatCannotBeReachedIs503AndNoHopsLeftIs483) {
  set_up();
  EXPECT_EQ(start_line(bye("sip:callee@example.invalid", {ours[0]})),
            "SIP/2.0 503 Service Unavailable");
  Request request{.method = "BYE", .branch = "z9hG4bKhops", .to_tag = "callee", .cseq = 3};
  request.max_forwards = "0";
  request.extra = "Route: " + ours[0] + "\r\n";
  model.receive(request.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 483 Too Many Hops"});
}

TEST_F(RoutesTest, AckThatCannotBeForwardedDisappears) {
  set_up();
  Request ack{.method = "ACK",
              .uri = "sip:callee@example.invalid",
              .branch = "z9hG4bKack",
              .to_tag = "callee"};
  ack.extra = "Route: " + ours[0] + "\r\n";
  model.receive(ack.bytes());
  EXPECT_TRUE(model.take().empty());
  EXPECT_EQ(model.context.path.held(), 0U);
}

TEST_F(RoutesTest, CopyOfAnAckHasTheSameBranch) {
  set_up();
  Request ack{.method = "ACK",
              .uri = "sip:callee@127.0.0.1:5080",
              .branch = "z9hG4bKack",
              .to_tag = "callee"};
  ack.extra = "Route: " + ours[0] + "\r\n";
  model.receive(ack.bytes());
  model.receive(ack.bytes());
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].bytes, sent[1].bytes);
}

TEST_F(RoutesTest, MaxForwardsIsPutInWhereThereIsNone) {
  set_up();
  Request request{.method = "BYE",
                  .uri = "sip:callee@127.0.0.1:5080",
                  .branch = "z9hG4bKbye",
                  .to_tag = "callee"};
  request.max_forwards = "";
  request.extra = "Route: " + ours[0] + "\r\n";
  model.receive(request.bytes());
  EXPECT_EQ(values(model.take().back().bytes, "Max-Forwards"), Lines{"70"});
}

}  // namespace
}  // namespace opensips::model
