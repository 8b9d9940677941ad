#include <gtest/gtest.h>

#include "script_test/journal.hh"

namespace opensips::script_test {
namespace {

using Kind = Journal::Entry::Kind;

TEST(LadderTest, ShowsWhoSaysWhatToWhomAndWhatTheServerDoes) {
  const std::vector<Journal::Entry> entries{
      {.kind = Kind::message, .from = "alice", .to = kServer, .text = "INVITE sip:b@x SIP/2.0"},
      {.kind = Kind::note, .at_ms = 1500, .text = "route.lua:3 waits"},
      {.kind = Kind::message,
       .at_ms = 1500,
       .from = kServer,
       .to = "bob",
       .text = "INVITE sip:b@y SIP/2.0"},
      {.kind = Kind::message,
       .at_ms = 61000,
       .from = "bob",
       .to = kServer,
       .text = "SIP/2.0 486 No"},
  };
  EXPECT_EQ(
      ladder(entries),
      " seconds           alice               opensips                 bob \n"
      "   0.000             |------ INVITE ------>|                     |  INVITE sip:b@x SIP/2.0\n"
      "   1.500             |                     |                     |  route.lua:3 waits\n"
      "   1.500             |                     |------ INVITE ------>|  INVITE sip:b@y SIP/2.0\n"
      "  61.000             |                     |<----- 486 No -------|  SIP/2.0 486 No\n");
}

TEST(LadderTest, TheServerStandsSecondThoughItSpeaksFirst) {
  const auto picture = ladder(
      {{.kind = Kind::message, .from = kServer, .to = "one", .text = "OPTIONS sip:one SIP/2.0"}});
  EXPECT_LT(picture.find("one"), picture.find(kServer));
}

TEST(LadderTest, NamesAndReasonsOfAnyLengthDoNoHarm) {
  const std::string name(300, 'n'), text = "SIP/2.0 500 " + std::string(5000, 'x');
  const auto picture =
      ladder({{.kind = Kind::message, .from = name, .to = kServer, .text = text},
              {.kind = Kind::message, .from = "x", .to = "x", .text = ""},
              {.kind = Kind::message, .from = name, .to = "last", .text = "BYE sip:x SIP/2.0"}});
  EXPECT_NE(picture.find("BYE"), std::string::npos);
  EXPECT_NE(ladder({}).find(kServer), std::string::npos);
}

}  // namespace
}  // namespace opensips::script_test
