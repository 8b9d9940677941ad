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

base::Flow to(const Address& peer, Transport transport, std::uint32_t name = 0) {
  base::Flow flow;
  flow.peer = peer;
  flow.transport = transport;
  flow.peer_name = name;
  return flow;
}

// RFC 5922: a connection with one domain is none with another at the same address.
TEST(ConnectionTable, EachNameOfAPeerHasItsOwn) {
  ConnectionTable table(10, 0);
  const ConnectionId first(0, 1, 1);
  const ConnectionId second(0, 2, 1);
  table.claim(to(kPeer, Transport::tls, 1), first);
  EXPECT_FALSE(table.find(to(kPeer, Transport::tls)));
  EXPECT_EQ(table.claim(to(kPeer, Transport::tls, 2), second), second);
  table.release(to(kPeer, Transport::tls, 1), first);
  EXPECT_EQ(table.find(to(kPeer, Transport::tls, 2)), second);
}

TEST(ConnectionTable, WhoIsThereIsKnownUntilItIsForgotten) {
  ConnectionTable table(10, 0);
  const ConnectionId one(0, 1, 1);
  EXPECT_EQ(table.peer_of(one), nullptr);
  table.know(one, std::make_shared<const TlsPeer>());
  EXPECT_NE(table.peer_of(one), nullptr);
  table.forget(one);
  EXPECT_EQ(table.peer_of(one), nullptr);
}

TEST(ConnectionTable, FirstToClaimAPeerHasIt) {
  ConnectionTable table(10, 0);
  const ConnectionId first(0, 1, 1);
  const ConnectionId second(1, 1, 1);
  EXPECT_FALSE(table.find(to(kPeer, Transport::tcp)));
  EXPECT_EQ(table.claim(to(kPeer, Transport::tcp), first), first);
  EXPECT_EQ(table.claim(to(kPeer, Transport::tcp), second), first);
  EXPECT_EQ(table.find(to(kPeer, Transport::tcp)), first);
  EXPECT_FALSE(table.find(to(kPeer, Transport::tls)));
  EXPECT_FALSE(table.find(to(kOtherPort, Transport::tcp)));
  EXPECT_FALSE(table.find(to(kOther, Transport::tcp)));
}

TEST(ConnectionTable, OnlyWhoHasAPeerReleasesIt) {
  ConnectionTable table(10, 0);
  const ConnectionId first(0, 1, 1);
  table.claim(to(kPeer, Transport::tcp), first);
  table.release(to(kPeer, Transport::tcp), ConnectionId(0, 1, 2));
  EXPECT_EQ(table.find(to(kPeer, Transport::tcp)), first);
  table.release(to(kPeer, Transport::tcp), first);
  EXPECT_FALSE(table.find(to(kPeer, Transport::tcp)));
  table.release(to(kPeer, Transport::tcp), first);
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
      threads.emplace_back([&, i] { got[i] = table.claim(to(kPeer, Transport::tcp), {i, 1, 1}); });
    }
  }
  for (const auto id : got) EXPECT_EQ(id, got[0]);
}

}  // namespace
}  // namespace opensips::transport
