#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

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

int option(const FileDescriptor& fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(getsockopt(fd.get(), level, name, &value, &size), 0);
  return value;
}

TEST(BindUdp, ReceiveBufferIsRaisedButNotLowered) {
  const auto buffer_with = [](const UdpOptions& options) {
    const auto bound = bind_udp(*Address::parse("127.0.0.1", 0), 1, options);
    return option(bound->front(), SOL_SOCKET, SO_RCVBUF);
  };
  const int usual = buffer_with({});
  EXPECT_EQ(buffer_with({.receive_buffer_goal = 4096}), usual);
  EXPECT_GE(buffer_with({.receive_buffer_goal = usual}), usual);
  // Who says how much it is gets that.
  EXPECT_LT(buffer_with({.receive_buffer = 8192, .receive_buffer_goal = usual}), usual);
}

TEST(BindUdp, TosIsSetForBothFamilies) {
  const auto v4 = bind_udp(*Address::parse("127.0.0.1", 0), 1, {.tos = 0xb8});
  EXPECT_EQ(option(v4->front(), IPPROTO_IP, IP_TOS), 0xb8);
  const auto v6 = bind_udp(*Address::parse("::1", 0), 1, {.tos = 0xb8});
  if (!v6) GTEST_SKIP() << "no IPv6 here: " << v6.error();
  EXPECT_EQ(option(v6->front(), IPPROTO_IPV6, IPV6_TCLASS), 0xb8);
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
