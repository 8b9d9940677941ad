// The walk: a layer that turns a message round, or holds it, is the last to see it.

#include <gtest/gtest.h>

#include "l1_parser/reply.hh"
#include "model/model.hh"

namespace opensips::model {
namespace {

using loop::LayerId;
using loop::Verdict;
using loop::Walk;

/// Stands in a layer's place and counts what passes; it may decide about requests on their way up
/// itself.
class Probe final : public loop::Layer {
 public:
  explicit Probe(loop::Layer& real) : real_(real) {}

  Verdict up(Walk& walk) override {
    ++ups;
    if (on_up && walk.message && walk.message->is_request()) return on_up(walk);
    return real_.up(walk);
  }
  Verdict down(Walk& walk) override {
    ++downs;
    return real_.down(walk);
  }

  std::function<Verdict(Walk&)> on_up;
  int ups = 0;
  int downs = 0;

 private:
  loop::Layer& real_;
};

constexpr unsigned place(LayerId layer) {
  return static_cast<unsigned>(layer);
}

/// Every layer behind a probe.
class WalkTest : public ::testing::TestWithParam<LayerId> {
 protected:
  WalkTest() {
    for (unsigned i = 0; i < loop::kLayers; ++i) {
      const auto layer = static_cast<LayerId>(i);
      probes.push_back(std::make_unique<Probe>(model.context.path.at(layer)));
      model.context.path.set(layer, *probes.back());
    }
  }
  Probe& probe(LayerId layer) { return *probes[place(layer)]; }

  void expect_seen_up_to(LayerId last) {
    for (unsigned i = 0; i < loop::kLayers; ++i) {
      EXPECT_EQ(probes[i]->ups, i <= place(last) ? 1 : 0) << "layer " << i;
    }
  }

  Model model;
  std::vector<std::unique_ptr<Probe>> probes;
};

/// A layer's own answer, as it would go down from there.
Verdict turn_down(Walk& walk) {
  walk.draft = parser::make_reply(*walk.message, base::SipKey{}, 480);
  if (!walk.server) walk.flow = parser::reply_flow(*walk.message);
  return Verdict::down;
}

TEST_P(WalkTest, LayerThatTurnsTheInviteDownIsTheLastToSeeIt) {
  probe(GetParam()).on_up = turn_down;
  model.receive(Request{}.bytes());
  expect_seen_up_to(GetParam());
  EXPECT_EQ(model.take_start_lines(),
            std::vector<std::string>{"SIP/2.0 480 Temporarily Unavailable"});
  EXPECT_EQ(model.program.started, 0);
  EXPECT_EQ(model.context.path.held(), 0U);
}

TEST_P(WalkTest, LayerThatSuspendsTheInviteHoldsItUntilItIsResumed) {
  loop::WalkId id;
  probe(GetParam()).on_up = [&](Walk& walk) {
    id = model.context.path.hold(walk);
    return Verdict::suspend;
  };
  model.receive(Request{}.bytes());
  expect_seen_up_to(GetParam());
  EXPECT_TRUE(model.take().empty());
  ASSERT_NE(model.context.path.suspended(id), nullptr);

  turn_down(*model.context.path.suspended(id));
  EXPECT_TRUE(model.context.path.resume(id, Verdict::down));
  EXPECT_EQ(model.take_start_lines(),
            std::vector<std::string>{"SIP/2.0 480 Temporarily Unavailable"});
  EXPECT_FALSE(model.context.path.resume(id, Verdict::down));
  EXPECT_EQ(model.context.path.held(), 0U);
}

TEST_P(WalkTest, CancelRunsTheHookOfTheLayerThatHoldsTheInvite) {
  if (GetParam() < LayerId::dialog) GTEST_SKIP() << "below it the transaction is not yet made";
  int cancelled = 0;
  probe(GetParam()).on_up = [&](Walk& walk) {
    if (walk.message->method() != parser::Method::invite) return Verdict::up;
    model.context.path.hold(walk);
    walk.on_cancel = {[](void* count, Walk&) { ++*static_cast<int*>(count); }, &cancelled};
    return Verdict::suspend;
  };
  model.receive(Request{}.bytes());
  model.receive(Request{.method = "CANCEL"}.bytes());
  EXPECT_EQ(cancelled, 1);
  EXPECT_EQ(model.take_start_lines(),
            (std::vector<std::string>{"SIP/2.0 487 Request Terminated", "SIP/2.0 200 OK"}));
}

std::string name_of(const ::testing::TestParamInfo<LayerId>& info) {
  constexpr const char* names[] = {"transport", "parser",   "transaction", "dialog",
                                   "nat",       "presence", "location",    "routing"};
  return names[place(info.param)];
}

INSTANTIATE_TEST_SUITE_P(EachLayer, WalkTest,
                         ::testing::Values(LayerId::transaction, LayerId::dialog, LayerId::nat,
                                           LayerId::presence, LayerId::location, LayerId::routing),
                         name_of);

TEST_F(WalkTest, BytesThatTheTransportTurnsDownAreSeenByNoOther) {
  class Deaf final : public loop::Layer {
    Verdict up(Walk&) override { return Verdict::down; }
    Verdict down(Walk&) override { return Verdict::down; }
  } deaf;
  model.context.path.set(LayerId::transport, deaf);
  model.receive(Request{}.bytes());
  EXPECT_EQ(probe(LayerId::parser).ups, 0);
  EXPECT_TRUE(model.take().empty());
}

TEST_F(WalkTest, MessageThatTheParserTurnsDownIsSeenByNoOther) {
  model.receive(Request{.max_forwards = "many"}.bytes());
  expect_seen_up_to(LayerId::parser);
  EXPECT_TRUE(model.take_start_lines().at(0).starts_with("SIP/2.0 400 "));
}

TEST_F(WalkTest, InviteGoesUpThroughEveryLayerAndDownAgain) {
  model.receive(Request{}.bytes());
  for (unsigned i = 0; i < loop::kLayers; ++i) EXPECT_EQ(probes[i]->ups, 1) << "layer " << i;
  EXPECT_EQ(probe(LayerId::location).downs, 1);
  EXPECT_EQ(probe(LayerId::dialog).downs, 1);
  EXPECT_EQ(probe(LayerId::transport).downs, 2);  // the 100 too
}

TEST_F(WalkTest, ProvenInDialogRequestTurnsRoundInTheDialogLayer) {
  model.receive(Request{}.bytes());
  const auto forwarded = model.take().back().bytes;
  Request bye{.method = "BYE",
              .uri = "sip:callee@127.0.0.1:5080",
              .branch = "z9hG4bKbye",
              .to_tag = "callee"};
  bye.extra = "Route: " + values(forwarded, "Record-Route").at(0) + "\r\n";
  const int before = probe(LayerId::nat).ups;
  model.receive(bye.bytes());
  EXPECT_EQ(probe(LayerId::nat).ups, before);
  EXPECT_EQ(model.take_start_lines(),
            std::vector<std::string>{"BYE sip:callee@127.0.0.1:5080 SIP/2.0"});
}

TEST_F(WalkTest, MaskedLayersAreWalkedPastBothWays) {
  model.context.path.on_choose([](const Walk&) {
    return static_cast<loop::LayerMask>(loop::kAllLayers & ~mask_of(LayerId::nat));
  });
  model.receive(Request{}.bytes());
  EXPECT_EQ(probe(LayerId::nat).ups, 0);
  EXPECT_EQ(probe(LayerId::nat).downs, 0);
  EXPECT_EQ(probe(LayerId::presence).ups, 1);
  EXPECT_EQ(probe(LayerId::presence).downs, 1);
}

TEST_F(WalkTest, WhatIsNoMessageEndsInTheParser) {
  model.receive("\r\n\r\n");
  EXPECT_EQ(probe(LayerId::transaction).ups, 0);
  EXPECT_TRUE(model.take().empty());
}

}  // namespace
}  // namespace opensips::model
