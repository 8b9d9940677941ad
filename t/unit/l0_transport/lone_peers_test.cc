#include "l0_transport/lone_peers.hh"

#include <gtest/gtest.h>

namespace opensips::transport {
namespace {

using base::Address;

const Address kOne = *Address::parse("192.0.2.1", 5060);
const Address kOther = *Address::parse("192.0.2.1", 5061);

TEST(LonePeersTest, APeerIsLoneForItsTime) {
  LonePeers peers;
  EXPECT_FALSE(peers.contains(kOne, 1000));
  peers.add(kOne, 1000);
  EXPECT_TRUE(peers.contains(kOne, 1000));
  EXPECT_FALSE(peers.contains(kOther, 1000));
  EXPECT_TRUE(peers.contains(kOne, 1000 + LonePeers::kTime - 1));
  EXPECT_FALSE(peers.contains(kOne, 1000 + LonePeers::kTime));
}

TEST(LonePeersTest, APeersTimeEndsThoughAnotherIsLoneByThen) {
  LonePeers peers;
  peers.add(kOne, 0);
  peers.add(kOther, 20'000);
  EXPECT_FALSE(peers.contains(kOne, LonePeers::kTime));
  EXPECT_TRUE(peers.contains(kOther, LonePeers::kTime));
}

TEST(LonePeersTest, TheLatestOfManyIsAlwaysKnown) {
  LonePeers peers;
  for (std::uint16_t port = 1; port <= 1000; ++port) {
    const auto peer = *Address::parse("192.0.2.1", port);
    peers.add(peer, 5);
    EXPECT_TRUE(peers.contains(peer, 5));
  }
}

}  // namespace
}  // namespace opensips::transport
