#include "l3_dialog/flow_token.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::dialog {
namespace {

constexpr base::SipKey kKey{1, 2};
constexpr std::uint32_t kEpoch = 0x1234abcd;

class RegisteredFlowTest : public ::testing::Test {
 protected:
  static std::optional<FlowToken> read(const std::string& params, std::uint32_t epoch = kEpoch,
                                       const base::SipKey& key = kKey) {
    const auto text = "sip:192.0.2.1:5060;lr;" + params;
    const auto uri = parser::Uri::parse(text);
    return uri ? flow_token_of(key, epoch, *uri) : std::nullopt;
  }
  const std::string by_udp =
      write_flow_token(kKey, kEpoch, {Way(*base::Address::parse("198.51.100.7", 40'000)), 3});
  const std::string connected =
      write_flow_token(kKey, kEpoch, {Way(base::ConnectionId(0x77)), 0xabc});
};

TEST_F(RegisteredFlowTest, GivesWhatWasPutIn) {
  for (const auto* const host : {"198.51.100.7", "2001:db8::7"}) {
    const auto address = *base::Address::parse(host, 40'000);
    const auto token = read(write_flow_token(kKey, kEpoch, {Way(address), 3}));
    ASSERT_TRUE(token);
    EXPECT_EQ(token->way.address, address);
    EXPECT_FALSE(token->way.connection);
    EXPECT_EQ(token->socket, 3);
  }
  const auto token = read(connected);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->way.connection, base::ConnectionId(0x77));
  EXPECT_EQ(token->socket, 0xabc);
}

TEST_F(RegisteredFlowTest, OfAnEarlierProcessNamesAnAddressButNoConnection) {
  ASSERT_TRUE(read(by_udp, 7));
  EXPECT_TRUE(read(by_udp, 7)->way.address);
  ASSERT_TRUE(read(connected, 7));
  EXPECT_FALSE(read(connected, 7)->way);
}

TEST_F(RegisteredFlowTest, DoesNotHoldWithAnotherKeyOrAsAProof) {
  EXPECT_FALSE(read(by_udp, kEpoch, {1, 3}));
  EXPECT_FALSE(read("did" + by_udp.substr(4)));
  EXPECT_FALSE(read("lr"));
}

TEST_F(RegisteredFlowTest, CutLongerOrWithAnyByteChangedDoesNotHold) {
  for (const auto& text : {by_udp, connected}) {
    for (std::size_t i = 5; i < text.size(); ++i) {
      auto forged = text;
      forged[i] = forged[i] == '0' ? '1' : '0';
      EXPECT_FALSE(read(forged)) << i;
      EXPECT_FALSE(read(text.substr(0, i))) << i;
    }
    EXPECT_FALSE(read(text + "0"));
  }
}

}  // namespace
}  // namespace opensips::dialog
