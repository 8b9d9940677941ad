#include "l6_location/aor_index.hh"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "bindings.hh"
#include "l6_location/aor_table.hh"

namespace opensips::location {
namespace {

/// Sets can only be made by a table; the index takes the hash that is in them.
BindingSetRef made(AorTable& table, const std::string& aor) {
  return table.update(aor, [](BindingSetEdit& edit) {
    edit.insert(testing::binding("sip:1@x"));
    return true;
  });
}

BindingSetRef put(AorIndex& index, const BindingSetRef& set) {
  return index.exchange(index.place_of(set->aor(), set->aor_hash()), set);
}

TEST(AorIndex, IsEmptyAtFirst) {
  AorIndex index;
  EXPECT_EQ(index.size(), 0U);
  EXPECT_FALSE(index.find("a@x", 1));
}

TEST(AorIndex, HoldsWhatAMapWouldHold) {
  AorTable table(1);
  AorIndex index;
  std::map<std::string, BindingSetRef> model;
  std::mt19937 random(1);
  for (int step = 0; step < 20'000; ++step) {
    const std::string aor = "u" + std::to_string(random() % 300) + "@x";
    const auto set = made(table, aor);
    table.erase(aor);
    const BindingSetRef found = index.find(aor, set->aor_hash());
    ASSERT_EQ(static_cast<bool>(found), model.contains(aor));
    if (!found || random() % 4 == 0) {
      ASSERT_EQ(put(index, set), found);
      model[aor] = set;
    } else {
      ASSERT_EQ(found, model[aor]);
      ASSERT_EQ(index.exchange(index.place_of(aor, set->aor_hash()), {}), found);
      model.erase(aor);
    }
    ASSERT_EQ(index.size(), model.size());
    if (step % 1000 != 0) continue;
    for (const auto& [name, held] : model) ASSERT_EQ(index.find(name, held->aor_hash()), held);
    std::size_t seen = 0;
    for (std::size_t place = 0; place < index.places(); ++place) seen += index.at(place) ? 1 : 0;
    ASSERT_EQ(seen, model.size());
  }
}

TEST(AorIndex, KnowsWhatIsDueToTheMillisecond) {
  AorTable table(1);
  const auto set = [&](std::uint64_t expires_at) {
    table.erase("a@x");
    return table.update("a@x", [&](BindingSetEdit& edit) {
      edit.insert(testing::binding("sip:1@x", {.expires_at = expires_at}));
      return true;
    });
  };
  const auto due = [](const AorIndex& index, std::uint64_t now_ms) {
    std::size_t count = 0;
    for (std::size_t place = 0; place < index.places(); ++place) {
      count += index.due_at(place, now_ms) <= now_ms ? 1 : 0;
    }
    return count;
  };
  AorIndex index;
  put(index, set(61'500));
  EXPECT_EQ(due(index, 61'499), 0U);
  EXPECT_EQ(due(index, 61'500), 1U);
  put(index, set(90'000));
  EXPECT_EQ(due(index, 61'500), 0U);
  EXPECT_EQ(due(index, 90'000), 1U);
  const std::uint64_t beyond = (std::uint64_t{UINT32_MAX} + 10) * 1000;
  put(index, set(beyond));
  EXPECT_EQ(due(index, beyond - 1), 0U);
  EXPECT_EQ(due(index, beyond), 1U);
}

}  // namespace
}  // namespace opensips::location
