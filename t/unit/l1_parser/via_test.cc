#include "l1_parser/via.hh"

#include <gtest/gtest.h>

#include "l1_parser/cseq.hh"

namespace opensips::parser {
namespace {

TEST(Via, IsCutIntoItsParts) {
  const auto via = Via::parse(
      "SIP/2.0/UDP host.example.com:5062;branch=z9hG4bK-1;rport=99;received=192.0.2.1;x=\"a;b\"");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->transport, "UDP");
  EXPECT_EQ(via->host, "host.example.com");
  EXPECT_EQ(via->port, 5062);
  EXPECT_EQ(via->port_or_default(), 5062);
  EXPECT_EQ(via->branch, "z9hG4bK-1");
  EXPECT_EQ(via->received, "192.0.2.1");
  EXPECT_TRUE(via->has_rport);
  EXPECT_EQ(via->rport, "99");
  EXPECT_EQ(via->params, "branch=z9hG4bK-1;rport=99;received=192.0.2.1;x=\"a;b\"");
}

TEST(Via, MayHaveWhiteSpaceEverywhere) {
  const auto via = Via::parse(
      "SIP  / 2.0  / TCP     spindle.example.com : 5060  ;   branch  =   z9hG4bK9ikj8 ; RPort");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->transport, "TCP");
  EXPECT_EQ(via->host, "spindle.example.com");
  EXPECT_EQ(via->port, 5060);
  EXPECT_EQ(via->branch, "z9hG4bK9ikj8");
  EXPECT_TRUE(via->has_rport);
  EXPECT_EQ(via->rport, "");
}

TEST(Via, HasIpv6AndDefaultPorts) {
  const auto v6 = Via::parse("SIP/2.0/UDP [2001:db8::9:1]:6050;received=2001:db8::9:255;branch=1");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "[2001:db8::9:1]");
  EXPECT_EQ(v6->port, 6050);
  EXPECT_EQ(v6->received, "2001:db8::9:255");
  EXPECT_EQ(Via::parse("SIP/2.0/UDP h;received=[2001:db8::9:255]")->received, "[2001:db8::9:255]");
  EXPECT_EQ(Via::parse("SIP/2.0/UDP h")->port_or_default(), 5060);
  EXPECT_EQ(Via::parse("SIP/2.0/tls h")->port_or_default(), 5061);
  EXPECT_EQ(Via::parse("SIP/2.0/WS h")->port_or_default(), 80);
  EXPECT_EQ(Via::parse("SIP/2.0/WSS h")->port_or_default(), 443);
}

TEST(Via, TakesWhatIsUsual) {
  for (const char* text :
       {"SIP/2.0/UDP 192.0.2.1", "SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw",
        "SIP/2.0/UNKNOWN t4.example.com", "SIP/2.0/UDP my_host.", "sip/2.0/udp h;branch=abc==",
        "SIP/2.0/UDP h;branch=z9hG4bK209%fzsnel234", "SIP/2.0/UDP h;rport=", "SIP/2.0/UDP h ;ttl=1",
        "SIP/2.0/TCP h;branch=z9hG4bK-.!%66*_+`'~", "SIP/2.0/UDP h;a;b;c=d"}) {
    EXPECT_TRUE(Via::parse(text)) << text;
  }
}

TEST(Via, RefusesWhatIsBroken) {
  for (const char* text : {"",
                           "SIP",
                           "SIP/2.0",
                           "SIP/2.0/",
                           "SIP/2.0/UDP",
                           "SIP/2.0/UDP ",
                           "SIP/2.0/UDPh",
                           "SIP/2.0 UDP h",
                           "/2.0/UDP h",
                           "SIP//UDP h",
                           "SIP/2.0/UDP h:",
                           "SIP/2.0/UDP h:x",
                           "SIP/2.0/UDP h:65536",
                           "SIP/2.0/UDP h x",
                           "SIP/2.0/UDP h;",
                           "SIP/2.0/UDP 192.0.2.15;;,;,,",
                           "SIP/2.0/UDP h;branch",
                           "SIP/2.0/UDP h;branch=",
                           "SIP/2.0/UDP h;branch=a;branch=b",
                           "SIP/2.0/UDP h;received=1.2.3.4;received=1.2.3.5",
                           "SIP/2.0/UDP h;rport;rport=1",
                           "SIP/2.0/UDP h;rport=abc",
                           "SIP/2.0/UDP h;rport=70000",
                           "SIP/2.0/UDP h;x=\"a",
                           "SIP/2.0/UDP h;=x",
                           "SIP/2.0/UDP [::1",
                           "SIP/2.0/UDP ::1",
                           "SIP/2.0/UDP h;a b",
                           "SIP/2.0/UDP h;x=a b",
                           "SIP/2.0/UDP <h>",
                           "SIP/2.0/UDP ;branch=a",
                           "SIP/2.0/UDP h\r\n"}) {
    EXPECT_FALSE(Via::parse(text)) << text;
  }
}

TEST(Via, WithBrokenParametersStillSaysWhoSentIt) {
  const auto via = Via::parse_sent_by("SIP/2.0/UDP 192.0.2.15:5070 ;;,;,,");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->host, "192.0.2.15");
  EXPECT_EQ(via->port, 5070);
  EXPECT_EQ(via->text, "SIP/2.0/UDP 192.0.2.15:5070");
  EXPECT_EQ(via->params, "");
  EXPECT_FALSE(Via::parse_sent_by("SIP/2.0/UDP ;branch=a"));
  EXPECT_FALSE(Via::parse_sent_by("SIP/2.0/UDP h,x"));
}

TEST(CSeq, IsANumberAndAMethod) {
  const auto cseq = CSeq::parse("0009  INVITE");
  ASSERT_TRUE(cseq);
  EXPECT_EQ(cseq->number, 9U);
  EXPECT_EQ(cseq->method, Method::invite);
  EXPECT_EQ(CSeq::parse("2147483647 ACK")->number, 2147483647U);
  EXPECT_EQ(CSeq::parse("1\tFOO")->method_text, "FOO");
  EXPECT_EQ(CSeq::parse("1 RE%47IST%45R")->method, Method::other);
  EXPECT_TRUE(CSeq::parse("00000000000000000000000000000000001 BYE"));
}

TEST(CSeq, RefusesWhatIsBroken) {
  for (const char* text :
       {"", "1", "INVITE", " 1 INVITE", "1INVITE", "1 ", "-1 INVITE", "+1 INVITE", "1.0 INVITE",
        "2147483648 INVITE", "4294967297 INVITE", "36893488147419103232 REGISTER", "1 INVITE ",
        "1 INV ITE", "1 INVITE, 2 INVITE", "1 IN\"ITE", "0x1 INVITE"}) {
    EXPECT_FALSE(CSeq::parse(text)) << text;
  }
}

}  // namespace
}  // namespace opensips::parser
