#include "l6_location/target_groups.hh"

#include <gtest/gtest.h>

#include "bindings.hh"
#include "l6_location/aor_table.hh"

namespace opensips::location {
namespace {

using testing::binding;

void add(AorTable& table, BindingRef contact) {
  table.update("bob@biloxi.com", [&](BindingSetEdit& edit) {
    edit.insert(contact);
    return true;
  });
}

std::vector<std::vector<std::string_view>> uris(const TargetGroups& groups) {
  std::vector<std::vector<std::string_view>> result(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const auto& target : groups[i]) result[i].push_back(target.uri);
  }
  return result;
}

using Uris = std::vector<std::vector<std::string_view>>;

TEST(TargetGroups, AreNoneForAnUnknownAor) {
  const TargetGroups groups({}, 0);
  EXPECT_TRUE(groups.empty());
  EXPECT_EQ(groups.size(), 0U);
}

TEST(TargetGroups, HoldEqualQTogetherAndHigherQFirst) {
  AorTable table;
  add(table, binding("sip:1@x", {.q = 500}));
  add(table, binding("sip:2@x", {.q = 1000}));
  add(table, binding("sip:3@x", {.q = 500}));
  add(table, binding("sip:4@x", {.q = 0}));
  add(table, binding("sip:5@x"));
  const TargetGroups groups(table.find("bob@biloxi.com"), 0);
  EXPECT_EQ(uris(groups), (Uris{{"sip:2@x", "sip:5@x"}, {"sip:1@x", "sip:3@x"}, {"sip:4@x"}}));
  EXPECT_EQ(groups.targets().size(), 5U);
}

TEST(TargetGroups, LeaveOutWhatHasExpired) {
  AorTable table;
  add(table, binding("sip:1@x", {.expires_at = 1000, .q = 900}));
  add(table, binding("sip:2@x", {.expires_at = 3000, .q = 500}));
  add(table, binding("sip:3@x", {.expires_at = 2000, .q = 500}));
  EXPECT_EQ(uris(TargetGroups(table.find("bob@biloxi.com"), 999)),
            (Uris{{"sip:1@x"}, {"sip:2@x", "sip:3@x"}}));
  EXPECT_EQ(uris(TargetGroups(table.find("bob@biloxi.com"), 2000)), (Uris{{"sip:2@x"}}));
  EXPECT_TRUE(TargetGroups(table.find("bob@biloxi.com"), 3000).empty());
}

/// Of a client that registered from 192.0.2.9.
Target target(std::string_view host, base::Transport transport) {
  Target target{.uri = "sip:b@x", .host = host, .flow = {}};
  target.flow.peer = *base::Address::parse("192.0.2.9", 40'000);
  target.flow.transport = transport;
  return target;
}

TEST(Target, IsReachedByItsFlowUnlessItsUriNamesWhereItRegisteredFrom) {
  using base::Transport;
  EXPECT_FALSE(needs_flow(target("192.0.2.9", Transport::udp)));
  EXPECT_TRUE(needs_flow(target("192.0.2.9", Transport::tcp)));
  for (const std::string_view other : {"10.0.0.1", "[2001:db8::1]", "phone.example.com", ""}) {
    EXPECT_TRUE(needs_flow(target(other, Transport::udp))) << other;
  }
}

TEST(Target, IsOutOfReachIfItsUriNamesAnotherAddress) {
  using base::Transport;
  for (const std::string_view near : {"192.0.2.9", "phone.example.com", ""}) {
    EXPECT_FALSE(is_out_of_reach(target(near, Transport::tcp))) << near;
  }
  EXPECT_TRUE(is_out_of_reach(target("10.0.0.1", Transport::tcp)));
  EXPECT_FALSE(is_out_of_reach(target("10.0.0.1", Transport::udp)));
  EXPECT_TRUE(is_out_of_reach(target("192.0.2.9", Transport::ws)));
}

TEST(TargetGroups, KnowTheHostOfEachUri) {
  AorTable table;
  add(table, binding("sip:1@192.0.2.1:5062;x=y"));
  EXPECT_EQ(TargetGroups(table.find("bob@biloxi.com"), 0)[0][0].host, "192.0.2.1");
}

TEST(TargetGroups, StayWhenTheAorIsGone) {
  AorTable table;
  add(table, binding("sip:1@192.0.2.1:5062"));
  const TargetGroups groups(table.find("bob@biloxi.com"), 0);
  EXPECT_TRUE(table.erase("bob@biloxi.com"));
  EXPECT_EQ(groups[0][0].uri, "sip:1@192.0.2.1:5062");
}

}  // namespace
}  // namespace opensips::location
