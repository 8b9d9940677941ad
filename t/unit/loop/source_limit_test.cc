#include "loop/source_limit.hh"

#include <gtest/gtest.h>

namespace opensips::loop {
namespace {

using base::Address;

Address at(std::string_view host, std::uint16_t port = 5060) {
  return *Address::parse(host, port);
}

TEST(SourceLimit, DropsWhatIsMoreAndNothingElse) {
  SourceLimit limit({.messages = 2, .window_ms = 1000, .exempt = {}});
  EXPECT_TRUE(limit.admits(at("192.0.2.1"), 5000));
  EXPECT_TRUE(limit.admits(at("192.0.2.1", 6000), 5000));
  EXPECT_FALSE(limit.admits(at("192.0.2.1", 7000), 5500));  // whatever the port
  EXPECT_TRUE(limit.admits(at("192.0.2.2"), 5500));
  EXPECT_TRUE(limit.admits(at("192.0.2.1"), 6000));  // the next second
}

TEST(SourceLimit, AnIpv6SourceIsItsNetwork) {
  SourceLimit limit({.messages = 1, .window_ms = 1000, .exempt = {}});
  EXPECT_TRUE(limit.admits(at("2001:db8:0:1::1"), 5000));
  EXPECT_FALSE(limit.admits(at("2001:db8:0:1:ffff::7"), 5000));
  EXPECT_TRUE(limit.admits(at("2001:db8:0:2::1"), 5000));
}

TEST(SourceLimit, ExemptSourcesHaveNone) {
  SourceLimit limit(
      {.messages = 1,
       .window_ms = 1000,
       .exempt = {*base::Prefix::parse("192.0.2.0/24"), *base::Prefix::parse("2001:db8::/32")}});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(limit.admits(at("192.0.2.9"), 5000));
    EXPECT_TRUE(limit.admits(at("2001:db8::9"), 5000));
  }
  EXPECT_TRUE(limit.admits(at("198.51.100.1"), 5000));
  EXPECT_FALSE(limit.admits(at("198.51.100.1"), 5000));
}

TEST(SourceLimit, ListsWhoIsLimitedForAWhile) {
  SourceLimit limit({.messages = 1, .window_ms = 1000, .exempt = {}});
  for (int i = 0; i < 4; ++i) limit.admits(at("192.0.2.1"), 5000);
  for (int i = 0; i < 2; ++i) limit.admits(at("2001:db8::1"), 5000);
  limit.admits(at("192.0.2.2"), 5000);
  auto limited = limit.limited(5000);
  ASSERT_EQ(limited.size(), 2U);
  if (limited[0].source != "192.0.2.1") std::swap(limited[0], limited[1]);
  EXPECT_EQ(limited[0].source, "192.0.2.1");
  EXPECT_EQ(limited[0].dropped, 3U);
  EXPECT_EQ(limited[1].source, "2001:db8::/64");
  EXPECT_EQ(limited[1].dropped, 1U);
  EXPECT_TRUE(limit.limited(5000 + SourceLimit::kReportMs).empty());
}

}  // namespace
}  // namespace opensips::loop
