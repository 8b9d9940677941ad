#include "l0_transport/interfaces.hh"

#include <gtest/gtest.h>

#include <algorithm>

namespace opensips::transport {
namespace {

using base::Address;

std::vector<InterfaceAddress> some() {
  return {{"lo", *Address::parse("127.0.0.1", 0)},   {"lo", *Address::parse("::1", 0)},
          {"eth0", *Address::parse("192.0.2.1", 0)}, {"eth0", *Address::parse("2001:db8::1", 0)},
          {"eth0", *Address::parse("192.0.2.7", 0)}, {"tun0", *Address::parse("192.0.2.7", 0)}};
}

TEST(Interfaces, AWildcardIsTheAddressesOfItsFamilyEachOnceWithItsPort) {
  const auto v4 = expand_wildcard(some(), *Address::parse("0.0.0.0", 5072));
  EXPECT_EQ(v4, (std::vector{*Address::parse("127.0.0.1", 5072), *Address::parse("192.0.2.1", 5072),
                             *Address::parse("192.0.2.7", 5072)}));
  const auto v6 = expand_wildcard(some(), *Address::parse("::", 5072));
  EXPECT_EQ(v6, (std::vector{*Address::parse("::1", 5072), *Address::parse("2001:db8::1", 5072)}));
}

TEST(Interfaces, AnInterfaceIsItsAddressesOfBothFamilies) {
  EXPECT_EQ(expand_interface(some(), "eth0", 5060),
            (std::vector{*Address::parse("192.0.2.1", 5060), *Address::parse("2001:db8::1", 5060),
                         *Address::parse("192.0.2.7", 5060)}));
  EXPECT_TRUE(expand_interface(some(), "eth1", 5060).empty());
}

TEST(Interfaces, TheSystemTellsOfTheLoopbackAndOfNoLinkLocalAddress) {
  const auto all = interface_addresses();
  ASSERT_TRUE(all);
  EXPECT_EQ(std::ranges::count(expand_wildcard(*all, *Address::parse("0.0.0.0", 5060)),
                               *Address::parse("127.0.0.1", 5060)),
            1);
  for (const auto& one : *all) EXPECT_FALSE(one.address.host().starts_with("[fe80:"));
}

}  // namespace
}  // namespace opensips::transport
