#include "l2_transaction/branch.hh"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "unit/l2_transaction/fake_host.hh"

namespace opensips::transaction {
namespace {

constexpr base::SipKey kKey{1, 2};
constexpr base::SipKey kOther{1, 3};

base::Ref<parser::Message> parse(const std::string& text) {
  return parser::Message::parse(text, {}).message;
}

class BranchTest : public ::testing::Test {
 protected:
  std::string write(const Branch& branch, std::string_view call_id = "call") {
    return std::string(write_branch(arena, kKey, branch, call_id));
  }
  base::Arena arena{nullptr, 0};
};

TEST_F(BranchTest, ComesBackAsItWasWritten) {
  for (const Branch& branch :
       {Branch{}, Branch{0xffffffff, loop::ClientId(UINT64_MAX), UINT64_MAX},
        Branch{0x12345678, loop::ClientId(3, 99, 0xdeadbeef), 0x0123456789abcdef}}) {
    const auto text = write(branch);
    EXPECT_EQ(text.size(), 63U);
    EXPECT_TRUE(text.starts_with("z9hG4bK"));
    const auto read = read_branch(kKey, text, "call");
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->epoch, branch.epoch);
    EXPECT_EQ(read->client, branch.client);
    EXPECT_EQ(read->loop_hash, branch.loop_hash);
  }
}

TEST_F(BranchTest, OfAnotherCallOrKeyIsNotOurs) {
  const auto text = write({1, loop::ClientId(0, 1, 1), 5});
  EXPECT_FALSE(read_branch(kKey, text, "calls"));
  EXPECT_FALSE(read_branch(kKey, text, ""));
  EXPECT_FALSE(read_branch(kOther, text, "call"));
}

TEST_F(BranchTest, WithAnyByteChangedIsNotOurs) {
  const auto text = write({1, loop::ClientId(0, 1, 1), 5});
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto forged = text;
    forged[i] = forged[i] == '0' ? '1' : '0';
    EXPECT_FALSE(read_branch(kKey, forged, "call")) << i;
  }
}

TEST_F(BranchTest, OfAnotherLengthIsNotOurs) {
  const auto text = write({1, loop::ClientId(0, 1, 1), 5});
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(read_branch(kKey, text.substr(0, size), "call")) << size;
  }
  EXPECT_FALSE(read_branch(kKey, text + "0", "call"));
}

TEST_F(BranchTest, MovingAByteFromTheCallIdDoesNotFit) {
  const auto text = write({1, {}, 5}, "0call");
  EXPECT_FALSE(read_branch(kKey, text + "0", "call"));
}

std::string with(const std::string& headers, const std::string& uri = "sip:b@192.0.2.1",
                 const std::string& cseq = "7 INVITE") {
  return "INVITE " + uri +
         " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKone\r\n"
         "From: <sip:a@192.0.2.9>;tag=a\r\nTo: <sip:b@192.0.2.1>\r\nCall-ID: call\r\nCSeq: " +
         cseq + "\r\n" + headers + "\r\n";
}

TEST(LoopHash, ChangesWithAllThatRoutingDependsOn) {
  const auto plain = loop_hash(kKey, *parse(with("")));
  EXPECT_NE(loop_hash(kKey, *parse(with("", "sip:c@192.0.2.1"))), plain);
  EXPECT_NE(loop_hash(kKey, *parse(with("", "sip:b@192.0.2.1", "8 INVITE"))), plain);
  EXPECT_NE(loop_hash(kKey, *parse(with("Route: <sip:192.0.2.5;lr>\r\n"))), plain);
  EXPECT_NE(loop_hash(kKey, *parse(with("Proxy-Require: foo\r\n"))), plain);
  EXPECT_NE(loop_hash(kOther, *parse(with(""))), plain);
}

TEST(LoopHash, DoesNotChangeWithWhatEveryHopChanges) {
  const auto plain = loop_hash(kKey, *parse(with("")));
  EXPECT_EQ(loop_hash(kKey, *parse(with(
                                "Max-Forwards: 5\r\nVia: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKx\r\n"
                                "Record-Route: <sip:192.0.2.8;lr>\r\n"))),
            plain);
}

TEST_F(BranchTest, ClientIsFoundInTheBeginningOfARequest) {
  const loop::ClientId client(3, 99, 0xdeadbeef);
  const auto text = "INVITE sip:b@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=" +
                    write({0x12345678, client, 7}) + "\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKx\r\n";
  EXPECT_EQ(client_of_request(text, 0x12345678), client);
  EXPECT_FALSE(client_of_request(text, 0x12345679));
  const auto enough = text.find("z9hG4bK") + 7 + 8 + 16;
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(bool(client_of_request(text.substr(0, size), 0x12345678)), size >= enough) << size;
  }
  EXPECT_FALSE(client_of_request("z9hG4bK12345678-0000000000000000", 0x12345678));
}

class HasLooped : public BranchTest {
 protected:
  /// The request with a Via of ours further down.
  std::string again(std::string_view before = "", const std::string& uri = "sip:b@192.0.2.1") {
    const auto hash = loop_hash(kKey, *parse(with("", uri)));
    return with("Via: " + std::string(before) +
                "SIP/2.0/UDP 192.0.2.1;branch=" + write({1, {}, hash}) + "\r\n");
  }
};

TEST_F(HasLooped, RequestThatHasNotBeenHereHasNot) {
  EXPECT_FALSE(has_looped(kKey, *parse(with(""))));
}

TEST_F(HasLooped, RequestThatCameBackUnchangedHas) {
  EXPECT_TRUE(has_looped(kKey, *parse(again())));
  EXPECT_TRUE(has_looped(kKey, *parse(again("SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx, "))));
}

TEST_F(HasLooped, RequestThatCameBackForAnotherHasNot) {
  EXPECT_FALSE(has_looped(kKey, *parse(again("", "sip:somebody@192.0.2.1"))));
}

TEST_F(HasLooped, ViaOfAnotherServersMakingDoesNotCount) {
  EXPECT_FALSE(has_looped(kOther, *parse(again())));
}

TEST_F(HasLooped, ViaThatDoesNotParseIsPassedOver) {
  EXPECT_FALSE(has_looped(kKey, *parse(with("Via: " + std::string(100, ';') + "\r\n"))));
}

}  // namespace
}  // namespace opensips::transaction
