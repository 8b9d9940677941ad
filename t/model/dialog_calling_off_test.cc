// A dialog that is ended before it is answered: callees are cancelled, the caller hears of it.

#include <gtest/gtest.h>

#include "model/dialog_call.hh"

namespace opensips::model {
namespace {

using dialog::Ending;
using dialog::State;

/// How many of these begin so.
auto count(const std::vector<std::string>& all, std::string_view start) {
  return std::ranges::count_if(all, [&](const auto& one) { return one.starts_with(start); });
}

TEST(CallingOff, CancelsTheCalleeAndTheCallerGetsIts487) {
  DialogCall call;
  call.invite();
  call.answer(180);
  ASSERT_TRUE(call.dialogs().end(*call.dialog(), Ending::command));
  call.model.context.run_deferred();
  EXPECT_EQ(count(call.take(), "CANCEL sip:callee@127.0.0.1:5080 SIP/2.0"), 1);
  EXPECT_EQ(call.dialogs().end(*call.dialog(), Ending::command).error(), base::Error::gone)
      << "once is enough";
  EXPECT_TRUE(call.answer(487).starts_with("SIP/2.0 487 "));
  EXPECT_EQ(call.passed.back(), (DialogCall::Passed{State::early, State::ended, Ending::command}));
  EXPECT_EQ(call.model.stat("dialog:failed_dialogs"), 1u);
  call.model.pass(40'000);
  EXPECT_TRUE(call.model.idle());
  EXPECT_EQ(call.dialogs().table().size(), 0u);
}

TEST(CallingOff, OneThatDoesNotRingYetIsCancelledWhenItDoes) {
  DialogCall call;
  call.invite();
  ASSERT_TRUE(call.dialogs().end(*call.dialog(), Ending::command));
  call.model.context.run_deferred();
  EXPECT_EQ(count(call.take(), "CANCEL "), 0) << "RFC 3261 9.1";
  call.model.receive(answer(call.invites.at(0), 180), DialogCall::kCallee);
  EXPECT_EQ(count(call.take(), "CANCEL "), 1);
}

TEST(CallingOff, BeforeTheInviteHasGoneAnywhereTheCallerGetsA487OfOurs) {
  DialogCall call;
  call.model.program.on_request = [&](routing::Run& run) {
    call.id = *call.dialogs().create(*run.request, run.server, {});
    EXPECT_TRUE(call.dialogs().end(*call.dialog(), Ending::script));
    return routing::Engine::Progress::waiting;
  };
  bool told = false;
  call.model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    told = run.cancelled;
    return routing::Engine::Progress::finished;
  };
  call.model.receive(Request{}.bytes());
  EXPECT_EQ(count(call.take(), "SIP/2.0 487 "), 1);
  EXPECT_TRUE(told) << "the program that thinks about it hears that it is over";
  EXPECT_EQ(call.passed.back(),
            (DialogCall::Passed{State::unconfirmed, State::ended, Ending::script}));
  call.model.pass(40'000);
  EXPECT_TRUE(call.model.idle());
}

TEST(CallingOff, AnAnswerThatCrossesTheCancelIsLetThroughAndByeFollows) {
  DialogCall call;
  call.invite();
  call.answer(180);
  ASSERT_TRUE(call.dialogs().end(*call.dialog(), Ending::command));
  call.model.context.run_deferred();
  call.model.take();
  call.model.receive(answer(call.invites.at(0), 200), DialogCall::kCallee);
  const auto sent = call.take();
  EXPECT_EQ(count(sent, "SIP/2.0 200 "), 1);
  EXPECT_EQ(count(sent, "BYE sip:caller@127.0.0.1:5070 SIP/2.0"), 1);
  EXPECT_EQ(count(sent, "BYE sip:callee@127.0.0.1:5080 SIP/2.0"), 1);
  EXPECT_EQ(call.passed.back(),
            (DialogCall::Passed{State::unacknowledged, State::ended, Ending::command}));
}

}  // namespace
}  // namespace opensips::model
