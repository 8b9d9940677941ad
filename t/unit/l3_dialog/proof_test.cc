#include "l3_dialog/proof.hh"

#include <gtest/gtest.h>

#include "unit/l3_dialog/requests.hh"

namespace opensips::dialog {
namespace {

class ProofTest : public ::testing::Test {
 protected:
  /// What the INVITE that set up the dialog left in the Record-Route.
  std::string proof(std::uint32_t epoch = 0x1234abcd) {
    return std::string(write_proof(arena, kKey, epoch, *request("", "sip:b@x", "", "a")));
  }
  static bool proves(const std::string& params, const parser::Message& in_dialog,
                     const base::SipKey& key = kKey) {
    const auto text = "sip:192.0.2.1:5060;lr;" + params;
    const auto uri = parser::Uri::parse(text);
    return uri && dialog::proves(key, *uri, in_dialog);
  }
  base::Arena arena{nullptr, 0};
};

TEST_F(ProofTest, IsAParameterOfEpochAndMac) {
  const auto text = proof();
  EXPECT_TRUE(text.starts_with("did=1234abcd.")) << text;
  EXPECT_EQ(text.size(), 4U + 8 + 1 + 16);
  EXPECT_TRUE(proof(0).starts_with("did=00000000."));
}

TEST_F(ProofTest, HoldsForBothSidesOfTheDialog) {
  EXPECT_TRUE(proves(proof(), *request("", "sip:b@x", "b", "a")));
  EXPECT_TRUE(proves(proof(), *request("", "sip:a@x", "a", "b")));
}

TEST_F(ProofTest, OfAnEarlierProcessHoldsToo) {
  EXPECT_TRUE(proves(proof(1), *request()));
  EXPECT_TRUE(proves(proof(2), *request()));
}

TEST_F(ProofTest, DoesNotHoldForAnotherCall) {
  EXPECT_FALSE(proves(proof(), *request("", "sip:b@x", "c", "d")));
  auto other = written(*request());
  other.replace(other.find("Call-ID: call"), 13, "Call-ID: other");
  EXPECT_FALSE(proves(proof(), *parser::Message::parse(other, {}).message));
}

TEST_F(ProofTest, DoesNotHoldWithAnotherKey) {
  EXPECT_FALSE(proves(proof(), *request(), base::SipKey{1, 3}));
}

TEST_F(ProofTest, WithAnyByteChangedDoesNotHold) {
  const auto text = proof();
  for (std::size_t i = 4; i < text.size(); ++i) {
    auto forged = text;
    forged[i] = forged[i] == '0' ? '1' : '0';
    EXPECT_FALSE(proves(forged, *request())) << i;
  }
}

TEST_F(ProofTest, CutLongerEmptyOrMissingDoesNotHold) {
  const auto text = proof();
  for (std::size_t size = 3; size < text.size(); ++size) {
    EXPECT_FALSE(proves(text.substr(0, size), *request())) << size;
  }
  EXPECT_FALSE(proves(text + "0", *request()));
  EXPECT_FALSE(proves("x=1", *request()));
}

TEST_F(ProofTest, EmptyTagProvesNothing) {
  // Made for a request without a From tag: it must not hold for every request without a tag.
  const auto untagged = parser::Message::parse(
                            "INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP "
                            "192.0.2.9;branch=z9hG4bKx\r\nFrom: <sip:a@x>\r\n"
                            "To: <sip:b@x>\r\nCall-ID: call\r\nCSeq: 1 INVITE\r\n\r\n",
                            {})
                            .message;
  const std::string text(write_proof(arena, kKey, 1, *untagged));
  EXPECT_FALSE(proves(text, *untagged));
}

/// The proof of a side that has a connection, as a URI.
class ConnectionProofTest : public ProofTest {
 protected:
  static constexpr std::uint32_t kHere = 0x1234abcd;
  static constexpr base::ConnectionId kConnection{3, 77, 0x1234abcf};

  std::string proof(base::ConnectionId connection = kConnection) {
    return std::string(
        write_proof(arena, kKey, kHere, *request("", "sip:b@x", "", "a"), connection));
  }
  static parser::Uri uri(const std::string& text) { return *parser::Uri::parse(text); }
  static Way way(const std::string& text, std::uint32_t epoch = kHere) {
    return *proven_way(kKey, uri(text), *request(), epoch);
  }
};

TEST_F(ConnectionProofTest, HoldsAndNamesTheConnection) {
  const auto text = "sip:192.0.2.1:5060;lr;" + proof();
  EXPECT_TRUE(proves(proof(), *request()));
  EXPECT_TRUE(names_way(uri(text)));
  EXPECT_EQ(way(text).connection, kConnection);
  EXPECT_EQ(way(text, kHere + 1).connection, base::ConnectionId());
}

TEST_F(ConnectionProofTest, IsShortWhereThereIsNoConnection) {
  EXPECT_EQ(proof({}), ProofTest::proof(kHere));
  const auto text = "sip:192.0.2.1:5060;lr;" + proof({});
  EXPECT_FALSE(names_way(uri(text)));
  EXPECT_EQ(way(text).connection, base::ConnectionId());
}

TEST_F(ConnectionProofTest, AnotherConnectionOrNoneDoesNotHold) {
  const auto text = proof();
  for (std::size_t i = 4; i < text.size(); ++i) {
    auto forged = text;
    forged[i] = forged[i] == '0' ? '1' : '0';
    EXPECT_FALSE(proves(forged, *request())) << forged;
  }
  for (std::size_t size = 3; size < text.size(); ++size) {
    EXPECT_FALSE(proves(text.substr(0, size), *request())) << size;
  }
  EXPECT_FALSE(proves(text + "0", *request()));
  EXPECT_FALSE(proves(ProofTest::proof(kHere) + "." + text.substr(30), *request()));
  EXPECT_FALSE(proves(ProofTest::proof(kHere) + ".", *request()));
}

/// The proof of a side behind a NAT, as a URI.
class AddressProofTest : public ProofTest {
 protected:
  std::string proof(const base::Address& address, std::uint32_t epoch = 1) {
    return std::string(
        write_proof(arena, kKey, epoch, *request("", "sip:b@x", "", "a"), Way(address)));
  }
};

TEST_F(AddressProofTest, HoldsAndNamesTheAddressInEveryProcess) {
  for (const char* host : {"192.0.2.77", "255.255.255.255", "1.2.3.4", "2001:db8::7:0:ff"}) {
    const auto address = *base::Address::parse(host, 40'001);
    const auto text = proof(address);
    EXPECT_TRUE(proves(text, *request())) << text;
    const auto uri = *parser::Uri::parse(arena.concat({"sip:192.0.2.1;lr;", text}));
    EXPECT_TRUE(names_way(uri));
    for (const std::uint32_t epoch : {1U, 2U}) {
      const auto way = proven_way(kKey, uri, *request(), epoch);
      ASSERT_TRUE(way) << text;
      EXPECT_EQ(way->address, address) << text;
      EXPECT_FALSE(way->connection);
    }
  }
}

TEST_F(AddressProofTest, AnotherAddressDoesNotHold) {
  const auto text = proof(*base::Address::parse("192.0.2.77", 40'001));
  for (std::size_t i = 4; i < text.size(); ++i) {
    auto forged = text;
    forged[i] = forged[i] == '0' ? '1' : '0';
    EXPECT_FALSE(proves(forged, *request())) << forged;
    EXPECT_FALSE(proves(text.substr(0, i), *request())) << i;
  }
}

TEST_F(ConnectionProofTest, TheLargestIdFits) {
  const auto text = "sip:192.0.2.1;" + proof(base::ConnectionId(UINT64_MAX));
  EXPECT_TRUE(proves(text.substr(14), *request()));
  EXPECT_EQ(way(text).connection.bits, UINT64_MAX);
}

}  // namespace
}  // namespace opensips::dialog
