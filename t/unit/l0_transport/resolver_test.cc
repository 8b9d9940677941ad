#include "l0_transport/resolver.hh"

#include <gtest/gtest.h>

namespace opensips::transport {
namespace {

using base::Address;
using base::Error;
using base::Flow;

class Resolve : public ::testing::Test {
 protected:
  Resolve() {
    sockets.add(base::Transport::udp, *Address::parse("192.0.2.1", 5060), "", 0);
    sockets.add(base::Transport::udp, *Address::parse("192.0.2.1", 5070), "", 0);
  }
  base::Result<Flow> to(const Destination& destination,
                        std::uint16_t preferred = Flow::kAnySocket) {
    return resolve(destination, sockets, preferred);
  }
  Sockets sockets;
};

TEST_F(Resolve, AddressAndPortAreTaken) {
  const auto flow = to({"198.51.100.1", 5080, ""});
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->peer.to_string(), "198.51.100.1:5080");
  EXPECT_EQ(flow->socket, 0);
  EXPECT_EQ(flow->transport, base::Transport::udp);
}

TEST_F(Resolve, PortIsTheDefaultOneIfNoneIsGiven) {
  EXPECT_EQ(to({"198.51.100.1", 0, ""})->peer.port(), 5060);
}

TEST_F(Resolve, PreferredSocketIsKept) {
  EXPECT_EQ(to({"198.51.100.1", 0, ""}, 1)->socket, 1);
}

TEST_F(Resolve, UdpInAnySpellingIsTheTransport) {
  EXPECT_TRUE(to({"198.51.100.1", 0, "udp"}));
  EXPECT_TRUE(to({"198.51.100.1", 0, "UDP"}));
}

TEST_F(Resolve, OtherTransportsAndNamesAreUnsupported) {
  for (const char* transport : {"udpx", "ud"}) {
    EXPECT_EQ(to({"198.51.100.1", 0, transport}).error(), Error::unsupported) << transport;
  }
  EXPECT_EQ(to({"example.com", 0, ""}).error(), Error::unsupported);
  EXPECT_EQ(to({"", 0, ""}).error(), Error::unsupported);
}

TEST_F(Resolve, TlsAndSipsHaveTheirOwnPort) {
  EXPECT_EQ(to({"198.51.100.1", 0, "tls"}).error(), Error::unreachable);
  sockets.add(base::Transport::tls, *Address::parse("192.0.2.1", 5061), "", 0);
  for (const auto& destination :
       {Destination{"198.51.100.1", 0, "TLS"}, Destination{"198.51.100.1", 0, "", true},
        Destination{"198.51.100.1", 0, "tcp", true}}) {
    const auto flow = to(destination);
    ASSERT_TRUE(flow);
    EXPECT_EQ(flow->transport, base::Transport::tls);
    EXPECT_EQ(flow->peer.port(), 5061);
  }
  EXPECT_EQ(to({"198.51.100.1", 0, "udp", true}).error(), Error::unsupported);
}

TEST_F(Resolve, SctpHasThePortOfTcp) {
  EXPECT_EQ(to({"198.51.100.1", 0, "sctp"}).error(), Error::unreachable);
  sockets.add(base::Transport::sctp, *Address::parse("192.0.2.1", 5060), "", 0);
  const auto flow = to({"198.51.100.1", 0, "SCTP"});
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->transport, base::Transport::sctp);
  EXPECT_EQ(flow->peer.port(), 5060);
}

TEST_F(Resolve, TcpGoesOutFromTheTcpSocketBesideThePreferredOne) {
  EXPECT_EQ(to({"198.51.100.1", 0, "tcp"}).error(), Error::unreachable);
  sockets.add(base::Transport::tcp, *Address::parse("192.0.2.9", 5060), "", 0);
  sockets.add(base::Transport::tcp, *Address::parse("192.0.2.1", 5060), "", 0);
  const auto flow = to({"198.51.100.1", 5080, "TCP"}, 1);
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->socket, 3);
  EXPECT_EQ(flow->transport, base::Transport::tcp);
  EXPECT_FALSE(flow->connection);
  EXPECT_EQ(to({"198.51.100.1", 5080, "tcp"})->socket, 2);
}

TEST_F(Resolve, FamilyWithoutASocketIsUnreachable) {
  EXPECT_EQ(to({"[2001:db8::1]", 0, ""}).error(), Error::unreachable);
}

}  // namespace
}  // namespace opensips::transport
