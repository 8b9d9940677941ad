#include "l0_transport/peer_names.hh"

#include <gtest/gtest.h>

namespace opensips::transport {
namespace {

TEST(PeerNames, ANameKeepsItsNumber) {
  PeerNames names;
  const auto one = names.number_of("example.com");
  const auto other = names.number_of("example.net");
  EXPECT_NE(one, 0U);
  EXPECT_NE(one, other);
  EXPECT_EQ(names.number_of("Example.COM"), one);
  EXPECT_EQ(names.name_of(one), "example.com");
  EXPECT_EQ(names.name_of(0), "");
  EXPECT_EQ(names.name_of(other + 1), "");
}

TEST(PeerNames, TheOldestIsForgottenAndComesBackAsAnother) {
  PeerNames names;
  const auto first = names.number_of("first");
  const auto second = names.number_of("second");
  for (std::size_t i = 0; i < PeerNames::kMost - 1; ++i) names.number_of(std::to_string(i));
  EXPECT_EQ(names.name_of(first), "");
  EXPECT_EQ(names.name_of(second), "second");
  const auto again = names.number_of("first");
  EXPECT_NE(again, first);
  EXPECT_EQ(names.name_of(again), "first");
  EXPECT_EQ(names.name_of(second), "");
}

}  // namespace
}  // namespace opensips::transport
