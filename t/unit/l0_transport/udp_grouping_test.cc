#include "l0_transport/udp_grouping.hh"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <sys/socket.h>

#include "l0_transport/file_descriptor.hh"

namespace opensips::transport {
namespace {

using Mode = UdpGrouping::Mode;

TEST(UdpGroupingTest, WhoCapturesSeesDatagramsOneByOneFromTheNextSecondOn) {
  if (anybody_captures()) GTEST_SKIP() << "somebody captures packets here";
  UdpGrouping grouping(Mode::automatic);
  EXPECT_TRUE(grouping.allowed(5'000));
  FileDescriptor capture(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
  if (capture.get() < 0) GTEST_SKIP() << "no right to open a packet socket";
  EXPECT_TRUE(grouping.allowed(5'999));
  EXPECT_FALSE(grouping.allowed(6'000));
  capture = FileDescriptor();
  EXPECT_TRUE(grouping.allowed(7'000));
}

TEST(UdpGroupingTest, TheOperatorMayDecideWhateverIsCaptured) {
  const FileDescriptor capture(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
  EXPECT_TRUE(UdpGrouping(Mode::always).allowed(0));
  EXPECT_FALSE(UdpGrouping(Mode::never).allowed(0));
}

}  // namespace
}  // namespace opensips::transport
