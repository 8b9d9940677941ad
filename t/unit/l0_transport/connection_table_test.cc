#include "l0_transport/connection_table.hh"

#include <gtest/gtest.h>

#include <thread>

namespace opensips::transport {
namespace {

using base::Address;
using base::ConnectionId;
using base::Transport;
using Admission = ConnectionTable::Admission;

const Address kPeer = *Address::parse("192.0.2.1", 5060);
const Address kOtherPort = *Address::parse("192.0.2.1", 5061);
const Address kOther = *Address::parse("192.0.2.2", 5060);

TEST(ConnectionTable, FirstToClaimAPeerHasIt) {
  ConnectionTable table(10, 0);
  const ConnectionId first(0, 1, 1);
  const ConnectionId second(1, 1, 1);
  EXPECT_FALSE(table.find(Transport::tcp, kPeer));
  EXPECT_EQ(table.claim(Transport::tcp, kPeer, first), first);
  EXPECT_EQ(table.claim(Transport::tcp, kPeer, second), first);
  EXPECT_EQ(table.find(Transport::tcp, kPeer), first);
  EXPECT_FALSE(table.find(Transport::tls, kPeer));
  EXPECT_FALSE(table.find(Transport::tcp, kOtherPort));
  EXPECT_FALSE(table.find(Transport::tcp, kOther));
}

TEST(ConnectionTable, OnlyWhoHasAPeerReleasesIt) {
  ConnectionTable table(10, 0);
  const ConnectionId first(0, 1, 1);
  table.claim(Transport::tcp, kPeer, first);
  table.release(Transport::tcp, kPeer, ConnectionId(0, 1, 2));
  EXPECT_EQ(table.find(Transport::tcp, kPeer), first);
  table.release(Transport::tcp, kPeer, first);
  EXPECT_FALSE(table.find(Transport::tcp, kPeer));
  table.release(Transport::tcp, kPeer, first);
}

TEST(ConnectionTable, CountsAllThatEnterAndLeave) {
  ConnectionTable table(2, 0);
  EXPECT_EQ(table.enter(kPeer, true), Admission::granted);
  EXPECT_EQ(table.enter(kOther, false), Admission::granted);
  EXPECT_EQ(table.enter(kPeer, true), Admission::full);
  EXPECT_EQ(table.size(), 2U);
  table.leave(kOther, false);
  EXPECT_EQ(table.enter(kPeer, true), Admission::granted);
}

TEST(ConnectionTable, LimitsWhatOneAddressOpensWhateverItsPorts) {
  ConnectionTable table(100, 2);
  EXPECT_EQ(table.enter(kPeer, true), Admission::granted);
  EXPECT_EQ(table.enter(kOtherPort, true), Admission::granted);
  EXPECT_EQ(table.enter(kPeer, true), Admission::source_full);
  EXPECT_EQ(table.enter(kOther, true), Admission::granted);
  EXPECT_EQ(table.enter(kPeer, false), Admission::granted);  // ours
  table.leave(kPeer, false);
  EXPECT_EQ(table.enter(kPeer, true), Admission::source_full);
  table.leave(kOtherPort, true);
  EXPECT_EQ(table.enter(kPeer, true), Admission::granted);
  EXPECT_EQ(table.size(), 3U);
}

TEST(ConnectionTable, OneOfManyThreadsOpens) {
  ConnectionTable table(100, 0);
  std::vector<ConnectionId> got(4);
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < got.size(); ++i) {
      threads.emplace_back([&, i] { got[i] = table.claim(Transport::tcp, kPeer, {i, 1, 1}); });
    }
  }
  for (const auto id : got) EXPECT_EQ(id, got[0]);
}

}  // namespace
}  // namespace opensips::transport
