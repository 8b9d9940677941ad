#include "base/address.hh"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace opensips::base {
namespace {

TEST(Address, ReadsLiteralsOfBothFamilies) {
  const auto v4 = Address::parse("192.0.2.1", 5060);
  ASSERT_TRUE(v4);
  EXPECT_FALSE(v4->is_v6());
  EXPECT_EQ(v4->port(), 5060);
  EXPECT_EQ(v4->to_string(), "192.0.2.1:5060");
  const auto v6 = Address::parse("2001:db8::1", 5061);
  ASSERT_TRUE(v6);
  EXPECT_TRUE(v6->is_v6());
  EXPECT_EQ(v6->to_string(), "[2001:db8::1]:5061");
  EXPECT_EQ(v6->bare_host(), "2001:db8::1");
  EXPECT_EQ(Address::parse("[2001:db8::1]", 5061), v6);
}

TEST(Address, ReadsNothingElse) {
  for (const std::string text :
       {"", "[]", "[", "]", "example.com", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4",
        "1.2.3.4 ", " 1.2.3.4", "::1::", "[::1", "::1]", ":::", "fe80::1%eth0", "0x7f000001"}) {
    EXPECT_FALSE(Address::parse(text, 5060)) << text;
  }
  EXPECT_FALSE(Address::parse(std::string(10'000, '1'), 5060));
}

TEST(Address, Ipv4IsReadAndWrittenAsTheSystemDoesIt) {
  std::minstd_rand random(1);
  constexpr std::string_view kBytes = "0123456789..25x";
  for (int i = 0; i < 20'000; ++i) {
    in_addr host{static_cast<in_addr_t>(random() * 2U)};
    char text[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET, &host, text, sizeof text);
    std::string changed = text;
    EXPECT_EQ(Address::parse(changed, 1)->bare_host(), changed);
    for (unsigned edits = random() % 3; edits > 0; --edits) {
      const auto at = random() % changed.size();
      const auto byte = kBytes[random() % kBytes.size()];
      if (random() % 2 == 0) {
        changed[at] = byte;
      } else {
        changed.insert(at, 1, byte);
      }
    }
    const bool good = inet_pton(AF_INET, changed.c_str(), &host) == 1;
    EXPECT_EQ(Address::parse(changed, 1).has_value(), good) << changed;
  }
}

TEST(Address, TextBehindAZeroByteIsNotOverlooked) {
  EXPECT_FALSE(Address::parse(std::string("127.0.0.1\0.example.com", 22), 5060));
  EXPECT_FALSE(Address::parse(std::string("::1\0", 4), 5060));
}

TEST(Address, ReadsHostAndPort) {
  EXPECT_EQ(Address::parse_host_port("127.0.0.1:5080", 5060)->to_string(), "127.0.0.1:5080");
  EXPECT_EQ(Address::parse_host_port("127.0.0.1", 5060)->to_string(), "127.0.0.1:5060");
  EXPECT_EQ(Address::parse_host_port("[::1]:5080", 5060)->to_string(), "[::1]:5080");
  EXPECT_EQ(Address::parse_host_port("[::1]", 5060)->to_string(), "[::1]:5060");
  EXPECT_EQ(Address::parse_host_port("127.0.0.1:65535", 5060)->port(), 65535);
}

TEST(Address, RefusesPortsThatAreNone) {
  for (const char* text :
       {"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:5a",
        "127.0.0.1: 5", "127.0.0.1:5:6", "[::1]:", ":5060", "[::1]5060", ""}) {
    EXPECT_FALSE(Address::parse_host_port(text, 5060)) << text;
  }
}

TEST(Address, MappedAddressIsTheIpv4OneItStandsFor) {
  const auto mapped = Address::parse("::ffff:192.0.2.1", 5060);
  ASSERT_TRUE(mapped);
  EXPECT_FALSE(mapped->is_v6());
  EXPECT_EQ(mapped, Address::parse("192.0.2.1", 5060));
}

TEST(Address, EqualIsHostAndPort) {
  const auto address = *Address::parse("192.0.2.1", 5060);
  EXPECT_EQ(address, *Address::parse("192.0.2.1", 5060));
  EXPECT_NE(address, *Address::parse("192.0.2.1", 5061));
  EXPECT_NE(address, *Address::parse("192.0.2.2", 5060));
  EXPECT_NE(address, *Address::parse("::1", 5060));
  EXPECT_TRUE(address.same_host(*Address::parse("192.0.2.1", 1)));
  EXPECT_EQ(*Address::parse("::1", 1), *Address::parse("0:0::0:1", 1));
}

TEST(Address, KnowsItsHostInOtherTexts) {
  const auto v4 = *Address::parse("192.0.2.1", 5060);
  EXPECT_EQ(v4.is_host("192.0.2.1"), true);
  EXPECT_EQ(v4.is_host("192.0.2.2"), false);
  EXPECT_EQ(v4.is_host("::ffff:192.0.2.1"), true);
  EXPECT_EQ(v4.is_host("[2001:db8::1]"), false);
  EXPECT_EQ(v4.is_host("example.com"), std::nullopt);
  EXPECT_EQ(v4.is_host("192.0.2.1.example.com"), std::nullopt);
  EXPECT_EQ(v4.is_host(""), std::nullopt);
  const auto v6 = *Address::parse("2001:db8::1", 5060);
  EXPECT_EQ(v6.is_host("[2001:DB8:0::1]"), true);
  EXPECT_EQ(v6.is_host("192.0.2.1"), false);
  EXPECT_EQ(v6.is_host("example.com"), std::nullopt);
  EXPECT_EQ(Address().is_host("192.0.2.1"), false);
}

TEST(Address, LinkLocalAddressesOfTwoInterfacesAreTwo) {
  sockaddr_in6 raw{};
  raw.sin6_family = AF_INET6;
  inet_pton(AF_INET6, "fe80::1", &raw.sin6_addr);
  raw.sin6_scope_id = 1;
  const Address first(reinterpret_cast<const sockaddr*>(&raw));
  raw.sin6_scope_id = 2;
  const Address second(reinterpret_cast<const sockaddr*>(&raw));
  EXPECT_FALSE(first.same_host(second));
  EXPECT_TRUE(first.same_host(first));
}

TEST(Address, NoneIsEqualToNothing) {
  const Address none;
  EXPECT_FALSE(none);
  EXPECT_FALSE(none.is_wildcard());
  EXPECT_EQ(none.bare_host(), "");
  EXPECT_FALSE(none.same_host(*Address::parse("0.0.0.0", 0)));
  EXPECT_FALSE(none.same_host(Address()));
}

TEST(Address, OfAnotherFamilyIsNone) {
  sockaddr raw{};
  raw.sa_family = AF_UNIX;
  EXPECT_FALSE(Address(&raw));
}

TEST(Address, KnowsTheWildcards) {
  EXPECT_TRUE(Address::parse("0.0.0.0", 5060)->is_wildcard());
  EXPECT_TRUE(Address::parse("::", 5060)->is_wildcard());
  EXPECT_FALSE(Address::parse("127.0.0.1", 5060)->is_wildcard());
  EXPECT_FALSE(Address::parse("::1", 5060)->is_wildcard());
}

TEST(Address, PortCanBeChanged) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    auto address = *Address::parse(host, 5060);
    address.set_port(6000);
    EXPECT_EQ(address.port(), 6000);
    EXPECT_EQ(address, *Address::parse(host, 6000));
  }
}

TEST(Address, GoesThroughTheKernelsFormUnchanged) {
  for (const char* host : {"127.0.0.1", "2001:db8::7"}) {
    const auto address = *Address::parse(host, 5060);
    EXPECT_EQ(Address(address.raw()), address);
    EXPECT_EQ(address.raw_size(), address.is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  }
}

}  // namespace
}  // namespace opensips::base
