// A 2xx that comes when nobody waits for it any more, or for another one.

#include <gtest/gtest.h>

#include "model/model.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;
using Progress = routing::Engine::Progress;

const std::string kA = "127.0.0.1:5081", kB = "127.0.0.1:5082";

/// A program that tries A for two seconds.
class LateSuccess : public ::testing::Test {
 protected:
  LateSuccess() { model.program.on_request = model.fork_to({"sip:a@" + kA}, 2000); }

  void start() {
    model.receive(Request{}.bytes());
    a = model.take().back().bytes;
    model.receive(answer(a, 180), kA);
    model.take();
  }
  Lines lines() { return model.take_start_lines(); }
  Progress sleep(routing::Run& run, std::uint64_t ms) {
    model.context.timers.arm(run.timer, ms);
    return Progress::waiting;
  }

  Model model;
  std::string a, b;
  int woken = 0;
};

TEST_F(LateSuccess, WinsOverTheSecondRound) {
  unsigned last = 0;
  model.program.on_resume = [&](routing::Run& run, const routing::Value& value) {
    if (const auto* response = value.get<routing::Value::Response>()) last = (*response)->code();
    return ++woken == 1 ? model.fork_to({"sip:b@" + kB})(run) : Progress::finished;
  };
  start();
  model.advance(2000);
  b = model.take().back().bytes;
  model.receive(answer(b, 180), kB);
  lines();
  model.receive(answer(a, 200), kA);
  EXPECT_EQ(lines(), (Lines{"CANCEL sip:b@" + kB + " SIP/2.0", "SIP/2.0 200 Answer"}));
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(last, 200U);
  model.receive(answer(b, 487), kB);
  EXPECT_EQ(lines(), Lines{"ACK sip:b@" + kB + " SIP/2.0"});
  model.pass(40'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(LateSuccess, ReachesTheCallerWhileTheProgramSleeps) {
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    if (++woken == 1) return sleep(run, 5000);
    EXPECT_FALSE(model.stack.routing.uas().reply(run, 480, {}));
    EXPECT_FALSE(model.fork_to({"sip:b@" + kB})(run) == Progress::waiting);
    return Progress::finished;
  };
  start();
  model.advance(2000);
  model.receive(answer(model.take().at(0).bytes, 200), kA);  // to the CANCEL
  model.receive(answer(a, 200), kA);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  EXPECT_EQ(woken, 1);
  model.advance(5000);
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(LateSuccess, AfterARefusalWentToTheCallerStopsHere) {
  model.program.on_resume = [](routing::Run&, const routing::Value&) { return Progress::finished; };
  start();
  model.advance(2000);
  EXPECT_EQ(lines(), (Lines{"CANCEL sip:a@" + kA + " SIP/2.0", "SIP/2.0 408 Request Timeout"}));
  model.receive(answer(a, 200), kA);
  EXPECT_EQ(lines(), Lines{});
}

TEST_F(LateSuccess, OfABranchThatNeverRangIsCancelledBeforeItCanHappen) {
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    return ++woken == 1 ? model.fork_to({"sip:b@" + kB})(run) : Progress::finished;
  };
  model.receive(Request{}.bytes());
  a = model.take().back().bytes;
  model.advance(2000);
  lines();
  model.receive(answer(a, 180), kA);
  EXPECT_EQ(lines(), (Lines{"CANCEL sip:a@" + kA + " SIP/2.0", "SIP/2.0 180 Answer"}));
}

TEST_F(LateSuccess, TwoInOneTurnWakeTheProgramOnceAndNotOutOfItsSleep) {
  model.program.on_request = model.fork_to({"sip:a@" + kA, "sip:b@" + kB});
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    return ++woken == 1 ? sleep(run, 5000) : Progress::finished;
  };
  model.receive(Request{}.bytes());
  const auto sent = model.take();
  model.arrive(answer(sent.at(1).bytes, 200), kA);
  model.arrive(answer(sent.at(2).bytes, 200, "other"), kB);
  model.context.run_deferred();
  EXPECT_EQ(lines(), (Lines{"SIP/2.0 200 Answer", "SIP/2.0 200 Answer"}));
  EXPECT_EQ(woken, 1);
  model.advance(5000);
  EXPECT_EQ(woken, 2);
}

TEST_F(LateSuccess, AndACancelInOneTurnWakeTheProgramOnce) {
  model.program.on_resume = [&](routing::Run& run, const routing::Value& value) {
    ++woken;
    EXPECT_NE(value.get<routing::Value::Response>(), nullptr);
    EXPECT_TRUE(run.cancelled);
    return Progress::finished;
  };
  start();
  model.arrive(Request{.method = "CANCEL"}.bytes());
  model.arrive(answer(a, 200), kA);
  model.context.run_deferred();
  EXPECT_EQ(lines(),
            (Lines{"CANCEL sip:a@" + kA + " SIP/2.0", "SIP/2.0 200 OK", "SIP/2.0 200 Answer"}));
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(LateSuccess, HeldUpBelowForLongerThanItsTransactionLastsWakesTheProgramAllTheSame) {
  loop::WalkId held;
  model.context.path.after(loop::LayerId::dialog, loop::Walk::Direction::up,
                           [&](loop::Walk& walk, loop::Verdict verdict) {
                             if (walk.message->code() != 200 || held) return verdict;
                             held = model.context.path.hold(walk);
                             return loop::Verdict::suspend;
                           });
  std::string why;
  model.program.on_request = model.fork_to({"sip:a@" + kA});
  model.program.on_resume = [&](routing::Run&, const routing::Value& value) {
    if (const auto* problem = value.get<routing::Problem>()) why = problem->text;
    return Progress::finished;
  };
  start();
  model.receive(answer(a, 200), kA);
  model.receive(Request{.method = "CANCEL"}.bytes());
  EXPECT_EQ(lines(), (Lines{"SIP/2.0 487 Request Terminated", "SIP/2.0 200 OK"}));
  model.pass(40'000);
  EXPECT_EQ(why, "gone");
  lines();
  EXPECT_TRUE(model.context.path.resume(held, loop::Verdict::up));
  EXPECT_EQ(lines(), Lines{});
  model.pass(40'000);
  EXPECT_TRUE(model.idle());
}

}  // namespace
}  // namespace opensips::model
