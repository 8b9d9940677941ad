// RFC 3261 figure 8.

#include "l2_transaction/server_non_invite.hh"

#include <gtest/gtest.h>

#include "unit/l2_transaction/fake_host.hh"

namespace opensips::transaction {
namespace {

using State = ServerNonInvite::State;
using Events = std::vector<std::string>;

class ServerNonInviteTest : public ::testing::Test {
 protected:
  explicit ServerNonInviteTest(base::Transport transport = base::Transport::udp)
      : machine(host, loop::ServerId(0, 1, 1), flow_over(transport)) {}
  bool respond(unsigned code) {
    if (!machine.respond(code, false)) return false;
    machine.sent() = wire_of(std::to_string(code));
    return true;
  }
  std::string last_sent() { return host.sent.empty() ? "" : host.sent.back().bytes; }

  FakeHost host;
  ServerNonInvite machine;
};

class ReliableServerNonInviteTest : public ServerNonInviteTest {
 protected:
  ReliableServerNonInviteTest() : ServerNonInviteTest(base::Transport::tcp) {}
};

TEST_F(ServerNonInviteTest, CopyBeforeAnyResponseIsAbsorbed) {
  machine.retransmitted();
  EXPECT_TRUE(host.sent.empty());
  EXPECT_EQ(machine.state(), State::trying);
}

TEST_F(ServerNonInviteTest, CopyIsAnsweredWithTheLastResponse) {
  EXPECT_TRUE(respond(100));
  EXPECT_EQ(machine.state(), State::proceeding);
  machine.retransmitted();
  EXPECT_EQ(last_sent(), "100");
  EXPECT_TRUE(respond(200));
  EXPECT_EQ(machine.state(), State::completed);
  machine.retransmitted();
  EXPECT_EQ(last_sent(), "200");
}

TEST_F(ServerNonInviteTest, A100IsDueWhenTimerEOfTheClientIsT2) {
  machine.start();
  host.advance(10'000);
  EXPECT_EQ(host.take_events(), Events{"3500 late"});
}

TEST_F(ServerNonInviteTest, NoneIsDueOnceItIsAnswered) {
  machine.start();
  respond(100);
  host.advance(10'000);
  EXPECT_TRUE(host.take_events().empty());
}

TEST_F(ServerNonInviteTest, NothingIsSentByItselfAndTimerJEndsIt) {
  respond(404);
  host.advance(31'990);
  EXPECT_TRUE(host.sent.empty());
  EXPECT_TRUE(host.take_events().empty());
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

TEST_F(ReliableServerNonInviteTest, TimerJIsZero) {
  respond(200);
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"10 ended"});
}

TEST_F(ServerNonInviteTest, WhatComesAfterTheFinalResponseIsTooLate) {
  respond(200);
  for (const unsigned code : {100U, 200U, 404U, 503U}) EXPECT_FALSE(respond(code)) << code;
  machine.retransmitted();
  EXPECT_EQ(last_sent(), "200");
}

TEST_F(ServerNonInviteTest, AbandonedAbsorbsCopiesForAWhile) {
  respond(100);
  machine.abandon();
  machine.retransmitted();
  EXPECT_TRUE(host.sent.empty());
  EXPECT_FALSE(respond(200));
  host.advance(32'000);
  EXPECT_EQ(host.take_events(), Events{"32000 ended"});
}

TEST_F(ServerNonInviteTest, AbandonAfterTheAnswerKeepsIt) {
  respond(200);
  machine.abandon();
  machine.retransmitted();
  EXPECT_EQ(last_sent(), "200");
}

}  // namespace
}  // namespace opensips::transaction
