#include "l3_dialog/forward.hh"

#include <gtest/gtest.h>

#include "l3_dialog/route_set.hh"
#include "unit/l3_dialog/requests.hh"

namespace opensips::dialog {
namespace {

using Lines = std::vector<std::string>;

std::string counted(const std::string& headers, unsigned initial = 70) {
  const auto message = request(headers);
  parser::Draft draft;
  count_hop(*message, draft, initial);
  return written(*message, draft);
}

TEST(CountHop, TakesOneAway) {
  EXPECT_EQ(lines(counted("Max-Forwards: 70\r\n"), "Max-Forwards"), Lines{"69"});
  EXPECT_EQ(lines(counted("Max-Forwards: 1\r\n"), "Max-Forwards"), Lines{"0"});
  EXPECT_EQ(lines(counted("Max-Forwards: 255\r\n"), "Max-Forwards"), Lines{"254"});
}

TEST(CountHop, PutsOneInWhereThereIsNone) {
  EXPECT_EQ(lines(counted("", 20), "Max-Forwards"), Lines{"20"});
}

TEST(CountHop, LeavesTheNameAsItIsSpelled) {
  EXPECT_EQ(lines(counted("max-forwards: 5\r\n"), "max-forwards"), Lines{"4"});
}

TEST(RequestUri, HasNeitherHeadersNorAMethod) {
  const std::pair<const char*, const char*> uris[] = {
      {"sip:b@192.0.2.1", "sip:b@192.0.2.1"},
      {"sip:b@192.0.2.1?Route=%3Csip:x%3E&Subject=y", "sip:b@192.0.2.1"},
      {"sip:b@192.0.2.1;lr;METHOD=INVITE;x=y", "sip:b@192.0.2.1;lr;x=y"},
      {"sip:b@192.0.2.1;method=INVITE?a=b", "sip:b@192.0.2.1"},
      {"sip:b@192.0.2.1;method;x;method=A;y", "sip:b@192.0.2.1;x;y"},
      {"sip:method=x;b@192.0.2.1;methods=a", "sip:method=x;b@192.0.2.1;methods=a"},
      {"tel:+1;method=x?a=b", "tel:+1"},
      {"urn:service:sos?x", "urn:service:sos?x"},
      {"nonsense", "nonsense"},
      {"", ""}};
  for (const auto& [target, expected] : uris) {
    const auto message = request();
    EXPECT_EQ(as_request_uri(message->arena(), target), expected);
  }
}

/// The request with these Routes as it goes to the strict router that is next.
std::string reformatted(const std::string& headers) {
  const auto message = request(headers);
  const auto routes = take_routes(*message, TwoSockets(), kKey, kEpoch, message->edits());
  EXPECT_TRUE(routes && routes->next_is_strict) << headers;
  parser::Draft draft;
  reformat_for_strict_router(*message, draft, "sip:b@198.51.100.2", routes->next);
  return written(*message, draft);
}

TEST(StrictRouter, TakesTheRequestUrisPlaceAndThatIsTheLastRoute) {
  const auto text = reformatted("Route: <sip:203.0.113.5>\r\nRoute: <sip:203.0.113.6;lr>\r\n");
  EXPECT_TRUE(text.starts_with("BYE sip:203.0.113.5 SIP/2.0\r\n")) << text;
  EXPECT_EQ(lines(text, "Route"), (Lines{"<sip:203.0.113.6;lr>", "<sip:b@198.51.100.2>"}));
}

TEST(StrictRouter, OfSeveralInALineOnlyTheFirstGoes) {
  const auto text = reformatted("Route: <sip:203.0.113.5> , <sip:203.0.113.6;lr>\r\n");
  EXPECT_EQ(lines(text, "Route"), (Lines{"<sip:203.0.113.6;lr>", "<sip:b@198.51.100.2>"}));
}

TEST(StrictRouter, RoutesThatWereTakenOffBeforeStayOff) {
  const auto text = reformatted(
      "Route: <sip:192.0.2.1;lr>\r\n"
      "Route: <sip:192.0.2.1;lr>, <sip:203.0.113.5>, <sip:203.0.113.6;lr>\r\n");
  EXPECT_EQ(lines(text, "Route"), (Lines{"<sip:203.0.113.6;lr>", "<sip:b@198.51.100.2>"}));
}

TEST(StrictRouter, AloneInTheRouteLeavesTheTargetAsTheOnlyOne) {
  EXPECT_EQ(lines(reformatted("Route: <sip:203.0.113.5>\r\n"), "Route"),
            Lines{"<sip:b@198.51.100.2>"});
}

class FindTarget : public ::testing::Test {
 protected:
  base::Result<base::Flow> find(std::string_view uri,
                                std::uint16_t socket = base::Flow::kAnySocket) {
    transport::Resolver resolver(context, sockets, hosts, failed, nullptr, {});
    const auto hop = find_target(*request(), uri, resolver, socket);
    if (!hop) return base::Failure(hop.error());
    is_search = hop->search != nullptr;
    return hop->flow;
  }
  base::Stats stats;
  loop::Context context{0, 1, 1000, stats};
  transport::Hosts hosts;
  transport::FailedTargets failed;
  TwoSockets sockets;
  bool is_search = false;
};

TEST_F(FindTarget, SendsWhereTheUriSays) {
  EXPECT_EQ(find("sip:b@198.51.100.2")->peer.to_string(), "198.51.100.2:5060");
  EXPECT_EQ(find("sip:b@198.51.100.2:5080;transport=udp")->peer.to_string(), "198.51.100.2:5080");
  EXPECT_EQ(find("sip:b@[2001:db8::2]")->socket, 1);
}

TEST_F(FindTarget, KeepsTheSocketIfItReachesThere) {
  EXPECT_EQ(find("sip:b@198.51.100.2", 0)->socket, 0);
  EXPECT_EQ(find("sip:b@198.51.100.2", 1)->socket, 0);
}

TEST_F(FindTarget, WhatIsNoSipUriIsMalformed) {
  for (const auto* uri : {"", "tel:+123", "http://example.com/", "nonsense", "sip:"}) {
    EXPECT_EQ(find(uri).error(), base::Error::malformed) << uri;
  }
}

TEST_F(FindTarget, NameIsSearchedForAndAnAddressIsNot) {
  EXPECT_TRUE(find("sip:example.com"));
  EXPECT_TRUE(is_search);
  EXPECT_TRUE(find("sip:198.51.100.2"));
  EXPECT_FALSE(is_search);
}

TEST_F(FindTarget, OtherTransportsAreUnsupported) {
  EXPECT_EQ(find("sip:198.51.100.2;transport=quic").error(), base::Error::unsupported);
  EXPECT_EQ(find("sip:example.com;transport=quic").error(), base::Error::unsupported);
}

TEST_F(FindTarget, SipsIsNeverSentInTheClear) {
  EXPECT_EQ(find("sips:b@198.51.100.2").error(), base::Error::unreachable);
  EXPECT_EQ(find("sips:b@198.51.100.2;transport=udp").error(), base::Error::unsupported);
}

TEST_F(FindTarget, FamilyWithoutASocketIsUnreachable) {
  sockets.close(1);
  EXPECT_EQ(find("sip:[2001:db8::2]").error(), base::Error::unreachable);
}

}  // namespace
}  // namespace opensips::dialog
