#include "l0_transport/sockets.hh"

#include <gtest/gtest.h>

namespace opensips::transport {
namespace {

using base::Address;
using base::Flow;
using base::Transport;

class SocketsTest : public ::testing::Test {
 protected:
  SocketsTest() {
    sockets.add(Transport::udp, *Address::parse("192.0.2.1", 5060), "", 0);
    sockets.add(Transport::udp, *Address::parse("2001:db8::1", 5060), "", 0);
    sockets.add(Transport::udp, *Address::parse("10.0.0.1", 5070), "sip.example.com", 5080);
  }
  Sockets sockets;
};

TEST_F(SocketsTest, WritesTheAddressUnlessAnotherIsAdvertised) {
  EXPECT_EQ(sockets.at(0).sent_by, "192.0.2.1:5060");
  EXPECT_EQ(sockets.at(1).sent_by, "[2001:db8::1]:5060");
  EXPECT_EQ(sockets.at(2).sent_by, "sip.example.com:5080");
}

TEST_F(SocketsTest, PortOfTheAddressIsAdvertisedIfNoOtherIsGiven) {
  sockets.add(Transport::udp, *Address::parse("10.0.0.2", 5070), "other.example.com", 0);
  EXPECT_EQ(sockets.at(3).sent_by, "other.example.com:5070");
}

TEST_F(SocketsTest, KnowsItsHostsInEverySpelling) {
  for (const char* host :
       {"192.0.2.1", "[2001:db8::1]", "2001:DB8:0:0::1", "10.0.0.1", "sip.example.com",
        "SIP.Example.Com", "0.0.0.0", "[::]", "::ffff:192.0.2.1"}) {
    EXPECT_TRUE(sockets.is_local_host(host)) << host;
  }
  for (const char* host : {"192.0.2.2", "example.com", "sip.example.com.", ""}) {
    EXPECT_FALSE(sockets.is_local_host(host)) << host;
  }
}

TEST_F(SocketsTest, IsForTheDomainsOfTheTable) {
  sockets.domains().publish({{"example.org", {}}});
  EXPECT_TRUE(sockets.is_local_host("Example.ORG"));
  EXPECT_TRUE(sockets.is_local("example.org", 0));
  EXPECT_TRUE(sockets.is_local("example.org", 5070));
  EXPECT_FALSE(sockets.is_local_host("example.net"));
  sockets.domains().publish({});
  EXPECT_FALSE(sockets.is_local_host("example.org"));
}

TEST_F(SocketsTest, UnspecifiedAddressIsThisMachine) {
  for (const char* host : {"0.0.0.0", "[::]", "[::ffff:0.0.0.0]", "[0:0:0:0:0:0:0:0]"}) {
    EXPECT_TRUE(sockets.is_local_host(host)) << host;
    EXPECT_TRUE(sockets.is_local(host, 5070)) << host;
    EXPECT_FALSE(sockets.is_local(host, 5071)) << host;
  }
}

TEST_F(SocketsTest, IsLocalOnItsPortsOnly) {
  EXPECT_TRUE(sockets.is_local("192.0.2.1", 0));  // 5060
  EXPECT_TRUE(sockets.is_local("192.0.2.1", 5060));
  EXPECT_FALSE(sockets.is_local("192.0.2.1", 5061));
  EXPECT_TRUE(sockets.is_local("sip.example.com", 5080));
  EXPECT_TRUE(sockets.is_local("10.0.0.1", 5070));
  EXPECT_FALSE(sockets.is_local("sip.example.com", 0));
}

TEST_F(SocketsTest, AliasIsLocalOnItsPortOrOnAll) {
  sockets.add_alias("any.example.com", 0);
  sockets.add_alias("one.example.com", 5090);
  sockets.add_alias("default.example.com", 5060);
  EXPECT_TRUE(sockets.is_local("ANY.example.com", 1));
  EXPECT_TRUE(sockets.is_local("any.example.com", 0));
  EXPECT_TRUE(sockets.is_local("one.example.com", 5090));
  EXPECT_FALSE(sockets.is_local("one.example.com", 0));
  EXPECT_TRUE(sockets.is_local("default.example.com", 0));
  EXPECT_TRUE(sockets.is_local_host("one.example.com"));
}

TEST_F(SocketsTest, ChoosesThePreferredSocketIfItReachesThePeer) {
  const auto v4 = *Address::parse("198.51.100.1", 5060);
  const auto v6 = *Address::parse("2001:db8::2", 5060);
  EXPECT_EQ(sockets.choose(Transport::udp, v4, 2), 2);
  EXPECT_EQ(sockets.choose(Transport::udp, v6, 2), 1);
  EXPECT_EQ(sockets.choose(Transport::udp, v4, 1), 0);
  EXPECT_EQ(sockets.choose(Transport::udp, v4, Flow::kAnySocket), 0);
  EXPECT_EQ(sockets.choose(Transport::udp, v4, 99), 0);
}

TEST_F(SocketsTest, ChoosesNoneThatCannotReachThePeer) {
  Sockets only_v4;
  only_v4.add(Transport::udp, *Address::parse("192.0.2.1", 5060), "", 0);
  EXPECT_FALSE(only_v4.choose(Transport::udp, *Address::parse("::1", 5060), 0));
  EXPECT_FALSE(only_v4.choose(Transport::tcp, *Address::parse("192.0.2.2", 5060), 0));
  EXPECT_FALSE(Sockets().choose(Transport::udp, *Address::parse("192.0.2.2", 5060), 0));
}

TEST_F(SocketsTest, FindsTheSocketThatAnOperatorOrARouteNames) {
  EXPECT_EQ(sockets.find(Transport::udp, *Address::parse("10.0.0.1", 5070)), 2);
  EXPECT_FALSE(sockets.find(Transport::udp, *Address::parse("10.0.0.1", 5080)));
  EXPECT_FALSE(sockets.find(Transport::tcp, *Address::parse("10.0.0.1", 5070)));
  EXPECT_EQ(sockets.find("sip.example.com", 5080, Transport::udp), 2);
  EXPECT_EQ(sockets.find("[2001:db8::1]", 0, Transport::udp), 1);
  EXPECT_FALSE(sockets.find("192.0.2.1", 5061, Transport::udp));
}

TEST_F(SocketsTest, TransportTellsTwoSocketsOfOneAddressApart) {
  sockets.add(Transport::tcp, *Address::parse("192.0.2.1", 5060), "", 0);
  EXPECT_EQ(sockets.find("192.0.2.1", 5060, Transport::udp), 0);
  EXPECT_EQ(sockets.find("192.0.2.1", 5060, Transport::udp), 0);
  EXPECT_EQ(sockets.find("192.0.2.1", 5060, Transport::tcp), 3);
  EXPECT_EQ(sockets.find("sip.example.com", 5080, Transport::tcp), 2);  // the only one there
}

TEST_F(SocketsTest, ChoosesTheSocketOnThePreferredOnesHost) {
  sockets.add(Transport::tcp, *Address::parse("192.0.2.1", 5060), "", 0);
  sockets.add(Transport::tcp, *Address::parse("10.0.0.1", 5070), "", 0);
  const auto v4 = *Address::parse("198.51.100.1", 5060);
  EXPECT_EQ(sockets.choose(Transport::tcp, v4, 2), 4);
  EXPECT_EQ(sockets.choose(Transport::tcp, v4, 0), 3);
  EXPECT_EQ(sockets.choose(Transport::udp, v4, 4), 2);
  EXPECT_EQ(sockets.choose(Transport::tcp, v4, 1), 3);
}

TEST(TransportOf, KnowsTheNamesInAnySpelling) {
  EXPECT_EQ(transport_of(""), Transport::udp);
  EXPECT_EQ(transport_of("Udp"), Transport::udp);
  EXPECT_EQ(transport_of("tcp"), Transport::tcp);
  EXPECT_EQ(transport_of("WSS"), Transport::wss);
  EXPECT_FALSE(transport_of("tc"));
  EXPECT_FALSE(transport_of("tcpx"));
}

TEST_F(SocketsTest, AClosedOneIsNeitherFoundNorChosenButKeepsItsNames) {
  const auto other = sockets.add(Transport::udp, *Address::parse("192.0.2.9", 5060), "", 0);
  sockets.close(0);
  EXPECT_FALSE(sockets.is_open(0));
  EXPECT_FALSE(sockets.is_local("192.0.2.1", 5060));
  EXPECT_FALSE(sockets.find(Transport::udp, *Address::parse("192.0.2.1", 5060)));
  EXPECT_EQ(sockets.find_closed("192.0.2.1", 5060, Transport::udp), 0);
  EXPECT_FALSE(sockets.find_closed("192.0.2.9", 5060, Transport::udp));
  EXPECT_EQ(sockets.at(0).sent_by, "192.0.2.1:5060");
  sockets.close(2);
  EXPECT_EQ(sockets.choose(Transport::udp, *Address::parse("203.0.113.1", 5060), 0), other);
  sockets.close(other);
  EXPECT_FALSE(sockets.choose(Transport::udp, *Address::parse("203.0.113.1", 5060), 0));
}

TEST_F(SocketsTest, APlaceIsGivenAgainToTheSameAddressAndNamesOnly) {
  const auto address = *Address::parse("10.0.0.1", 5070);
  EXPECT_EQ(sockets.prepare(Transport::udp, address, "sip.example.com", 5080), 3)
      << "while the first is open it is another one's";
  sockets.close(2);
  EXPECT_EQ(sockets.prepare(Transport::udp, address, "sip.example.com", 5080), 2);
  EXPECT_EQ(sockets.prepare(Transport::udp, address, "other.example.com", 5080), 4);
  EXPECT_EQ(sockets.prepare(Transport::tcp, address, "sip.example.com", 5080), 5);
}

TEST_F(SocketsTest, OneThatIsPreparedIsNotFoundBeforeItIsOpened) {
  const auto place = sockets.prepare(Transport::tcp, *Address::parse("192.0.2.1", 5060), "", 0);
  ASSERT_TRUE(place);
  EXPECT_FALSE(sockets.find(Transport::tcp, *Address::parse("192.0.2.1", 5060)));
  sockets.open(*place);
  EXPECT_EQ(sockets.find(Transport::tcp, *Address::parse("192.0.2.1", 5060)), place);
}

TEST_F(SocketsTest, PlacesRunOut) {
  for (unsigned port = 1; sockets.size() < Sockets::kMost; ++port) {
    const auto address = *Address::parse("127.0.0.1", static_cast<std::uint16_t>(port));
    ASSERT_TRUE(sockets.prepare(Transport::udp, address, "", 0));
  }
  EXPECT_FALSE(sockets.prepare(Transport::udp, *Address::parse("127.0.0.2", 1), "", 0));
}

}  // namespace
}  // namespace opensips::transport
