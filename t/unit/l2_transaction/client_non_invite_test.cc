// RFC 3261 figure 6.

#include "l2_transaction/client_non_invite.hh"

#include <gtest/gtest.h>

#include "unit/l2_transaction/fake_host.hh"

namespace opensips::transaction {
namespace {

using State = ClientNonInvite::State;
using Times = std::vector<std::uint64_t>;
using Events = std::vector<std::string>;

class ClientNonInviteTest : public ::testing::Test {
 protected:
  explicit ClientNonInviteTest(base::Transport transport = base::Transport::udp)
      : machine(host, loop::ClientId(0, 1, 1), flow_over(transport)) {
    machine.sent() = wire_of(request_text("MESSAGE"));
    machine.start();
  }
  bool receive(unsigned code) { return machine.receive(*response(code, "MESSAGE")); }

  FakeHost host;
  ClientNonInvite machine;
};

class ReliableClientNonInviteTest : public ClientNonInviteTest {
 protected:
  ReliableClientNonInviteTest() : ClientNonInviteTest(base::Transport::tcp) {}
};

TEST_F(ClientNonInviteTest, TimerEDoublesUpToT2UntilTimerFEndsIt) {
  host.advance(32'000);
  EXPECT_EQ(host.take_times(),
            (Times{500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}));
  EXPECT_EQ(host.take_events(), Events{"32000 timed out"});
}

TEST_F(ReliableClientNonInviteTest, NothingIsSentAgainAndTimerFEndsIt) {
  host.advance(32'000);
  EXPECT_TRUE(host.take_times().empty());
  EXPECT_EQ(host.take_events(), Events{"32000 timed out"});
}

TEST_F(ClientNonInviteTest, ProvisionalSlowsTheCopiesDownToT2AndLeavesTimerF) {
  host.advance(600);
  EXPECT_TRUE(receive(100));
  EXPECT_EQ(machine.state(), State::proceeding);
  host.advance(31'400);
  EXPECT_EQ(host.take_times(), (Times{500, 1500, 5500, 9500, 13500, 17500, 21500, 25500, 29500}));
  EXPECT_EQ(host.take_events(), Events{"32000 timed out"});
}

TEST_F(ClientNonInviteTest, FinalResponseStopsTheCopiesAndTimerKEndsIt) {
  EXPECT_TRUE(receive(200));
  EXPECT_EQ(machine.state(), State::completed);
  EXPECT_FALSE(machine.sent());
  host.advance(4'990);
  EXPECT_TRUE(host.take_times().empty());
  EXPECT_TRUE(host.take_events().empty());
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"5000 ended"});
}

TEST_F(ReliableClientNonInviteTest, TimerKIsZero) {
  receive(404);
  host.advance(10);
  EXPECT_EQ(host.take_events(), Events{"10 ended"});
}

TEST_F(ClientNonInviteTest, CompletedAbsorbsEveryFurtherResponse) {
  receive(404);
  for (const unsigned code : {100U, 200U, 404U, 500U}) EXPECT_FALSE(receive(code)) << code;
  EXPECT_EQ(machine.state(), State::completed);
}

TEST_F(ClientNonInviteTest, EveryFinalClassEndsIt) {
  for (const unsigned code : {200U, 302U, 401U, 503U, 603U}) {
    ClientNonInvite one(host, loop::ClientId(0, 2, 1), flow_over(base::Transport::udp));
    one.sent() = wire_of("bytes");
    one.start();
    EXPECT_TRUE(one.receive(*response(code, "MESSAGE")));
    EXPECT_EQ(one.state(), State::completed) << code;
  }
}

}  // namespace
}  // namespace opensips::transaction
