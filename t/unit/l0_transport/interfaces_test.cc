#include "l0_transport/interfaces.hh"

#include <gtest/gtest.h>

#include <algorithm>

namespace opensips::transport {
namespace {

using base::Address;

TEST(ExpandWildcard, GivesTheAddressesOfItsFamilyWithItsPort) {
  for (const char* wildcard : {"0.0.0.0", "::"}) {
    const auto from = *Address::parse(wildcard, 5072);
    for (const auto& address : expand_wildcard(from)) {
      EXPECT_EQ(address.is_v6(), from.is_v6()) << address.to_string();
      EXPECT_EQ(address.port(), 5072);
      EXPECT_FALSE(address.is_wildcard());
    }
  }
}

TEST(ExpandWildcard, GivesEachOnceAndTheLoopbackToo) {
  const auto all = expand_wildcard(*Address::parse("0.0.0.0", 5060));
  EXPECT_EQ(std::ranges::count(all, *Address::parse("127.0.0.1", 5060)), 1);
  for (const auto& one : all) EXPECT_EQ(std::ranges::count(all, one), 1) << one.to_string();
}

TEST(ExpandWildcard, LeavesLinkLocalAddressesOut) {
  for (const auto& address : expand_wildcard(*Address::parse("::", 5060))) {
    EXPECT_FALSE(address.host().starts_with("[fe80:")) << address.host();
  }
}

}  // namespace
}  // namespace opensips::transport
