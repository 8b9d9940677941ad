#include "l0_transport/tls/peer_name.hh"

#include "l0_transport/tls/certificate.hh"
#include "unit/l0_transport/tls/certificates.hh"

namespace opensips::transport::tls {
namespace {

bool fits(const std::string& common_name, const std::string& names, std::string_view domain) {
  return is_for(SelfSigned(common_name, names).certificate.get(), domain);
}

TEST(PeerName, SipUrisCountBeforeNames) {
  EXPECT_TRUE(fits("x", "URI:sip:example.com,DNS:other.example", "example.com"));
  EXPECT_TRUE(fits("x", "URI:sip:example.com:5061;transport=tls", "EXAMPLE.com"));
  EXPECT_FALSE(fits("x", "URI:sip:example.com,DNS:other.example", "other.example"));
  // Neither a user's URI nor another scheme is one of a domain: the names count.
  EXPECT_TRUE(fits("x", "URI:sip:bob@example.com,DNS:other.example", "other.example"));
  EXPECT_FALSE(fits("x", "URI:sip:bob@example.com,DNS:other.example", "example.com"));
  EXPECT_TRUE(fits("x", "URI:https://example.com,DNS:other.example", "other.example"));
}

TEST(PeerName, NamesAreWholeAndHaveNoWildcards) {
  EXPECT_TRUE(fits("x", "DNS:a.example,DNS:b.example", "B.example"));
  EXPECT_FALSE(fits("x", "DNS:example.com", "sip.example.com"));
  EXPECT_FALSE(fits("x", "DNS:*.example.com", "sip.example.com"));
  EXPECT_FALSE(fits("x", "DNS:example.com", "example.co"));
}

TEST(PeerName, CommonNameCountsOnlyWhereThereIsNoOtherName) {
  EXPECT_TRUE(fits("example.com", "", "Example.COM"));
  EXPECT_FALSE(fits("example.com", "DNS:other.example", "example.com"));
  EXPECT_FALSE(fits(std::string("example.com\0.evil", 17), "", "example.com"));
}

TEST(PeerName, AddressesAreComparedAsAddresses) {
  EXPECT_TRUE(fits("x", "IP:192.0.2.1", "192.0.2.1"));
  EXPECT_TRUE(fits("x", "IP:2001:db8::1", "[2001:DB8:0::1]"));
  EXPECT_TRUE(fits("x", "URI:sip:[2001:db8::1]:5061", "2001:db8::1"));
  EXPECT_FALSE(fits("x", "IP:192.0.2.1", "192.0.2.2"));
  EXPECT_FALSE(fits("x", "DNS:example.com", "192.0.2.1"));
}

TEST(PeerName, PatternsHaveStarsAndQuestionMarks) {
  EXPECT_TRUE(matches("*.example.com", "a.b.example.com"));
  EXPECT_FALSE(matches("*.example.com", "example.com"));
  EXPECT_TRUE(matches("sip?.example", "sip1.example"));
  EXPECT_FALSE(matches("sip?.example", "sip.example"));
  EXPECT_TRUE(matches("*a*b*", "xxaxxbxx"));
  EXPECT_FALSE(matches("*a*b", "xxaxxbx"));
  EXPECT_FALSE(matches("", "x"));
  EXPECT_TRUE(matches("*", ""));
}

TEST(Certificate, IsReadWholeAndAsText) {
  TlsPeer peer;
  read_certificate(
      SelfSigned("Bob\nEvil", "DNS:a,URI:sip:b,IP:192.0.2.7,email:c@d").certificate.get(), peer);
  EXPECT_EQ(peer.common_name, "Bob?Evil");
  EXPECT_EQ(peer.serial, "07");
  EXPECT_EQ(peer.san_dns, std::vector<std::string>{"a"});
  EXPECT_EQ(peer.san_uri, std::vector<std::string>{"sip:b"});
  EXPECT_EQ(peer.san_ip, std::vector<std::string>{"192.0.2.7"});
  EXPECT_EQ(peer.san_email, std::vector<std::string>{"c@d"});
  EXPECT_EQ(peer.subject.find('\n'), std::string::npos);
  EXPECT_EQ(peer.not_after - peer.not_before, 7200);
}

}  // namespace
}  // namespace opensips::transport::tls
