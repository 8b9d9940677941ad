// RFC 3261 16.4.

#include "l3_dialog/route_set.hh"

#include <gtest/gtest.h>

#include "l3_dialog/proof.hh"
#include "unit/l3_dialog/requests.hh"

namespace opensips::dialog {
namespace {

using Lines = std::vector<std::string>;

class RouteSetTest : public ::testing::Test {
 protected:
  RouteSetTest() : proof(write_proof(arena, kKey, 1, *request("", "sip:b@x", "", "a"))) {}

  /// Takes the routes off, and remembers the request.
  std::optional<RouteSet> take(const std::string& headers,
                               const std::string& uri = "sip:b@198.51.100.2") {
    message = request(headers, uri);
    return take_routes(*message, sockets, kKey, kEpoch, message->edits());
  }
  Lines left() { return lines(written(*message), "Route"); }
  std::string ours() const { return "<sip:192.0.2.1:5060;lr;" + proof + ">"; }
  std::string ours_v6() const { return "<sip:[2001:db8::1]:5070;lr;" + proof + ">"; }

  base::Arena arena{nullptr, 0};
  std::string proof;
  TwoSockets sockets;
  base::Ref<parser::Message> message;
};

TEST_F(RouteSetTest, NoRouteSaysNothing) {
  const auto set = take("");
  ASSERT_TRUE(set);
  EXPECT_FALSE(set->ours);
  EXPECT_FALSE(set->proven);
  EXPECT_EQ(set->next, "");
  EXPECT_EQ(set->request_uri, "");
}

TEST_F(RouteSetTest, OursIsTakenOffAndProvesTheDialog) {
  const auto set = take("Route: " + ours() + "\r\n");
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->ours);
  EXPECT_TRUE(set->proven);
  EXPECT_EQ(set->socket, 0);
  EXPECT_EQ(set->next, "");
  EXPECT_EQ(left(), Lines{});
}

TEST_F(RouteSetTest, OursWithoutAProofIsTakenOffAllTheSame) {
  const auto set = take("Route: <sip:192.0.2.1;lr>\r\n");
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->ours);
  EXPECT_FALSE(set->proven);
  EXPECT_EQ(left(), Lines{});
}

TEST_F(RouteSetTest, RouteOfAnotherStaysAndIsNext) {
  const auto set = take("Route: <sip:203.0.113.5;lr>\r\nRoute: <sip:203.0.113.6;lr>\r\n");
  ASSERT_TRUE(set);
  EXPECT_FALSE(set->ours);
  EXPECT_EQ(set->next, "sip:203.0.113.5;lr");
  EXPECT_FALSE(set->next_is_strict);
  EXPECT_EQ(left(), (Lines{"<sip:203.0.113.5;lr>", "<sip:203.0.113.6;lr>"}));
}

TEST_F(RouteSetTest, BothOfADoubleRecordRouteAreTakenOff) {
  for (const auto& headers : {"Route: " + ours() + "\r\nRoute: " + ours_v6() + "\r\n",
                              "Route: " + ours() + ", " + ours_v6() + "\r\n",
                              "Route: " + ours() + "," + ours_v6() + "\r\n"}) {
    const auto set = take(headers);
    ASSERT_TRUE(set);
    EXPECT_TRUE(set->proven);
    EXPECT_EQ(set->socket, 1) << "the last of ours is the side to send from";
    EXPECT_EQ(set->next, "");
    EXPECT_EQ(left(), Lines{}) << headers;
  }
}

TEST_F(RouteSetTest, WhatStandsBehindOursInALineStays) {
  const auto set = take("Route: " + ours() + ", <sip:203.0.113.5;lr> , <sip:203.0.113.6;lr>\r\n");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->next, "sip:203.0.113.5;lr");
  EXPECT_EQ(left(), Lines{"<sip:203.0.113.5;lr> , <sip:203.0.113.6;lr>"});
}

TEST_F(RouteSetTest, OursOverSeveralLinesAndTheRestStays) {
  const auto set = take("Route: " + ours() + "\r\nX-Between: 1\r\nRoute: " + ours_v6() +
                        ", <sip:203.0.113.5;lr>\r\nRoute: <sip:203.0.113.6;lr>\r\n");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->next, "sip:203.0.113.5;lr");
  EXPECT_EQ(left(), (Lines{"<sip:203.0.113.5;lr>", "<sip:203.0.113.6;lr>"}));
}

TEST_F(RouteSetTest, OursBehindAnotherIsLeftAlone) {
  const auto set = take("Route: <sip:203.0.113.5;lr>, " + ours() + "\r\n");
  ASSERT_TRUE(set);
  EXPECT_FALSE(set->ours);
  EXPECT_FALSE(set->proven);
  EXPECT_EQ(left(), Lines{"<sip:203.0.113.5;lr>, " + ours()});
}

TEST_F(RouteSetTest, NextWithoutLrIsAStrictRouter) {
  const auto set = take("Route: " + ours() + "\r\nRoute: <sip:203.0.113.5>\r\n");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->next, "sip:203.0.113.5");
  EXPECT_TRUE(set->next_is_strict);
  EXPECT_EQ(left(), Lines{}) << "it goes into the Request-URI";
}

TEST_F(RouteSetTest, StrictRouterBeforeUsIsUndone) {
  const auto set = take("Route: <sip:b@198.51.100.2>\r\n", "sip:192.0.2.1:5060;lr;" + proof);
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->proven);
  EXPECT_EQ(set->request_uri, "sip:b@198.51.100.2");
  EXPECT_EQ(set->next, "");
  EXPECT_EQ(left(), Lines{});
}

TEST_F(RouteSetTest, RoutesThatAStrictRouterLeavesAreFollowed) {
  for (const auto* headers : {"Route: <sip:203.0.113.5;lr>\r\nRoute: <sip:b@198.51.100.2>\r\n",
                              "Route: <sip:203.0.113.5;lr>, <sip:b@198.51.100.2>\r\n"}) {
    const auto set = take(headers, "sip:192.0.2.1:5060;lr;" + proof);
    ASSERT_TRUE(set);
    EXPECT_EQ(set->request_uri, "sip:b@198.51.100.2");
    EXPECT_EQ(set->next, "sip:203.0.113.5;lr");
    EXPECT_EQ(left(), Lines{"<sip:203.0.113.5;lr>"}) << headers;
  }
}

TEST_F(RouteSetTest, SecondOfADoubleRecordRouteBehindAStrictRouterIsTakenOff) {
  const auto uri = "sip:192.0.2.1:5060;lr;" + proof;
  for (const auto& headers : {"Route: " + ours_v6() + "\r\nRoute: <sip:b@198.51.100.2>\r\n",
                              "Route: " + ours_v6() + ", <sip:b@198.51.100.2>\r\n"}) {
    const auto set = take(headers, uri);
    ASSERT_TRUE(set);
    EXPECT_TRUE(set->proven);
    EXPECT_EQ(set->request_uri, "sip:b@198.51.100.2");
    EXPECT_EQ(set->socket, 1);
    EXPECT_EQ(set->next, "");
    EXPECT_EQ(left(), Lines{}) << headers;
  }
}

TEST_F(RouteSetTest, RequestUriOfOursWithoutARouteToRestoreIsRefused) {
  EXPECT_FALSE(take("", "sip:192.0.2.1:5060;lr;" + proof));
}

TEST_F(RouteSetTest, RequestForUsIsNotFromAStrictRouter) {
  const auto set = take("Route: <sip:203.0.113.5;lr>\r\n", "sip:b@192.0.2.1");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->request_uri, "");
  EXPECT_EQ(set->next, "sip:203.0.113.5;lr");
}

TEST_F(RouteSetTest, RouteThatDoesNotParseIsRefused) {
  for (const auto* headers : {"Route: <sip:203.0.113.5\r\n", "Route: <>\r\n",
                              "Route: nonsense here\r\n", "Route: <sip:192.0.2.1;lr>, <\r\n"}) {
    EXPECT_FALSE(take(headers)) << headers;
  }
}

TEST_F(RouteSetTest, EmptyRouteLineIsPassedOver) {
  const auto set = take("Route: \r\nRoute: " + ours() + "\r\n");
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->proven);
  EXPECT_EQ(left(), Lines{});
}

TEST_F(RouteSetTest, RouteOfAnotherSchemeIsNext) {
  const auto set = take("Route: <tel:+123>\r\n");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->next, "tel:+123");
}

TEST_F(RouteSetTest, ProofOfAnotherCallDoesNotProve) {
  const auto set = take("Route: <sip:192.0.2.1:5060;lr;did=00000001.0123456789abcdef>\r\n");
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->ours);
  EXPECT_FALSE(set->proven);
}

/// The two values that a call between a client with a connection and one without leaves.
class FlowTokenTest : public RouteSetTest {
 protected:
  std::string with(base::ConnectionId connection, std::uint32_t epoch = kEpoch) {
    return std::string(
        write_proof(arena, kKey, epoch, *request("", "sip:b@x", "", "a"), connection));
  }
  static std::string route(const std::string& token) {
    return "<sip:192.0.2.1:5060;lr;" + token + ">";
  }
  base::ConnectionId taken(const std::string& routes) {
    const auto set = take("Route: " + routes + "\r\n");
    EXPECT_TRUE(set && set->proven);
    return set ? set->way.connection : base::ConnectionId();
  }
  const base::ConnectionId client{1, 2, 3}, other{1, 3, 5};
};

TEST_F(FlowTokenTest, TheLastOfOursNamesTheConnection) {
  EXPECT_EQ(taken(ours_v6() + ", " + route(with(client))), client);
  EXPECT_EQ(taken(route(with(client)) + ", " + ours_v6()), base::ConnectionId());
  EXPECT_EQ(taken(route(with(client)) + ", " + route(with(other))), other);
  EXPECT_EQ(taken(route(with(client))), client);
}

TEST_F(FlowTokenTest, OneThatDoesNotHoldNamesNothing) {
  auto forged = with(client);
  forged.back() = forged.back() == '4' ? '5' : '4';
  EXPECT_EQ(taken(ours() + ", " + route(forged)), base::ConnectionId());
}

TEST_F(FlowTokenTest, OneOfAnEarlierProcessProvesTheDialogAndNamesNothing) {
  EXPECT_EQ(taken(route(with(client, kEpoch + 1))), base::ConnectionId());
}

}  // namespace
}  // namespace opensips::dialog
