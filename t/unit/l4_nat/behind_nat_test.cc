#include "l4_nat/behind_nat.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::nat {
namespace {

bool is_private(const char* host) {
  return nat::is_private(*base::Address::parse(host, 5060));
}

TEST(PrivateAddresses, AreThoseOfTheRfcs) {
  for (const char* host : {"10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255",
                           "192.168.0.1", "192.168.255.255", "100.64.0.0", "100.127.255.255",
                           "169.254.1.1", "fc00::1", "fdff::1", "fe80::1", "febf::1"}) {
    EXPECT_TRUE(is_private(host)) << host;
  }
  for (const char* host :
       {"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
        "192.169.0.0", "100.63.255.255", "100.128.0.0", "127.0.0.1", "198.51.100.1", "fe00::1",
        "fec0::1", "2001:db8::1", "::1"}) {
    EXPECT_FALSE(is_private(host)) << host;
  }
  EXPECT_FALSE(nat::is_private(base::Address()));
}

struct Sender {
  std::string via = "198.51.100.7";
  std::string contact = "<sip:a@198.51.100.7>";
  std::string more = "";
  std::string source = "198.51.100.7:1024";
  base::Transport transport = base::Transport::udp;
};

bool behind_nat(const Sender& sender) {
  const auto text = "INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP " + sender.via +
                    ";branch=z9hG4bKa\r\n" + sender.more +
                    "From: <sip:a@x>;tag=a\r\nTo: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n" +
                    (sender.contact.empty() ? "" : "Contact: " + sender.contact + "\r\n") +
                    "Content-Length: 0\r\n\r\n";
  base::Flow flow;
  flow.peer = *base::Address::parse_host_port(sender.source, 5060);
  flow.transport = sender.transport;
  const auto parsed = parser::Message::parse(text, flow);
  EXPECT_EQ(parsed.fault.code, 0) << parsed.fault.reason;
  return is_behind_nat(*parsed.message);
}

TEST(BehindNat, IsWhoseViaNamesAnotherHost) {
  EXPECT_TRUE(behind_nat({.via = "192.168.1.2:5060"}));
  EXPECT_TRUE(behind_nat({.via = "203.0.113.9"}));         // a NAT between public addresses
  EXPECT_FALSE(behind_nat({.via = "198.51.100.7:5062"}));  // a port is no sign
  EXPECT_FALSE(behind_nat({.via = "phone.example.com"}));
  EXPECT_TRUE(behind_nat({.via = "[fd00::2]", .source = "[2001:db8::1]:1024"}));
}

TEST(BehindNat, IsWhoseContactIsPrivate) {
  EXPECT_TRUE(behind_nat({.contact = "\"A\" <sip:a@10.0.0.2:5060;transport=udp>;q=1"}));
  EXPECT_TRUE(behind_nat({.contact = "<sip:a@100.64.0.9>"}));
  EXPECT_FALSE(behind_nat({.contact = "<sip:a@203.0.113.9>"}));
  EXPECT_FALSE(behind_nat({.contact = ""}));
  EXPECT_FALSE(behind_nat({.contact = "<tel:+49301>"}));
  EXPECT_FALSE(behind_nat({.contact = "<sip:a@phone.example.com>"}));
  // Inside a private network nobody is behind a NAT.
  EXPECT_FALSE(
      behind_nat({.via = "10.0.0.2", .contact = "<sip:a@10.0.0.2>", .source = "10.0.0.2:5060"}));
}

TEST(BehindNat, IsNotAProxyWhoseClientIs) {
  const std::string second = "Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb\r\n";
  EXPECT_FALSE(behind_nat({.contact = "<sip:a@10.0.0.2>", .more = second}));
  EXPECT_FALSE(behind_nat({.via = "198.51.100.7;branch=z9hG4bKc, SIP/2.0/UDP 10.0.0.2",
                           .contact = "<sip:a@10.0.0.2>"}));
}

TEST(BehindNat, MattersByUdpOnly) {
  EXPECT_FALSE(behind_nat({.via = "192.168.1.2", .transport = base::Transport::tcp}));
}

}  // namespace
}  // namespace opensips::nat
