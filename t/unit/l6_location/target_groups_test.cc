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

TEST(TargetGroups, StayWhenTheAorIsGone) {
  AorTable table;
  add(table, binding("sip:1@192.0.2.1:5062"));
  const TargetGroups groups(table.find("bob@biloxi.com"), 0);
  EXPECT_TRUE(table.erase("bob@biloxi.com"));
  EXPECT_EQ(groups[0][0].uri, "sip:1@192.0.2.1:5062");
}

}  // namespace
}  // namespace opensips::location
