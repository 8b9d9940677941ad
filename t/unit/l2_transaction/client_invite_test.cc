// RFC 3261 figure 5 with RFC 6026's Accepted, and timer C.

#include "l2_transaction/client_invite.hh"

#include <gtest/gtest.h>

#include "unit/l2_transaction/fake_host.hh"

namespace opensips::transaction {
namespace {

using State = ClientInvite::State;
using Times = std::vector<std::uint64_t>;
using Events = std::vector<std::string>;

class ClientInviteTest : public ::testing::Test {
 protected:
  explicit ClientInviteTest(base::Transport transport = base::Transport::udp)
      : machine(host, loop::ClientId(0, 1, 1), flow_over(transport)) {
    machine.sent() = wire_of(request_text("INVITE"));
    machine.start();
  }
  bool receive(unsigned code) { return machine.receive(*response(code)); }

  FakeHost host;
  ClientInvite machine;
};

class ReliableClientInviteTest : public ClientInviteTest {
 protected:
  ReliableClientInviteTest() : ClientInviteTest(base::Transport::tcp) {}
};

TEST_F(ClientInviteTest, TimerADoublesUntilTimerBEndsIt) {
  host.advance(40'000);
  EXPECT_EQ(host.take_times(), (Times{500, 1500, 3500, 7500, 15500, 31500}));
  EXPECT_EQ(host.take_events().at(0), "32000 timed out");
}

TEST_F(ClientInviteTest, TimerAHasNoUpperLimit) {
  host.times.fr_timeout = 200'000;
  machine.start();
  host.advance(200'000);
  EXPECT_EQ(host.take_times().back(), 127'500U);
}

TEST_F(ReliableClientInviteTest, NothingIsSentAgainAndTimerBEndsIt) {
  host.advance(32'000);
  EXPECT_TRUE(host.take_times().empty());
  EXPECT_EQ(host.take_events(), Events{"32000 timed out"});
}

TEST_F(ClientInviteTest, PatienceOfItsOwnTakesThePlaceOfTimersBAndC) {
  machine.start({.fr_timeout = 1000, .fr_inv_timeout = 2000});
  host.advance(900);
  receive(180);
  host.advance(1990);
  host.take_events();
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"2900 timed out"});
}

TEST_F(ClientInviteTest, ProvisionalStopsTheCopiesAndIsToldOnce) {
  EXPECT_TRUE(receive(180));
  EXPECT_EQ(machine.state(), State::proceeding);
  EXPECT_TRUE(receive(183));
  EXPECT_EQ(host.take_events(), Events{"0 provisional"});
  host.advance(32'000);
  EXPECT_TRUE(host.take_times().empty());
  EXPECT_TRUE(host.take_events().empty());
}

TEST_F(ClientInviteTest, TimerCBeginsWithA100AndEndsWhatRings) {
  EXPECT_TRUE(receive(100));
  host.take_events();
  host.advance(180'000);
  EXPECT_EQ(host.take_events(), Events{"180000 timed out"});
}

TEST_F(ClientInviteTest, TimerCBeginsAnewWithEveryProvisionalBut100) {
  receive(100);
  host.take_events();
  host.advance(100'000);
  receive(180);
  host.advance(100'000);
  receive(100);  // again: says nothing new
  EXPECT_TRUE(host.take_events().empty());
  host.advance(80'000);
  EXPECT_EQ(host.take_events(), Events{"280000 timed out"});
}

TEST_F(ClientInviteTest, CancelledOneHasAFinalResponseOrAnEndIn64T1) {
  receive(180);
  host.take_events();
  machine.cancelled();
  host.advance(32'000);
  EXPECT_EQ(host.take_events(), Events{"32000 timed out"});
}

TEST_F(ClientInviteTest, CancelledOneThatGoesOnRingingEndsAllTheSame) {
  receive(180);
  host.take_events();
  machine.cancelled();
  for (int i = 0; i < 3; ++i) {
    host.advance(10'000);
    EXPECT_TRUE(receive(180));
  }
  host.advance(2'000);
  EXPECT_EQ(host.take_events(), Events{"32000 timed out"});
}

TEST_F(ClientInviteTest, RefusalIsAcknowledgedAndSoIsEveryCopyOfItUntilTimerD) {
  EXPECT_TRUE(receive(486));
  EXPECT_EQ(machine.state(), State::completed);
  ASSERT_EQ(host.sent.size(), 1U);
  EXPECT_TRUE(host.sent[0].bytes.starts_with("ACK sip:b@192.0.2.1 SIP/2.0\r\n"));
  EXPECT_NE(host.sent[0].bytes.find("To: <sip:b@192.0.2.1>;tag=b486\r\n"), std::string::npos);
  EXPECT_NE(host.sent[0].bytes.find("CSeq: 7 ACK\r\n"), std::string::npos);
  host.advance(31'990);
  EXPECT_FALSE(receive(486));
  ASSERT_EQ(host.sent.size(), 2U);
  EXPECT_EQ(host.sent[1].bytes, host.sent[0].bytes);
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

TEST_F(ClientInviteTest, RefusalStopsTimerAAndB) {
  host.advance(400);
  receive(404);
  host.take_times();
  host.advance(31'990);
  EXPECT_TRUE(host.take_times().empty());
  EXPECT_TRUE(host.take_events().empty());
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"32400 ended"});
}

TEST_F(ReliableClientInviteTest, TimerDIsZero) {
  receive(486);
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"10 ended"});
}

TEST_F(ClientInviteTest, EveryFinalClassButSuccessIsARefusal) {
  for (const unsigned code : {300U, 499U, 500U, 699U}) {
    ClientInvite one(host, loop::ClientId(0, 2, 1), flow_over(base::Transport::udp));
    one.sent() = wire_of(request_text("INVITE"));
    one.start();
    EXPECT_TRUE(one.receive(*response(code)));
    EXPECT_EQ(one.state(), State::completed) << code;
  }
}

TEST_F(ClientInviteTest, CompletedLetsNothingElseThrough) {
  receive(486);
  host.take_times();
  EXPECT_FALSE(receive(180));
  EXPECT_FALSE(receive(200));
  EXPECT_TRUE(host.take_times().empty());
  EXPECT_FALSE(receive(503));
  EXPECT_EQ(host.take_times().size(), 1U);
}

TEST_F(ClientInviteTest, EverySuccessGoesUpUntilTimerM) {
  EXPECT_TRUE(receive(200));
  EXPECT_EQ(machine.state(), State::accepted);
  EXPECT_FALSE(machine.sent());
  host.advance(31'990);
  EXPECT_TRUE(receive(200));
  EXPECT_TRUE(receive(202));
  EXPECT_TRUE(host.take_times().empty());  // the ACK is the caller's
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

TEST_F(ClientInviteTest, AcceptedLetsNothingElseThrough) {
  receive(200);
  EXPECT_FALSE(receive(180));
  EXPECT_FALSE(receive(486));
  EXPECT_TRUE(host.take_times().empty());
}

TEST_F(ClientInviteTest, CancelledWhenItHasEndedChangesNothing) {
  receive(486);
  host.take_events();
  machine.cancelled();
  EXPECT_EQ(machine.state(), State::completed);
  host.advance(32'000);
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

}  // namespace
}  // namespace opensips::transaction
