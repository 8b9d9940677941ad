// RFC 3261 16.7.

#include "l2_transaction/response_context.hh"

#include <gtest/gtest.h>

#include "unit/l2_transaction/fake_host.hh"

namespace opensips::transaction {
namespace {

using Decision = ResponseContext::Decision;
using loop::ClientId;

const ClientId a(0, 1, 1), b(0, 2, 1), c(0, 3, 1);

class ResponseContextTest : public ::testing::Test {
 protected:
  void fork(std::initializer_list<ClientId> branches, std::uint64_t timeout_ms = 0) {
    context.begin_round(timeout_ms, {});
    for (const auto branch : branches) context.add(branch);
  }
  Decision receive(ClientId branch, unsigned code) {
    return context.receive(branch, response(code));
  }
  unsigned best() const { return context.best() ? context.best()->code() : 0; }

  FakeHost host;
  ResponseContext context{host, loop::ServerId(0, 9, 1)};
};

TEST_F(ResponseContextTest, TryingStopsHereAndOtherProvisionalsGoOn) {
  fork({a, b});
  EXPECT_EQ(receive(a, 100), Decision::absorb);
  for (const unsigned code : {101U, 180U, 183U, 199U})
    EXPECT_EQ(receive(a, code), Decision::forward);
  EXPECT_EQ(context.pending().size(), 2U);
}

TEST_F(ResponseContextTest, RefusalsWaitUntilAllHaveAnswered) {
  fork({a, b, c});
  EXPECT_EQ(receive(b, 404), Decision::absorb);
  EXPECT_EQ(receive(a, 486), Decision::absorb);
  EXPECT_TRUE(context.has_pending());
  EXPECT_EQ(receive(c, 480), Decision::over);
  EXPECT_EQ(best(), 404U);
  EXPECT_FALSE(context.has_pending());
}

TEST_F(ResponseContextTest, SameRefusalAgainCountsOnce) {
  fork({a, b});
  EXPECT_EQ(receive(a, 404), Decision::absorb);
  EXPECT_EQ(receive(a, 404), Decision::absorb);
  EXPECT_TRUE(context.has_pending());
}

TEST_F(ResponseContextTest, EverySuccessGoesOnAtOnceAndDecides) {
  fork({a, b});
  receive(a, 486);
  EXPECT_EQ(receive(b, 200), Decision::forward);
  EXPECT_TRUE(context.decided());
  EXPECT_EQ(receive(b, 200), Decision::forward);
  EXPECT_EQ(receive(a, 200), Decision::forward);
}

TEST_F(ResponseContextTest, AfterASuccessNothingElseGoesOn) {
  fork({a, b, c});
  receive(b, 200);
  EXPECT_EQ(receive(a, 180), Decision::absorb);
  EXPECT_EQ(receive(a, 487), Decision::absorb);
  EXPECT_EQ(receive(c, 603), Decision::absorb);
}

TEST_F(ResponseContextTest, DeclineDecidesButWaitsForTheOthers) {
  fork({a, b});
  EXPECT_EQ(receive(a, 603), Decision::absorb);
  EXPECT_TRUE(context.decided());
  EXPECT_EQ(context.pending(), std::vector<ClientId>{b});
  EXPECT_EQ(receive(b, 487), Decision::over);
  EXPECT_EQ(best(), 603U);
}

TEST_F(ResponseContextTest, SuccessAfterADeclineGoesOn) {
  fork({a, b});
  receive(a, 603);
  EXPECT_EQ(receive(b, 200), Decision::forward);
}

struct Choice {
  unsigned first, second, best;
};
class ResponseChoice : public ResponseContextTest, public ::testing::WithParamInterface<Choice> {};

TEST_P(ResponseChoice, DoesNotDependOnTheOrder) {
  fork({a, b});
  receive(a, GetParam().first);
  EXPECT_EQ(receive(b, GetParam().second), Decision::over);
  EXPECT_EQ(best(), GetParam().best);
  fork({a, b});
  receive(a, GetParam().second);
  EXPECT_EQ(receive(b, GetParam().first), Decision::over);
  EXPECT_EQ(best(), GetParam().best);
}

INSTANTIATE_TEST_SUITE_P(
    Codes, ResponseChoice,
    ::testing::Values(Choice{404, 603, 603}, Choice{302, 404, 302}, Choice{404, 500, 404},
                      Choice{486, 401, 401}, Choice{407, 404, 407}, Choice{415, 404, 415},
                      Choice{420, 404, 420}, Choice{484, 404, 484}, Choice{408, 404, 404},
                      Choice{487, 486, 486}, Choice{503, 500, 500}, Choice{503, 408, 408},
                      Choice{503, 603, 603}, Choice{302, 603, 603}),
    [](const auto& one) {
      return std::to_string(one.param.first) + "_" + std::to_string(one.param.second);
    });

TEST_F(ResponseContextTest, GlobalRefusalIsOneBranchsIfTheOperatorSaysSo) {
  ResponseContext lenient(host, loop::ServerId(0, 9, 1), false);
  lenient.begin_round(0, {});
  for (const auto branch : {a, b}) lenient.add(branch);
  EXPECT_EQ(lenient.receive(a, response(603)), Decision::absorb);
  EXPECT_FALSE(lenient.decided());
  EXPECT_EQ(lenient.receive(b, response(200)), Decision::forward);
}

TEST_F(ResponseContextTest, ReasonOfACancelIsWhatDecided) {
  context.set_reason(200);
  EXPECT_EQ(context.reason(), "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n");
  context.set_reason(603);
  EXPECT_EQ(context.reason(), "Reason: SIP;cause=603;text=\"Decline\"\r\n");
}

TEST_F(ResponseContextTest, FirstOfTwoAlikeIsTheBest) {
  fork({a, b});
  const auto first = response(404);
  context.receive(a, first);
  context.receive(b, response(404));
  EXPECT_EQ(context.best(), first);
}

TEST_F(ResponseContextTest, RoundThatLastsTooLongIsToldOnce) {
  fork({a}, 2000);
  host.advance(10'000);
  EXPECT_EQ(host.take_events(), std::vector<std::string>{"2000 round timed out"});
}

TEST_F(ResponseContextTest, RoundThatIsOverDoesNotTimeOut) {
  fork({a}, 2000);
  receive(a, 404);
  host.advance(10'000);
  fork({a}, 2000);
  receive(a, 200);
  host.advance(10'000);
  fork({a}, 2000);
  context.close();
  host.advance(10'000);
  EXPECT_TRUE(host.take_events().empty());
}

TEST_F(ResponseContextTest, RoundWithoutALimitDoesNotTimeOut) {
  fork({a}, 2000);
  fork({a}, 0);
  host.advance(10'000);
  EXPECT_TRUE(host.take_events().empty());
}

TEST_F(ResponseContextTest, NewRoundForgetsTheBestOfTheLast) {
  fork({a});
  receive(a, 404);
  fork({b});
  EXPECT_EQ(best(), 0U);
  EXPECT_FALSE(context.decided());
  EXPECT_EQ(receive(b, 503), Decision::over);
  EXPECT_EQ(best(), 503U);
}

TEST_F(ResponseContextTest, BranchOfAnEarlierRoundMayStillSucceedButNotRefuse) {
  fork({a});
  receive(a, 408);  // as its time was up
  fork({b});
  EXPECT_EQ(receive(a, 487), Decision::absorb);
  EXPECT_TRUE(context.has_pending());
  EXPECT_EQ(receive(a, 200), Decision::forward);
  EXPECT_TRUE(context.decided());
  EXPECT_EQ(context.pending(), std::vector<ClientId>{b});
}

}  // namespace
}  // namespace opensips::transaction
