#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "loop/path.hh"

namespace opensips::loop {
namespace {

using Direction = Walk::Direction;

/// Writes its digit when it sees a walk rise, its letter when it sees one fall.
class Writer final : public Layer {
 public:
  Verdict up(Walk&) override {
    *log += name;
    return top ? Verdict::down : on_up;
  }
  Verdict down(Walk&) override {
    *log += static_cast<char>(name - '0' + 'a');
    return Verdict::down;
  }

  std::string* log = nullptr;
  char name = ' ';
  bool top = false;
  Verdict on_up = Verdict::up;
};

class PathHooks : public ::testing::Test {
 protected:
  PathHooks() {
    for (unsigned i = 0; i < kMaxLayers; ++i) {
      layers[i].log = &log;
      layers[i].name = static_cast<char>('0' + i);
      layers[i].top = i + 1 == kLayers;
      if (i < kLayers) path.set(static_cast<LayerId>(i), layers[i]);
    }
  }
  std::string walk_up() {
    path.launch(Walk::up(LayerId::transport));
    return std::exchange(log, {});
  }
  BeforeHook writes(char name) {
    return [this, name](Walk&) -> std::optional<Verdict> {
      log += name;
      return std::nullopt;
    };
  }

  Path path{0, 1};
  std::string log;
  std::array<Writer, kMaxLayers> layers;
};

TEST_F(PathHooks, SeeTheWalkBeforeAndAfterTheirLayerInTheirDirection) {
  path.before(LayerId::dialog, Direction::up, writes('<'));
  path.after(LayerId::dialog, Direction::up, [this](Walk&, Verdict verdict) {
    log += '>';
    return verdict;
  });
  EXPECT_EQ(walk_up(), "012<3>4567gfedcba");
  path.before(LayerId::dialog, Direction::down, writes('v'));
  EXPECT_EQ(walk_up(), "012<3>4567gfevdcba");
}

TEST_F(PathHooks, AreAskedInTheOrderTheyWereAdded) {
  path.before(LayerId::nat, Direction::up, writes('x'));
  path.before(LayerId::nat, Direction::up, writes('y'));
  EXPECT_EQ(walk_up(), "0123xy4567gfedcba");
}

TEST_F(PathHooks, VerdictBeforeTakesThePlaceOfTheLayersAndOfLaterHooks) {
  path.before(LayerId::nat, Direction::up, [](Walk&) { return Verdict::down; });
  path.before(LayerId::nat, Direction::up, writes('x'));
  EXPECT_EQ(walk_up(), "0123dcba");
}

TEST_F(PathHooks, VerdictAfterCounts) {
  path.after(LayerId::nat, Direction::up, [](Walk&, Verdict verdict) {
    EXPECT_EQ(verdict, Verdict::up);
    return Verdict::done;
  });
  EXPECT_EQ(walk_up(), "01234");
}

TEST_F(PathHooks, AfterASuspendedWalkComeWhenItGoesOn) {
  std::string seen;
  path.after(LayerId::nat, Direction::up, [&](Walk&, Verdict verdict) {
    seen += verdict == Verdict::up ? 'u' : '?';
    return verdict;
  });
  WalkId id;
  path.before(LayerId::nat, Direction::up, [&](Walk& walk) {
    id = path.hold(walk);
    return Verdict::suspend;
  });
  EXPECT_EQ(walk_up(), "0123");
  EXPECT_EQ(seen, "");
  EXPECT_TRUE(path.resume(id, Verdict::up));
  EXPECT_EQ(std::exchange(log, {}), "567gfedcba");
  EXPECT_EQ(seen, "u");
  EXPECT_EQ(path.held(), 0U);
}

TEST_F(PathHooks, MayBeAddedToAnInsertedLayer) {
  const auto place = path.insert(layers[8], LayerId::nat);
  ASSERT_TRUE(place);
  path.before(*place, Direction::up, writes('<'));
  EXPECT_EQ(walk_up(), "01234<8567gfiedcba");
}

TEST_F(PathHooks, InsertedLayersStandRightAboveTheirs) {
  EXPECT_EQ(path.insert(layers[8], LayerId::dialog), static_cast<LayerId>(8));
  EXPECT_EQ(path.insert(layers[9], LayerId::location), static_cast<LayerId>(9));
  EXPECT_EQ(walk_up(), "0123845697jgfeidcba");
  path.insert(layers[10], LayerId::dialog);
  EXPECT_EQ(walk_up(), "0123:845697jgfeikdcba");
}

TEST_F(PathHooks, InsertedLayersHaveABitOfTheMask) {
  const auto place = *path.insert(layers[8], LayerId::nat);
  LayerMask mask = kAllLayers;
  path.on_choose([&](const Walk&) { return mask; });
  EXPECT_EQ(walk_up(), "012348567gfiedcba");
  mask = static_cast<LayerMask>(mask & ~mask_of(place));
  EXPECT_EQ(walk_up(), "01234567gfedcba");
}

TEST_F(PathHooks, WalksLaunchedBelowRoutingPassTheTopmostLayer) {
  path.insert(layers[8], LayerId::location);
  path.launch_below(LayerId::routing, {});
  EXPECT_EQ(std::exchange(log, {}), "igfedcba");
  Walk walk;
  walk.mask = static_cast<LayerMask>(kAllLayers & ~mask_of(LayerId::location));
  path.launch_below(LayerId::routing, std::move(walk));
  EXPECT_EQ(std::exchange(log, {}), "ifedcba");
}

TEST_F(PathHooks, ThereIsAnEndToInserting) {
  for (unsigned i = kLayers; i < kMaxLayers; ++i) {
    EXPECT_TRUE(path.insert(layers[i], LayerId::dialog));
  }
  EXPECT_FALSE(path.insert(layers[0], LayerId::dialog));
}

}  // namespace
}  // namespace opensips::loop
