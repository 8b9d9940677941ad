#include <fcntl.h>
#include <gtest/gtest.h>

#include "l0_transport/udp_socket.hh"

namespace opensips::transport {
namespace {

using base::Address;

/// An address of the loopback that nobody has at the moment.
Address free_address(const char* host = "127.0.0.1") {
  const auto bound = bind_udp(*Address::parse(host, 0), 1, {});
  return bound ? local_address(bound->front()) : Address();
}

TEST(BindUdp, BindsAsManyAsAskedToOneAddress) {
  const auto address = free_address();
  const auto all = bind_udp(address, 3, {});
  ASSERT_TRUE(all) << all.error();
  ASSERT_EQ(all->size(), 3U);
  for (const auto& fd : *all) EXPECT_EQ(local_address(fd), address);
}

TEST(BindUdp, SystemsChoiceOfAPortIsTheSameForAll) {
  const auto all = bind_udp(*Address::parse("127.0.0.1", 0), 3, {});
  ASSERT_TRUE(all) << all.error();
  EXPECT_NE(local_address(all->front()).port(), 0);
  for (const auto& fd : *all) EXPECT_EQ(local_address(fd), local_address(all->front()));
}

TEST(BindUdp, AddressThatAnotherHasIsRefusedInOneLine) {
  const auto address = free_address();
  const auto first = bind_udp(address, 2, {});
  ASSERT_TRUE(first);
  const auto second = bind_udp(address, 1, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), "cannot bind udp:" + address.to_string() + ": Address already in use");
}

TEST(BindUdp, AddressOfAnotherMachineIsRefused) {
  const auto bound = bind_udp(*Address::parse("192.0.2.1", 0), 1, {});
  ASSERT_FALSE(bound);
  EXPECT_TRUE(bound.error().starts_with("cannot bind udp:192.0.2.1:0: ")) << bound.error();
}

TEST(BindUdp, AddressIsFreeAgainWhenTheDescriptorsAreGone) {
  const auto address = free_address();
  EXPECT_TRUE(bind_udp(address, 2, {}));
  EXPECT_TRUE(bind_udp(address, 2, {}));
}

TEST(BindUdp, Ipv6LeavesThePortOfIpv4Free) {
  const auto v6 = bind_udp(*Address::parse("::", 0), 1, {});
  if (!v6) GTEST_SKIP() << "no IPv6 here: " << v6.error();
  const auto v4 = bind_udp(*Address::parse("0.0.0.0", local_address(v6->front()).port()), 1, {});
  EXPECT_TRUE(v4) << v4.error();
}

TEST(BindUdp, BuffersAreSetAsFarAsTheSystemLets) {
  const auto bound = bind_udp(*Address::parse("127.0.0.1", 0), 1, {65536, 32768});
  ASSERT_TRUE(bound);
  const auto size_of = [&](int option) {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    getsockopt(bound->front().get(), SOL_SOCKET, option, &bytes, &size);
    return bytes;
  };
  EXPECT_EQ(size_of(SO_RCVBUF), 2 * 65536);  // the kernel doubles what it is told: socket(7)
  EXPECT_EQ(size_of(SO_SNDBUF), 2 * 32768);
}

TEST(FileDescriptor, IsClosedWithItsOwnerAndMoves) {
  int raw = -1;
  {
    auto bound = bind_udp(*Address::parse("127.0.0.1", 0), 1, {});
    ASSERT_TRUE(bound);
    FileDescriptor mine = std::move(bound->front());
    EXPECT_FALSE(bound->front());
    raw = mine.get();
    EXPECT_TRUE(mine);
  }
  EXPECT_EQ(fcntl(raw, F_GETFD), -1);
  EXPECT_FALSE(FileDescriptor());
}

}  // namespace
}  // namespace opensips::transport
