#include "l0_transport/captures.hh"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "l0_transport/file_descriptor.hh"

namespace opensips::transport {
namespace {

constexpr const char* kColumns =
    "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n";

class CapturesTest : public ::testing::Test {
 protected:
  bool captured(const std::string& text) {
    std::ofstream(path) << text;
    return anybody_captures(path);
  }
  ~CapturesTest() override { std::remove(path.c_str()); }
  std::string path = ::testing::TempDir() + "opensips_packet_" + std::to_string(getpid());
};

TEST_F(CapturesTest, NoPacketSocketIsNoCapture) {
  EXPECT_FALSE(captured(kColumns));
}

TEST_F(CapturesTest, ASocketForAllProtocolsIsOne) {
  EXPECT_TRUE(captured(std::string(kColumns) +
                       "0000000000000000 3      3    88cc   2     1 0      0      21533 \n"
                       "0000000000000000 3      3    0003   0     1 0      0      21534 \n"));
}

TEST_F(CapturesTest, ASocketForOneProtocolIsNone) {
  EXPECT_FALSE(captured(std::string(kColumns) +
                        "0000000000000000 3      2    0800   2     1 0      0      21533 \n"));
}

TEST_F(CapturesTest, WhereNothingCanBeReadThereMayBeOne) {
  EXPECT_TRUE(anybody_captures(path + ".none"));
  EXPECT_TRUE(captured(""));
}

TEST_F(CapturesTest, TheKernelListsASocketAsWeReadIt) {
  const FileDescriptor fd(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
  if (fd.get() < 0) GTEST_SKIP() << "no right to open a packet socket";
  EXPECT_TRUE(anybody_captures());
}

}  // namespace
}  // namespace opensips::transport
