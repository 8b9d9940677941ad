#include "lp_routing/functions/flow_text.hh"

#include <gtest/gtest.h>

namespace opensips::routing {
namespace {

const base::Address kPeer = *base::Address::parse("2001:db8::7", 5062);

TEST(FlowText, IsReadAsItWasWritten) {
  for (const auto& flow :
       {base::Flow{kPeer, 3, base::Transport::udp},
        base::Flow{kPeer, 0, base::Transport::tcp, false, base::ConnectionId(2, 9, 7)}}) {
    const auto read = parse_flow(flow_text(flow));
    ASSERT_TRUE(read) << flow_text(flow);
    EXPECT_EQ(read->peer, flow.peer);
    EXPECT_EQ(read->socket, flow.socket);
    EXPECT_EQ(read->transport, flow.transport);
    EXPECT_EQ(read->connection, flow.connection);
  }
  EXPECT_EQ(flow_text({kPeer, 3, base::Transport::udp}), "udp:[2001:db8::7]:5062/3");
}

TEST(FlowText, NonsenseIsNoFlow) {
  for (const char* text :
       {"", "udp", "udp:192.0.2.1:5060", "udp:192.0.2.1:5060/", "udp:192.0.2.1/0",
        "xyz:192.0.2.1:5060/0", "tcp:192.0.2.1:5060/0/", "tcp:192.0.2.1:5060/0/x",
        "tcp:192.0.2.1:5060/0/1/2", "tcp:192.0.2.1:5060/0/11112222333344445",
        "tcp:192.0.2.1:5060/70000", "udp:host:5060/0"}) {
    EXPECT_FALSE(parse_flow(text)) << text;
  }
}

}  // namespace
}  // namespace opensips::routing
