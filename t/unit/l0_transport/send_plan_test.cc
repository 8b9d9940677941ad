#include "l0_transport/send_plan.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

namespace opensips::transport {
namespace {

using base::Address;
using ::testing::ElementsAre;

using Groups = std::vector<std::vector<unsigned>>;

const Address kAlice = *Address::parse("192.0.2.1", 5060);
const Address kAlicesOtherPort = *Address::parse("192.0.2.1", 5062);
const Address kBob = *Address::parse("2001:db8::2", 5060);

Groups plan(const std::vector<SendPlan::Datagram>& datagrams) {
  SendPlan plan;
  Groups groups;
  for (const auto& group : plan.make(datagrams)) groups.emplace_back(group.begin(), group.end());
  return groups;
}

TEST(SendPlanTest, NothingMakesNoGroup) {
  EXPECT_EQ(plan({}), Groups{});
}

TEST(SendPlanTest, EquallyLongOnesForAPeerGoTogether) {
  EXPECT_EQ(plan({{&kAlice, 1, 500}, {&kAlice, 2, 500}, {&kAlice, 3, 500}}), (Groups{{0, 1, 2}}));
}

TEST(SendPlanTest, TheLastOfAGroupMayBeShorter) {
  EXPECT_EQ(plan({{&kAlice, 1, 400}, {&kAlice, 2, 500}, {&kAlice, 3, 300}, {&kAlice, 4, 500}}),
            (Groups{{1, 3, 0}, {2}}));
}

TEST(SendPlanTest, EachPeerAndPortHasGroupsOfItsOwn) {
  auto groups = plan({{&kAlice, 1, 500},
                      {&kBob, 2, 500},
                      {&kAlicesOtherPort, 3, 500},
                      {&kAlice, 4, 500},
                      {&kBob, 5, 500},
                      {&kAlicesOtherPort, 6, 500}});
  std::ranges::sort(groups);
  EXPECT_EQ(groups, (Groups{{0, 3}, {1, 4}, {2, 5}}));
}

TEST(SendPlanTest, MessagesOfACallKeepTheirOrder) {
  EXPECT_EQ(plan({{&kAlice, 1, 300}, {&kAlice, 1, 500}, {&kAlice, 2, 300}, {&kAlice, 2, 500}}),
            (Groups{{0, 2}, {1, 3}}));
}

TEST(SendPlanTest, MessagesOfACallAreNotInOneGroup) {
  EXPECT_EQ(plan({{&kAlice, 1, 500}, {&kAlice, 1, 500}}), (Groups{{0}, {1}}));
}

TEST(SendPlanTest, OnesOfNoKnownCallKeepTheirOrder) {
  EXPECT_EQ(plan({{&kAlice, 0, 2}, {&kAlice, 0, 20}, {&kAlice, 0, 4}}), (Groups{{0}, {1}, {2}}));
}

TEST(SendPlanTest, OneThatIsToGoByItselfDoes) {
  EXPECT_EQ(plan({{&kAlice, 1, 500, true}, {&kAlice, 2, 500, true}}), (Groups{{0}, {1}}));
  EXPECT_EQ(plan({{&kAlice, 1, 500}, {&kAlice, 2, 500, true}}), (Groups{{0}, {1}}));
}

TEST(SendPlanTest, WhatMayNotFitIntoOnePacketGoesByItself) {
  EXPECT_EQ(plan({{&kAlice, 1, 1401}, {&kAlice, 2, 1401}, {&kAlice, 3, 1400}, {&kAlice, 4, 1400}}),
            (Groups{{0}, {1}, {2, 3}}));
}

TEST(SendPlanTest, EmptyOnesGoByThemselves) {
  EXPECT_EQ(plan({{&kAlice, 1, 0}, {&kAlice, 2, 0}, {&kAlice, 3, 4}}), (Groups{{2}, {0}, {1}}));
}

TEST(SendPlanTest, AGroupHasNoMoreThanTheKernelTakes) {
  std::vector<SendPlan::Datagram> small, large;
  for (std::uint32_t i = 1; i <= 130; ++i) small.push_back({&kAlice, i, 10});
  for (std::uint32_t i = 1; i <= 130; ++i) large.push_back({&kAlice, i, 1400});
  const auto sizes = [](const Groups& groups) {
    std::vector<std::size_t> all;
    for (const auto& group : groups) all.push_back(group.size());
    return all;
  };
  EXPECT_THAT(sizes(plan(small)), ElementsAre(64, 64, 2));
  EXPECT_THAT(sizes(plan(large)), ElementsAre(42, 42, 42, 4));  // 60,000 bytes
}

/// What holds for all: everything once, groups as the kernel cuts them, calls in order.
void check(const std::vector<SendPlan::Datagram>& all, const Groups& groups) {
  std::vector<bool> seen(all.size());
  std::map<std::pair<std::string, std::uint32_t>, unsigned> last;
  for (const auto& group : groups) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto& one = all[group[i]];
      EXPECT_FALSE(seen[group[i]]);
      seen[group[i]] = true;
      EXPECT_EQ(*one.peer, *all[group[0]].peer);
      const auto longest = all[group[0]].size;
      EXPECT_TRUE(one.size == longest || (i + 1 == group.size() && one.size < longest));
      const auto [before, first] = last.try_emplace({one.peer->to_string(), one.call}, group[i]);
      EXPECT_TRUE(first || std::exchange(before->second, group[i]) < group[i]);
    }
  }
  EXPECT_THAT(seen, ::testing::Each(true));
}

TEST(SendPlanTest, PlansOneAfterTheOtherHoldWhateverComes) {
  std::mt19937 random(7);
  const Address* peers[] = {&kAlice, &kBob, &kAlicesOtherPort};
  SendPlan plan;
  for (unsigned round = 0; round < 500; ++round) {
    std::vector<SendPlan::Datagram> all(random() % (SendPlan::kMost + 1));
    for (auto& one : all) {
      one.peer = peers[random() % 3];
      one.call = static_cast<std::uint32_t>(random() % 40);
      one.size = 300 + random() % 4;
    }
    Groups groups;
    for (const auto& group : plan.make(all)) groups.emplace_back(group.begin(), group.end());
    check(all, groups);
    EXPECT_LE(groups.size(), all.size());
  }
}

}  // namespace
}  // namespace opensips::transport
