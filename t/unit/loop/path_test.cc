#include "loop/path.hh"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace opensips::loop {
namespace {

class Recorder final : public Layer {
 public:
  Recorder(std::string& log, char name, bool top) : log_(log), name_(name), top_(top) {}

  Verdict up(Walk& walk) override {
    log_ += name_;
    if (on_up) return on_up(walk);
    return top_ ? Verdict::down : Verdict::up;
  }
  Verdict down(Walk& walk) override {
    log_ += static_cast<char>(name_ - '0' + 'a');
    return on_down ? on_down(walk) : Verdict::down;
  }

  std::function<Verdict(Walk&)> on_up, on_down;

 private:
  std::string& log_;
  char name_;
  bool top_;
};

/// Every layer writes a digit when it sees a walk rise, a letter when it sees one fall.
class PathTest : public ::testing::Test {
 protected:
  PathTest() {
    for (unsigned i = 0; i < kLayers; ++i) {
      layers.push_back(
          std::make_unique<Recorder>(log, static_cast<char>('0' + i), i + 1 == kLayers));
      path.set(static_cast<LayerId>(i), *layers.back());
    }
  }
  Recorder& at(LayerId layer) { return *layers[static_cast<unsigned>(layer)]; }
  void start() { path.launch(Walk::up(LayerId::transport)); }
  /// Suspends every rising walk in that layer.
  void suspend_in(LayerId layer) {
    at(layer).on_up = [this](Walk& walk) {
      id = path.hold(walk);
      return Verdict::suspend;
    };
  }
  /// What the parser makes of the next walks that rise, one after the other.
  void parser_says(std::vector<Verdict> verdicts) {
    at(LayerId::parser).on_up = [verdicts, next = 0U](Walk&) mutable {
      return verdicts.at(next++);
    };
  }
  std::string take() { return std::exchange(log, {}); }

  Path path{2, 77};
  std::string log;
  std::vector<std::unique_ptr<Recorder>> layers;
  WalkId id;
};

TEST_F(PathTest, GoesUpToTheTopAndDownToTheBottom) {
  start();
  EXPECT_EQ(take(), "01234567gfedcba");
}

TEST_F(PathTest, StartsWhereItIsTold) {
  path.launch(Walk::down(LayerId::dialog));
  EXPECT_EQ(take(), "dcba");
  path.launch(Walk::up(LayerId::location));
  EXPECT_EQ(take(), "67gfedcba");
}

TEST_F(PathTest, SeveralRiseTogetherAndThenEachGoesItsWay) {
  std::vector<Walk> walks(4, Walk::up(LayerId::transport));
  parser_says({Verdict::up, Verdict::done, Verdict::down, Verdict::up});
  path.launch(walks);
  EXPECT_EQ(take(),
            "01"
            "01"
            "01a"
            "01"
            "234567gfedcba"
            "234567gfedcba");
}

/// Several messages that arrive together, each of the call that its letter names. Routing writes
/// the call of what it gets, and keeps its number among them.
class CallsTest : public PathTest {
 protected:
  void arrive(std::string_view of) {
    calls = of;
    std::vector<Walk> walks(calls.size(), Walk::up(LayerId::transport));
    std::uint16_t number = 0;
    for (Walk& walk : walks) {
      walk.flow.socket = number++;
      walk.wire = base::Wire::make(1);
    }
    at(LayerId::parser).on_up = [this](Walk& walk) {
      walk.call_id = std::string_view(calls).substr(walk.flow.socket, 1);
      return Verdict::up;
    };
    at(LayerId::routing).on_up = [this](Walk& walk) {
      log += walk.call_id;
      routed.push_back(walk.flow.socket);
      return Verdict::down;
    };
    path.launch(walks);
    for (const Walk& walk : walks) EXPECT_FALSE(walk.wire) << "something is left behind";
  }
  /// Suspends the first message in that layer.
  void suspend_first_in(LayerId layer) {
    at(layer).on_up = [this](Walk& walk) {
      if (walk.flow.socket != 0) return Verdict::up;
      id = path.hold(walk);
      return Verdict::suspend;
    };
  }

  std::string calls;
  std::vector<int> routed;
};

TEST_F(CallsTest, OfDifferentOnesRiseTogetherToBelowRouting) {
  arrive("abac");
  EXPECT_EQ(take(),
            "01010101"
            "2345623456"
            "7agfedcba7bgfedcba"
            "2345623456"
            "7agfedcba7cgfedcba");
  EXPECT_EQ(routed, (std::vector{0, 1, 2, 3}));
}

TEST_F(CallsTest, WhenOneIsDoneInBetweenThoseBehindItGoOnInTheirOrder) {
  at(LayerId::transaction).on_up = [](Walk& walk) {
    return walk.call_id == "b" || walk.call_id == "e" ? Verdict::done : Verdict::up;
  };
  arrive("abcde");
  EXPECT_EQ(take(),
            "0101010101"
            "23456223456234562"
            "7agfedcba7cgfedcba7dgfedcba");
  EXPECT_EQ(routed, (std::vector{0, 2, 3}));
}

TEST_F(CallsTest, WhenOneIsSuspendedInBetweenItsNeighboursGoOnAndItIsNotMixedUpWithThem) {
  suspend_first_in(LayerId::nat);
  arrive("abca");
  EXPECT_EQ(take(),
            "01010101"
            "2342345623456"
            "7bgfedcba7cgfedcba"
            "23456"
            "7agfedcba");
  ASSERT_NE(path.suspended(id), nullptr);
  EXPECT_EQ(path.suspended(id)->call_id, "a");
  EXPECT_TRUE(path.suspended(id)->wire);
  EXPECT_TRUE(path.resume(id, Verdict::up));
  EXPECT_EQ(take(), "567agfedcba");
  EXPECT_EQ(routed, (std::vector{1, 2, 3, 0}));
  EXPECT_EQ(path.held(), 0U);
}

TEST_F(CallsTest, TheSecondMessageOfOneComesWhenTheFirstIsSuspended) {
  suspend_first_in(LayerId::location);
  arrive("aa");
  EXPECT_EQ(take(),
            "0101"
            "23456"
            "23456"
            "7agfedcba");
  EXPECT_EQ(routed, std::vector{1});
  EXPECT_TRUE(path.resume(id, Verdict::up));
  EXPECT_EQ(take(), "7agfedcba");
  EXPECT_EQ(routed, (std::vector{1, 0}));
}

TEST_F(PathTest, OfSeveralNothingIsLeftBehind) {
  std::vector<Walk> walks(2, Walk::up(LayerId::transport));
  for (Walk& walk : walks) walk.wire = base::Wire::make(1);
  parser_says({Verdict::done, Verdict::up});
  path.launch(walks);
  EXPECT_EQ(take(),
            "01"
            "01"
            "234567gfedcba");
  for (const Walk& walk : walks) EXPECT_FALSE(walk.wire);
}

TEST_F(PathTest, SuspendedBelowTheOthersGoOn) {
  std::vector<Walk> walks(2, Walk::up(LayerId::transport));
  suspend_in(LayerId::parser);
  path.launch(walks);
  EXPECT_EQ(take(), "0101");
  EXPECT_TRUE(path.resume(id, Verdict::up));
  EXPECT_EQ(take(), "234567gfedcba");
}

TEST_F(PathTest, TurnsRoundInAnyLayerBothWays) {
  at(LayerId::dialog).on_up = [](Walk&) { return Verdict::down; };
  start();
  EXPECT_EQ(take(), "0123cba");
  int turns = 0;
  at(LayerId::parser).on_down = [&](Walk&) { return ++turns == 1 ? Verdict::up : Verdict::down; };
  start();
  EXPECT_EQ(take(), "0123cb23cba");
}

TEST_F(PathTest, EndsWhereALayerIsDone) {
  at(LayerId::nat).on_up = [](Walk&) { return Verdict::done; };
  start();
  EXPECT_EQ(take(), "01234");
}

TEST_F(PathTest, PassesByTheLayersThatAreNotChosen) {
  path.on_choose([](const Walk&) {
    return static_cast<LayerMask>(kAllLayers & ~mask_of(LayerId::nat) &
                                  ~mask_of(LayerId::location));
  });
  start();
  EXPECT_EQ(take(), "012357fdcba");
}

TEST_F(PathTest, ChoosesOncePerMessageWhenItLeavesTheDialogLayer) {
  int asked = 0;
  path.on_choose([&](const Walk& walk) {
    ++asked;
    EXPECT_EQ(walk.layer, LayerId::dialog);
    return kAllLayers;
  });
  start();
  EXPECT_EQ(asked, 1);
  at(LayerId::dialog).on_up = [](Walk&) { return Verdict::down; };
  start();
  EXPECT_EQ(asked, 1);
}

TEST_F(PathTest, HeldWalkGoesOnAsIfItsLayerHadReturned) {
  suspend_in(LayerId::nat);
  start();
  EXPECT_EQ(take(), "01234");
  EXPECT_EQ(path.held(), 1U);
  EXPECT_TRUE(path.resume(id, Verdict::up));
  EXPECT_EQ(take(), "567gfedcba");
  EXPECT_EQ(path.held(), 0U);
}

TEST_F(PathTest, HeldWalkMayBeTurnedRoundOrEnded) {
  suspend_in(LayerId::nat);
  start();
  take();
  EXPECT_TRUE(path.resume(id, Verdict::down));
  EXPECT_EQ(take(), "dcba");
  start();
  take();
  EXPECT_TRUE(path.resume(id, Verdict::done));
  EXPECT_EQ(take(), "");
  EXPECT_EQ(path.held(), 0U);
}

TEST_F(PathTest, ResumingAgainOrANoneIsRefused) {
  suspend_in(LayerId::nat);
  start();
  EXPECT_TRUE(path.resume(id, Verdict::done));
  EXPECT_FALSE(path.resume(id, Verdict::done));
  EXPECT_FALSE(path.resume({}, Verdict::done));
  EXPECT_EQ(path.suspended(id), nullptr);
  EXPECT_FALSE(path.cancel(id));
}

TEST_F(PathTest, WalkMayBeSuspendedAgainUnderTheSameId) {
  suspend_in(LayerId::nat);
  suspend_in(LayerId::presence);
  start();
  const auto first = id;
  EXPECT_TRUE(path.resume(first, Verdict::up));
  EXPECT_EQ(id, first);
  EXPECT_NE(path.suspended(id), nullptr);
  EXPECT_EQ(path.suspended(id)->layer, LayerId::presence);
  EXPECT_TRUE(path.resume(id, Verdict::up));
  EXPECT_EQ(path.held(), 0U);
}

TEST_F(PathTest, WalkThatIsOnItsWayIsNotSuspended) {
  at(LayerId::nat).on_up = [this](Walk& walk) {
    id = path.hold(walk);
    EXPECT_EQ(path.suspended(id), nullptr);
    EXPECT_FALSE(path.resume(id, Verdict::done));
    EXPECT_FALSE(path.cancel(id));
    return Verdict::up;
  };
  start();
  EXPECT_EQ(take(), "01234567gfedcba");
  EXPECT_EQ(path.held(), 0U);
}

TEST_F(PathTest, IdTellsTheWorkerAndStaysFreshWhenItsSlotIsUsedAgain) {
  suspend_in(LayerId::nat);
  start();
  const auto first = id;
  EXPECT_EQ(first.worker(), 2U);
  path.resume(first, Verdict::done);
  start();
  EXPECT_NE(id, first);
  EXPECT_FALSE(path.resume(first, Verdict::done));
  EXPECT_NE(path.suspended(id), nullptr);
}

struct Hook {
  int runs = 0;
  std::function<void(Walk&)> then;
  CancelHook hook() {
    return {[](void* self, Walk& walk) {
              auto& mine = *static_cast<Hook*>(self);
              ++mine.runs;
              if (mine.then) mine.then(walk);
            },
            this};
  }
};

TEST_F(PathTest, CancelHookRunsOnce) {
  Hook hook;
  at(LayerId::nat).on_up = [&](Walk& walk) {
    id = path.hold(walk);
    walk.on_cancel = hook.hook();
    return Verdict::suspend;
  };
  start();
  EXPECT_TRUE(path.cancel(id));
  EXPECT_FALSE(path.cancel(id));
  EXPECT_EQ(hook.runs, 1);
  EXPECT_NE(path.suspended(id), nullptr);
}

TEST_F(PathTest, CancelHookMayResumeTheWalk) {
  Hook hook;
  hook.then = [this](Walk&) { EXPECT_TRUE(path.resume(id, Verdict::down)); };
  at(LayerId::nat).on_up = [&](Walk& walk) {
    id = path.hold(walk);
    walk.on_cancel = hook.hook();
    return Verdict::suspend;
  };
  start();
  take();
  EXPECT_TRUE(path.cancel(id));
  EXPECT_EQ(take(), "dcba");
  EXPECT_EQ(path.held(), 0U);
}

TEST_F(PathTest, HookOfTheLayerBeforeIsForgottenWhenTheWalkGoesOn) {
  Hook hook;
  at(LayerId::nat).on_up = [&](Walk& walk) {
    id = path.hold(walk);
    walk.on_cancel = hook.hook();
    return Verdict::suspend;
  };
  suspend_in(LayerId::presence);
  start();
  path.resume(id, Verdict::up);
  EXPECT_FALSE(path.cancel(id));
  EXPECT_EQ(hook.runs, 0);
}

TEST_F(PathTest, LayerMayLaunchAnotherWalkInBetween) {
  at(LayerId::dialog).on_up = [this](Walk&) {
    path.launch(Walk::down(LayerId::transaction));
    return Verdict::done;
  };
  start();
  EXPECT_EQ(take(), "0123cba");
}

TEST_F(PathTest, ManyHeldWalksDoNotMixUp) {
  suspend_in(LayerId::nat);
  std::vector<WalkId> ids;
  for (std::uint16_t i = 0; i < 500; ++i) {
    Walk walk = Walk::up(LayerId::nat);
    walk.flow.socket = i;
    path.launch(std::move(walk));
    ids.push_back(id);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ASSERT_NE(path.suspended(ids[i]), nullptr);
    EXPECT_EQ(path.suspended(ids[i])->flow.socket, i);
  }
  for (const auto one : ids) EXPECT_TRUE(path.resume(one, Verdict::done));
  EXPECT_EQ(path.held(), 0U);
}

}  // namespace
}  // namespace opensips::loop
