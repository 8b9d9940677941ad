// A new generation of the routing program while requests are being handled: each request ends on
// the one that accepted it.

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "model/model.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;
using Progress = routing::Engine::Progress;
using routing::Generations;

const std::string kCallee = "127.0.0.1:5081";

/// A program that forks and, when the callee has refused, answers with a code of its own.
struct Version : Program {
  Version(Model& model, unsigned code) : code_(code) {
    on_request = model.fork_to({"sip:callee@" + kCallee});
    on_resume = [&model, this](routing::Run& run, const routing::Value&) {
      ++resumed;
      static_cast<void>(model.stack.routing.uas().reply(run, code_, {}));
      return Progress::finished;
    };
  }
  int resumed = 0;

 private:
  unsigned code_;
};

class ReloadTest : public ::testing::Test {
 protected:
  ReloadTest() {
    // What a worker is told waits until it is listen()ing.
    model->shared.generations.set_host(
        {.tell = [this](unsigned, std::function<void()> work) { told.push_back(std::move(work)); },
         .bury = [this](std::unique_ptr<routing::Engine>) { ++buried; }});
    publish(2, second);
    listen();  // the model's own is kept: the one before
  }

  /// What still runs is abandoned, by programs that are there.
  ~ReloadTest() override { model.reset(); }

  Generations& generations() { return model->shared.generations; }
  void publish(std::uint32_t number, Program& program) {
    model->shared.generations.publish(generation_of(number, {&program}));
  }
  void listen() {
    for (; !told.empty(); told.pop_front()) told.front()();
  }
  void reload(std::uint32_t number, Program& program) {
    publish(number, program);
    listen();
  }
  /// The INVITE of the call with that number, as the callee gets it.
  std::string invite(int call) {
    model->receive(request(call).bytes());
    const auto sent = model->take();
    return sent.empty() ? std::string() : sent.back().bytes;
  }
  static Request request(int call) {
    const auto number = std::to_string(call);
    return {.branch = "z9hG4bKuac" + number, .call_id = "call-" + number};
  }
  /// What the caller gets when the callee has refused.
  Lines refuse(const std::string& invite) {
    model->receive(answer(invite, 486), kCallee);
    auto lines = model->take_start_lines();
    std::erase_if(lines, [](const auto& line) { return !line.starts_with("SIP/2.0 "); });
    return lines;
  }
  /// The numbers of those that live, and what they run.
  std::map<std::uint32_t, std::uint64_t> living() const {
    std::map<std::uint32_t, std::uint64_t> all;
    for (const auto& one : model->shared.generations.live()) all[one.number] = one.runs;
    return all;
  }
  using Living = std::map<std::uint32_t, std::uint64_t>;

  std::unique_ptr<Model> model = std::make_unique<Model>();
  Version second{*model, 602}, third{*model, 603}, fourth{*model, 604};
  std::deque<std::function<void()>> told;
  int buried = 0;
};

TEST_F(ReloadTest, ACallThatWaitsEndsOnTheGenerationThatAcceptedIt) {
  const auto waiting = invite(1);
  reload(3, third);
  const auto next = invite(2);
  EXPECT_EQ(second.started, 1);
  EXPECT_EQ(third.started, 1);
  EXPECT_EQ(refuse(next), Lines{"SIP/2.0 603 Decline"});
  EXPECT_EQ(refuse(waiting).size(), 1U);
  EXPECT_EQ(second.resumed, 1);
  EXPECT_EQ(third.resumed, 1);
}

TEST_F(ReloadTest, TheSwitchDoesNotWaitForTheWorkerToBeTold) {
  publish(3, third);
  invite(1);
  EXPECT_EQ(third.started, 1);
  EXPECT_EQ(second.started, 0);
  EXPECT_EQ(buried, 0);  // the worker might still have been in the turn of the switch
  EXPECT_EQ(living(), (Living{{1, 0}, {2, 0}, {3, 1}}));
  listen();
  EXPECT_EQ(buried, 1);
  EXPECT_EQ(living(), (Living{{2, 0}, {3, 1}}));
}

TEST_F(ReloadTest, AnOldGenerationEndsWithItsLastRun) {
  const auto one = invite(1), two = invite(2);
  reload(3, third);
  reload(4, fourth);
  EXPECT_EQ(living(), (Living{{2, 2}, {3, 0}, {4, 0}}));
  refuse(one);
  EXPECT_EQ(living(), (Living{{2, 1}, {3, 0}, {4, 0}}));
  EXPECT_EQ(buried, 1);
  refuse(two);
  EXPECT_EQ(living(), (Living{{3, 0}, {4, 0}}));
  EXPECT_EQ(buried, 2);
}

TEST_F(ReloadTest, SeveralOldGenerationsEndInAnyOrder) {
  const auto on_second = invite(1);
  reload(3, third);
  const auto on_third = invite(2);
  reload(4, fourth);
  const auto on_fourth = invite(3);
  EXPECT_EQ(living(), (Living{{2, 1}, {3, 1}, {4, 1}}));
  refuse(on_third);
  EXPECT_EQ(living(), (Living{{2, 1}, {3, 0}, {4, 1}}));
  refuse(on_fourth);
  refuse(on_second);
  EXPECT_EQ(living(), (Living{{3, 0}, {4, 0}}));
  EXPECT_EQ(second.resumed + third.resumed + fourth.resumed, 3);
  EXPECT_EQ(buried, 2);
}

TEST_F(ReloadTest, ACopyOfARequestThatIsBeingHandledStartsNothing) {
  invite(1);
  reload(3, third);
  invite(1);
  EXPECT_EQ(second.started, 1);
  EXPECT_EQ(third.started, 0);
}

TEST_F(ReloadTest, ACancelWakesTheGenerationThatWaits) {
  second.on_request = [](routing::Run&) { return Progress::waiting; };  // as sip.sleep
  invite(1);
  reload(3, third);
  auto cancel = request(1);
  cancel.method = "CANCEL";
  model->receive(cancel.bytes());
  EXPECT_EQ(second.resumed, 1);
  EXPECT_EQ(third.resumed, 0);
  EXPECT_EQ(living(), (Living{{2, 0}, {3, 0}}));
}

TEST_F(ReloadTest, ACallThatIsAnsweredNeedsItsGenerationNoMore) {
  const auto waiting = invite(1);
  reload(3, third);
  model->receive(answer(waiting, 200), kCallee);
  EXPECT_EQ(model->take_start_lines(), Lines{"SIP/2.0 200 Answer"});
  EXPECT_EQ(living(), (Living{{2, 0}, {3, 0}}));
}

TEST_F(ReloadTest, TheOneBeforeIsThereToGoBackTo) {
  reload(3, third);
  const auto on_third = invite(1);
  EXPECT_TRUE(generations().roll_back());
  const auto on_second = invite(2);
  EXPECT_EQ(second.started, 1);
  listen();
  EXPECT_EQ(refuse(on_second), Lines{"SIP/2.0 602 Global Failure"});
  EXPECT_EQ(living(), (Living{{2, 0}, {3, 1}}));
  refuse(on_third);
  EXPECT_EQ(living(), (Living{{2, 0}}));
  EXPECT_FALSE(generations().roll_back());
  reload(4, fourth);
  EXPECT_EQ(living(), (Living{{2, 0}, {4, 0}}));
}

TEST_F(ReloadTest, OneIsTriedWithAShareOfTheCalls) {
  generations().try_out(generation_of(3, {&third}), Generations::kAll / 4);
  int tried = 0;
  for (int i = 0; i < 8000; ++i) {
    const auto call = "call-" + std::to_string(i);
    tried += generations().of(call).number() == 3;
    ASSERT_EQ(&generations().of(call), &generations().of(call));
  }
  EXPECT_NEAR(tried, 2000, 233);  // six standard deviations
  EXPECT_TRUE(generations().set_share(Generations::kAll));
  invite(1);
  EXPECT_EQ(third.started, 1);
  EXPECT_EQ(generations().current().number(), 2U);  // what comes without a call
}

TEST_F(ReloadTest, WhatIsTriedIsGivenUp) {
  generations().try_out(generation_of(3, {&third}), Generations::kAll);
  const auto on_third = invite(1);
  EXPECT_TRUE(generations().roll_back());
  listen();
  invite(2);
  EXPECT_EQ(second.started, 1);
  EXPECT_EQ(living(), (Living{{1, 0}, {2, 1}, {3, 1}}));
  EXPECT_EQ(refuse(on_third), Lines{"SIP/2.0 603 Decline"});
  EXPECT_EQ(living(), (Living{{1, 0}, {2, 1}}));
}

TEST_F(ReloadTest, WhatIsTriedIsPromoted) {
  EXPECT_FALSE(generations().promote());
  generations().try_out(generation_of(3, {&third}), 1);
  EXPECT_TRUE(generations().promote());
  listen();
  invite(1);
  EXPECT_EQ(third.started, 1);
  EXPECT_FALSE(generations().set_share(1));
  EXPECT_EQ(living(), (Living{{2, 0}, {3, 1}}));
}

TEST_F(ReloadTest, AReloadGivesUpWhatIsTried) {
  generations().try_out(generation_of(3, {&third}), Generations::kAll);
  reload(4, fourth);
  invite(1);
  EXPECT_EQ(fourth.started, 1);
  EXPECT_EQ(living(), (Living{{2, 0}, {4, 1}}));
}

TEST_F(ReloadTest, EachHasItsOwnFigures) {
  third.on_request = [](routing::Run&) { return Progress::failed; };
  generations().try_out(generation_of(3, {&third}), Generations::kAll);
  invite(1);
  generations().set_share(0);
  refuse(invite(2));
  const auto living = generations().live();
  const auto& counts = living[1].counts;
  EXPECT_EQ(living[1].number, 2U);
  EXPECT_EQ(counts.requests, 1U);
  EXPECT_EQ(counts.errors, 0U);
  EXPECT_EQ(counts.answers, (std::array<std::uint64_t, 5>{0, 0, 0, 0, 1}));
  const auto& tried = living[2].counts;
  EXPECT_EQ(tried.requests, 1U);
  EXPECT_EQ(tried.errors, 1U);
  EXPECT_EQ(tried.answers, (std::array<std::uint64_t, 5>{0, 0, 0, 1, 0}));
}

TEST_F(ReloadTest, AHandlerOfBranchesThatFailsCountsToo) {
  third.on_branch = [](routing::Run&) { return Progress::failed; };
  generations().try_out(generation_of(3, {&third}), Generations::kAll);
  EXPECT_TRUE(invite(1).starts_with("SIP/2.0 500 ")) << "what comes is the answer, no INVITE";
  const auto tried = generations().live().back();
  EXPECT_EQ(tried.number, 3U);
  EXPECT_EQ(tried.counts.errors, 1U);
}

TEST_F(ReloadTest, AtTheStopTheHandlersOfAllGenerationsAreAbandoned) {
  invite(1);
  reload(3, third);
  invite(2);
  invite(3);
  model.reset();
  EXPECT_EQ(second.abandoned, 1);
  EXPECT_EQ(third.abandoned, 2);
}

}  // namespace
}  // namespace opensips::model
