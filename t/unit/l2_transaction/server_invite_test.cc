// RFC 3261 figure 7 with RFC 6026's Accepted.

#include "l2_transaction/server_invite.hh"

#include <gtest/gtest.h>

#include "unit/l2_transaction/fake_host.hh"

namespace opensips::transaction {
namespace {

using State = ServerInvite::State;
using Times = std::vector<std::uint64_t>;
using Events = std::vector<std::string>;

class ServerInviteTest : public ::testing::Test {
 protected:
  explicit ServerInviteTest(base::Transport transport = base::Transport::udp)
      : machine(host, loop::ServerId(0, 1, 1), flow_over(transport)) {}
  /// As the layers do: the bytes come after the machine has agreed.
  bool respond(unsigned code) {
    if (!machine.respond(code, false)) return false;
    if (code < 200 || code >= 300) machine.sent() = wire_of(std::to_string(code));
    return true;
  }
  std::string last_sent() { return host.sent.empty() ? "" : host.sent.back().bytes; }

  FakeHost host;
  ServerInvite machine;
};

class ReliableServerInviteTest : public ServerInviteTest {
 protected:
  ReliableServerInviteTest() : ServerInviteTest(base::Transport::tcp) {}
};

TEST_F(ServerInviteTest, CopyBeforeAnyResponseIsAbsorbed) {
  machine.retransmitted();
  EXPECT_TRUE(host.sent.empty());
  EXPECT_FALSE(machine.final());
}

TEST_F(ServerInviteTest, CopyIsAnsweredWithTheLastProvisional) {
  respond(100);
  machine.retransmitted();
  EXPECT_EQ(last_sent(), "100");
  respond(180);
  machine.retransmitted();
  EXPECT_EQ(last_sent(), "180");
  EXPECT_EQ(machine.state(), State::proceeding);
}

TEST_F(ServerInviteTest, WaitsForItsResponseAsLongAsItTakes) {
  respond(180);
  host.advance(1'000'000);
  EXPECT_TRUE(host.take_events().empty());
  EXPECT_TRUE(host.sent.empty());
}

TEST_F(ServerInviteTest, RefusalIsSentAgainByTimerGUntilTimerHEndsIt) {
  respond(486);
  EXPECT_EQ(machine.state(), State::completed);
  host.advance(32'000);
  EXPECT_EQ(host.take_times(),
            (Times{500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}));
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

TEST_F(ReliableServerInviteTest, TimerGIsOffAndTimerHEndsIt) {
  respond(486);
  host.advance(32'000);
  EXPECT_TRUE(host.sent.empty());
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

TEST_F(ServerInviteTest, CopyOfARefusedOneIsAnsweredAgain) {
  respond(486);
  machine.retransmitted();
  EXPECT_EQ(last_sent(), "486");
}

TEST_F(ServerInviteTest, AckStopsTheRefusalAndTimerIEndsIt) {
  respond(486);
  EXPECT_FALSE(machine.acknowledged());
  EXPECT_EQ(machine.state(), State::confirmed);
  EXPECT_FALSE(machine.sent());
  host.advance(4'990);
  EXPECT_TRUE(host.sent.empty());
  EXPECT_TRUE(host.take_events().empty());
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"5000 ended"});
}

TEST_F(ReliableServerInviteTest, TimerIIsZero) {
  respond(486);
  machine.acknowledged();
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"10 ended"});
}

TEST_F(ServerInviteTest, ConfirmedAbsorbsEverything) {
  respond(486);
  machine.acknowledged();
  EXPECT_FALSE(machine.acknowledged());
  machine.retransmitted();
  EXPECT_FALSE(respond(200));
  EXPECT_FALSE(respond(180));
  EXPECT_TRUE(host.sent.empty());
  host.advance(5'000);
  EXPECT_EQ(host.take_events(), Events{"5000 ended"});
}

TEST_F(ServerInviteTest, SecondRefusalAndLateProvisionalAreTooLate) {
  respond(486);
  EXPECT_FALSE(respond(404));
  EXPECT_FALSE(respond(180));
  EXPECT_FALSE(respond(200));
  machine.retransmitted();
  EXPECT_EQ(last_sent(), "486");
}

TEST_F(ServerInviteTest, AckBeforeAResponseIsAbsorbed) {
  EXPECT_FALSE(machine.acknowledged());
  EXPECT_EQ(machine.state(), State::proceeding);
}

TEST_F(ServerInviteTest, SuccessLetsFurtherSuccessesThroughUntilTimerL) {
  respond(180);
  EXPECT_TRUE(respond(200));
  EXPECT_EQ(machine.state(), State::accepted);
  EXPECT_TRUE(machine.final());
  host.advance(31'990);
  EXPECT_TRUE(respond(200));
  EXPECT_TRUE(respond(202));
  EXPECT_FALSE(respond(486));
  EXPECT_FALSE(respond(180));
  EXPECT_TRUE(host.sent.empty());  // to send it again is the callee's
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

TEST_F(ServerInviteTest, AcceptedAbsorbsCopiesAndPassesTheAckOn) {
  respond(180);
  respond(200);
  machine.retransmitted();
  EXPECT_TRUE(host.sent.empty());
  EXPECT_TRUE(machine.acknowledged());
  EXPECT_EQ(machine.state(), State::accepted);
}

TEST_F(ServerInviteTest, SuccessMadeHereIsRepeatedUntilItIsConfirmed) {
  EXPECT_TRUE(machine.respond(200, true));
  machine.sent() = wire_of("200");
  host.advance(8000);
  EXPECT_EQ(host.take_times(), (Times{500, 1500, 3500, 7500}));
  machine.confirmed();
  host.advance(24'000);
  EXPECT_TRUE(host.take_times().empty());
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

TEST_F(ReliableServerInviteTest, SuccessMadeHereIsRepeatedOverAnyTransport) {
  EXPECT_TRUE(machine.respond(200, true));
  machine.sent() = wire_of("200");
  host.advance(600);
  EXPECT_EQ(host.take_times(), Times{500});
}

TEST_F(ServerInviteTest, AbandonedAbsorbsCopiesForAWhile) {
  respond(100);
  machine.abandon();
  EXPECT_TRUE(machine.final());
  machine.retransmitted();
  EXPECT_FALSE(respond(200));
  EXPECT_FALSE(machine.acknowledged());
  EXPECT_TRUE(host.sent.empty());
  host.advance(32'000);
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

TEST_F(ServerInviteTest, AbandonAfterTheAnswerChangesNothing) {
  respond(486);
  machine.abandon();
  EXPECT_EQ(machine.state(), State::completed);
}

}  // namespace
}  // namespace opensips::transaction
