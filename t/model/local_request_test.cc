// The program's handler of requests of the server's own, through all layers.

#include <gtest/gtest.h>

#include "l1_parser/message_view.hh"
#include "model/uac_model.hh"

namespace opensips::model {
namespace {

using Progress = routing::Engine::Progress;

class LocalRequestTest : public UacTest {
 protected:
  static constexpr std::string_view kChallenge =
      "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";

  void handle(std::function<void(routing::Run&)> handler) {
    model.program.on_local_request = [handler = std::move(handler)](routing::Run& run) {
      handler(run);
      return Progress::finished;
    };
  }
};

TEST_F(LocalRequestTest, GoesOutAsTheHandlerHasChangedIt) {
  handle([](routing::Run& run) {
    EXPECT_TRUE(parser::add_header(*run.request, "X-Own", "yes"));
    EXPECT_TRUE(parser::set_header(*run.request, "User-Agent", "another"));
    run.request->edits().set_body("changed");
  });
  auto message = request("MESSAGE");
  message.content_type = "text/plain";
  message.body = "as it was said";
  send(message);
  const auto bytes = take();
  EXPECT_EQ(values(bytes, "X-Own"), Lines{"yes"});
  EXPECT_EQ(values(bytes, "User-Agent"), Lines{"another"});
  EXPECT_EQ(values(bytes, "Content-Length"), Lines{"7"});
  EXPECT_TRUE(bytes.ends_with("\r\n\r\nchanged"));
  say(bytes, 200);
  EXPECT_EQ(heard, Lines{"200"});
  expect_end();
}

TEST_F(LocalRequestTest, FollowsItsNewRequestUriAlsoWhenItIsChallenged) {
  handle([](routing::Run& run) { run.request->edits().set_uri("sip:other@127.0.0.1:5082"); });
  send(request("MESSAGE"), {.login = {.username = "u", .password = "p", .ha1 = {}}});
  const auto first = take();
  EXPECT_TRUE(first.starts_with("MESSAGE sip:other@127.0.0.1:5082 SIP/2.0\r\n"));
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5082");
  say(first, 401, std::string(kChallenge));
  const auto second = take();
  EXPECT_TRUE(second.starts_with("MESSAGE sip:other@127.0.0.1:5082 SIP/2.0\r\n"));
  EXPECT_NE(values(second, "Authorization").at(0).find("uri=\"sip:other@127.0.0.1:5082\""),
            std::string::npos);
  EXPECT_EQ(model.program.started, 1);  // once for each request, not for each time that it is sent
  say(second, 200);
  expect_end();
}

TEST_F(LocalRequestTest, ANextHopOrARouteStaysWhatItIs) {
  handle([](routing::Run& run) { run.request->edits().set_uri("sip:other@127.0.0.1:5082"); });
  send(request("OPTIONS"), {.next_hop = "sip:127.0.0.1:5090"});
  lines();
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5090");
  auto by_route = request("OPTIONS");
  by_route.route = "<sip:127.0.0.1:5091;lr>";
  send(by_route);
  lines();
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5091");
}

TEST_F(LocalRequestTest, IsNotSentIfTheHandlerDropsIt) {
  handle([](routing::Run& run) { run.dropped = true; });
  const auto dropped = model.stack.uac.send(request("OPTIONS"), {}, {});
  ASSERT_FALSE(dropped);
  EXPECT_EQ(dropped.error(), base::Error::refused);
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(model.stat("script:dropped_local_requests"), 1U);
  expect_end();
}

TEST_F(LocalRequestTest, GoesOutAsItWasIfTheHandlerFails) {
  model.program.on_local_request = [](routing::Run& run) {
    EXPECT_TRUE(parser::add_header(*run.request, "X-Own", "yes"));
    run.dropped = true;
    return Progress::failed;
  };
  send(request("OPTIONS"));
  EXPECT_EQ(values(take(), "X-Own"), Lines{});
  EXPECT_EQ(model.stat("script:dropped_local_requests"), 0U);
}

TEST_F(LocalRequestTest, WhatIsKeptWithItEndsWithItsHandler) {
  handle([](routing::Run& run) {
    run.kept_with_request().table = 7;
    EXPECT_FALSE(run.request->source().peer);
  });
  send(request("OPTIONS"));
  EXPECT_EQ(model.program.released, 1);
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

}  // namespace
}  // namespace opensips::model
