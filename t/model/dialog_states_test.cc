// Every way from one state of a dialog to another (RFC 3261 12, as RFC 4235 3.7.1 draws it), each
// by the messages, times and wishes that lead to it.

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "model/dialog_call.hh"

namespace opensips::model {
namespace {

using dialog::Ending;
using dialog::State;
using Passed = DialogCall::Passed;

constexpr std::uint64_t kHour = 3'600'000;

/// The figure: a line per transition. The first is the making of one.
std::set<Passed> figure() {
  std::set<Passed> all{
      {State::unconfirmed, State::unconfirmed, Ending::none},
      {State::unconfirmed, State::early, Ending::none},
      {State::unconfirmed, State::unacknowledged, Ending::none},
      {State::unconfirmed, State::ended, Ending::failed},
      {State::early, State::unacknowledged, Ending::none},
      {State::early, State::ended, Ending::failed},
      {State::unacknowledged, State::confirmed, Ending::none},
  };
  for (const auto established : {State::unacknowledged, State::confirmed}) {
    for (const auto ending : {Ending::caller, Ending::callee, Ending::lifetime, Ending::session,
                              Ending::ping, Ending::command, Ending::script}) {
      all.insert({established, State::ended, ending});
    }
  }
  return all;
}

/// How an established dialog comes to that end.
void lead_to(DialogCall& call, Ending ending) {
  switch (ending) {
    case Ending::caller: call.from_caller("BYE", 2); break;
    case Ending::callee: call.from_callee("BYE", 1); break;
    case Ending::lifetime: call.model.advance(kHour + 10); break;
    case Ending::session: call.model.advance(1'810'000); break;
    case Ending::ping: {
      call.model.advance(60'010);
      for (const auto& one : call.model.take()) {
        const bool to_callee = one.to.peer.to_string() == DialogCall::kCallee;
        if (to_callee && one.bytes.starts_with("OPTIONS ")) {
          call.model.receive(answer(one.bytes, 481), DialogCall::kCallee);
        }
      }
      break;
    }
    case Ending::command:
    case Ending::script: ASSERT_TRUE(call.dialogs().end(*call.dialog(), ending)); break;
    default: FAIL();
  }
}

/// Runs everything that the figure has; what was passed through.
std::set<Passed> run_all() {
  std::set<Passed> seen;
  const auto keep = [&](const DialogCall& call) {
    seen.insert(call.passed.begin(), call.passed.end());
  };
  for (const unsigned before : {0U, 180U}) {
    for (const unsigned code : {200U, 486U}) {
      DialogCall call;
      call.invite();
      if (before) call.answer(before);
      call.answer(code);
      keep(call);
    }
  }
  for (const bool acknowledged : {false, true}) {
    for (const auto ending : {Ending::caller, Ending::callee, Ending::lifetime, Ending::session,
                              Ending::ping, Ending::command, Ending::script}) {
      DialogCall call({.lifetime = kHour, .ping_interval = ending == Ending::ping ? 60'000U : 0U});
      call.invite(ending == Ending::session ? "Supported: timer\r\n" : "");
      call.answer(200, "callee", 0,
                  ending == Ending::session ? "Session-Expires: 1800;refresher=uas\r\n" : "");
      if (acknowledged) call.from_caller("ACK", 1);
      lead_to(call, ending);
      EXPECT_EQ(call.dialog() && call.dialog()->state != State::ended, false);
      keep(call);
    }
  }
  return seen;
}

TEST(DialogStates, EveryTransitionOfTheFigureIsMadeAndNoOther) {
  const auto seen = run_all();
  const auto wanted = figure();
  for (const auto& one : wanted) {
    EXPECT_TRUE(seen.contains(one))
        << to_string(one.before) << " to " << to_string(one.after) << ", " << to_string(one.ending);
  }
  for (const auto& one : seen) {
    EXPECT_TRUE(wanted.contains(one))
        << to_string(one.before) << " to " << to_string(one.after) << ", " << to_string(one.ending);
  }
}

TEST(DialogStates, GaugesFollowThem) {
  DialogCall call;
  const auto early = [&] { return call.model.stat("dialog:early_dialogs"); };
  const auto active = [&] { return call.model.stat("dialog:active_dialogs"); };
  call.invite();
  EXPECT_EQ(early() + active(), 0u);
  call.answer(180);
  EXPECT_EQ(early(), 1u);
  EXPECT_EQ(active(), 0u);
  call.answer(200);
  EXPECT_EQ(early(), 0u);
  EXPECT_EQ(active(), 1u);
  call.from_caller("ACK", 1);
  EXPECT_EQ(active(), 1u);
  call.from_caller("BYE", 2);
  EXPECT_EQ(active(), 0u);
  EXPECT_EQ(call.model.stat("dialog:processed_dialogs"), 1u);
  EXPECT_EQ(call.model.stat("dialog:failed_dialogs"), 0u);
}

TEST(DialogStates, NothingIsLeftOfOneThatHasEnded) {
  DialogCall call;
  call.establish();
  call.from_caller("BYE", 2);
  EXPECT_EQ(call.dialog(), nullptr);
  EXPECT_EQ(call.dialogs().table().size(), 0u);
  EXPECT_TRUE(call.dialogs().none());
}

/// The run that was shown the BYE lets go of the dialog before the one that hears of the end
/// begins.
TEST(DialogStates, ItsEndIsToldToAProgramThatWasShownItsBye) {
  DialogCall call({.lifetime = kHour, .shows_requests = true});
  std::vector<std::string> told;
  call.model.program.on_dialog_request = [](routing::Run&) {
    return routing::Engine::Progress::finished;
  };
  call.model.program.on_dialog = [&](const routing::Run& run) {
    EXPECT_NE(call.dialogs().find(run.dialog), nullptr);
    told.emplace_back(run.event);
    return routing::Engine::Progress::finished;
  };
  call.establish();
  call.from_caller("BYE", 2);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), "ended");
  EXPECT_EQ(call.dialog(), nullptr) << "nothing is left of it";
}

TEST(DialogStates, AnInviteThatTheProgramDropsLeavesNone) {
  DialogCall call;
  call.relay = [&](routing::Run& run) {
    call.model.stack.routing.drop(run);
    return routing::Engine::Progress::finished;
  };
  call.invite();
  EXPECT_EQ(call.dialogs().table().size(), 1u);
  call.model.advance(6000);
  EXPECT_EQ(call.dialogs().table().size(), 0u);
  EXPECT_EQ(call.model.stat("dialog:failed_dialogs"), 1u);
}

TEST(DialogStates, ACancelledInviteLeavesNone) {
  DialogCall call;
  call.invite();
  call.answer(180);
  call.model.receive(Request{.method = "CANCEL"}.bytes());
  call.answer(487);
  EXPECT_EQ(call.dialogs().table().size(), 0u);
  EXPECT_EQ(call.model.stat("dialog:early_dialogs"), 0u);
  EXPECT_EQ(call.model.stat("dialog:failed_dialogs"), 1u);
}

TEST(DialogStates, OneThatIsCancelledWhileTheProgramThinksLeavesNone) {
  DialogCall call;
  call.relay = [](routing::Run&) { return routing::Engine::Progress::waiting; };
  call.invite();
  EXPECT_EQ(call.dialogs().table().size(), 1u);
  call.model.receive(Request{.method = "CANCEL"}.bytes());
  EXPECT_EQ(call.dialogs().table().size(), 0u);
  EXPECT_EQ(call.model.stat("dialog:failed_dialogs"), 1u);
}

TEST(DialogStates, AnInviteIsOneDialogHoweverOftenItIsAsked) {
  DialogCall call;
  call.relay = [&, relay = call.relay](routing::Run& run) {
    const auto again = call.dialogs().create(*run.request, run.server, {.lifetime = 5000});
    EXPECT_EQ(*again, call.id);
    return relay(run);
  };
  call.establish();
  EXPECT_EQ(call.dialogs().table().size(), 1u);
  call.model.advance(5010);  // what was said last counts
  EXPECT_EQ(call.model.stat("dialog:expired_dialogs"), 1u);
}

TEST(DialogStates, ASecondCalleeWhoAnswersHasADialogOfItsOwn) {
  DialogCall call;
  call.relay = call.model.fork_to({"sip:a@127.0.0.1:5080", "sip:b@127.0.0.1:5080"});
  call.invite();
  ASSERT_EQ(call.invites.size(), 2u);
  call.answer(180, "one", 0);
  call.answer(180, "two", 1);
  call.answer(200, "one", 0);
  call.answer(200, "two", 1);
  EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 2u);
  call.from_caller("BYE", 2, "two");
  EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 1u);
  call.answer(200, "two", 1);  // a late copy
  EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 1u);
  ASSERT_NE(call.dialog(), nullptr);
  EXPECT_EQ(call.dialog()->tag(dialog::Party::callee), "one");
  call.from_caller("BYE", 2, "one");
  EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 0u);
  call.model.advance(33'000);
  EXPECT_EQ(call.dialogs().table().size(), 0u);
}

/// There is no dialog any more that one for the second callee could be made after.
TEST(DialogStates, ASecondCalleeWhoAnswersWhenTheFirstHasHungUpReachesTheCallerWithoutOne) {
  for (const bool by_command : {false, true}) {
    DialogCall call;
    call.relay = call.model.fork_to({"sip:a@127.0.0.1:5080", "sip:b@127.0.0.1:5080"});
    call.invite_another();
    call.invite();
    ASSERT_EQ(call.invites.size(), 2u);
    call.answer(180, "two", 1);
    call.answer(200, "one", 0);
    call.from_caller("ACK", 1, "one");
    if (by_command) {
      ASSERT_TRUE(call.dialogs().end(*call.dialog(), Ending::command));
      call.model.context.run_deferred();
      call.model.take();
    } else {
      call.from_caller("BYE", 2, "one");
    }
    ASSERT_EQ(call.dialog(), nullptr);
    const auto late = call.answer(200, "two", 1);
    EXPECT_TRUE(late.starts_with("SIP/2.0 200 ")) << late;
    EXPECT_EQ(values(late, "To").at(0), "<sip:callee@127.0.0.1:5060>;tag=two");
    EXPECT_EQ(call.model.stat("dialog:processed_dialogs"), 2u);
    EXPECT_EQ(call.dialogs().table().size(), 1u) << "the other one";
    EXPECT_EQ(call.from_caller("BYE", 2, "two").size(), 1u) << "the caller can hang up there";
    call.model.pass(80'000);  // nobody answers the BYEs and the other INVITE
    EXPECT_TRUE(call.model.idle());
  }
}

TEST(DialogStates, ACopyOfThe2xxMakesNoSecondOne) {
  DialogCall call;
  call.invite();
  call.answer(200);
  call.answer(200);
  EXPECT_EQ(call.dialogs().table().size(), 1u);
}

TEST(DialogStates, AnotherCallWithTheSameCallIdAndTagIsNotKept) {
  DialogCall call;
  call.establish();
  const auto first = call.id;
  Request again{.branch = "z9hG4bKagain", .cseq = 7};
  call.model.receive(again.bytes());
  EXPECT_EQ(call.id, first);
  EXPECT_EQ(call.dialogs().table().size(), 1u);
}

TEST(DialogStates, ThatEndedIsFoundAsLongAsItIsPinned) {
  DialogCall call;
  call.establish();
  call.dialogs().pin(*call.dialog());
  call.from_caller("BYE", 2);
  ASSERT_NE(call.dialog(), nullptr);
  EXPECT_EQ(call.dialog()->state, State::ended);
  call.dialogs().unpin(call.id);
  call.model.context.run_deferred();
  EXPECT_EQ(call.dialog(), nullptr);
}

}  // namespace
}  // namespace opensips::model
