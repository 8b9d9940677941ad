#include "l6_location/aor_table.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "bindings.hh"

namespace opensips::location {
namespace {

using testing::binding;
using Kind = LocationEvent::Kind;

BindingSetRef add(AorTable& table, std::string_view aor, BindingRef contact) {
  return table.update(aor, [&](BindingSetEdit& edit) {
    edit.insert(contact);
    return true;
  });
}

std::string user(int n) {
  return "user" + std::to_string(n) + "@example.com";
}

TEST(AorTable, FindsWhatWasPublished) {
  AorTable table;
  EXPECT_FALSE(table.find("bob@biloxi.com"));
  add(table, "bob@biloxi.com", binding("sip:bob@192.0.2.4"));
  const auto set = table.find("bob@biloxi.com");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->aor(), "bob@biloxi.com");
  ASSERT_EQ(set->size(), 1U);
  EXPECT_EQ(set->bindings()[0]->contact(), "sip:bob@192.0.2.4");
  EXPECT_FALSE(table.find("Bob@biloxi.com"));
  EXPECT_FALSE(table.find(""));
}

TEST(AorTable, LeavesASetAsTheReaderGotIt) {
  AorTable table;
  add(table, "bob@biloxi.com", binding("sip:1@x"));
  const auto before = table.find("bob@biloxi.com");
  add(table, "bob@biloxi.com", binding("sip:2@x"));
  EXPECT_EQ(before->size(), 1U);
  EXPECT_EQ(table.find("bob@biloxi.com")->size(), 2U);
  table.erase("bob@biloxi.com");
  EXPECT_EQ(before->bindings()[0]->contact(), "sip:1@x");
}

TEST(AorTable, ChangesNothingWhenTheEditSaysNo) {
  AorTable table;
  const auto before = add(table, "bob@biloxi.com", binding("sip:1@x"));
  const auto after = table.update("bob@biloxi.com", [](BindingSetEdit& edit) {
    edit.remove(0);
    edit.insert(binding("sip:2@x"));
    return false;
  });
  EXPECT_EQ(after, before);
  EXPECT_EQ(table.find("bob@biloxi.com"), before);
}

TEST(AorTable, DoesNotPublishAnEditWithoutChanges) {
  AorTable table;
  const auto before = add(table, "bob@biloxi.com", binding("sip:1@x"));
  EXPECT_EQ(table.update("bob@biloxi.com", [](BindingSetEdit&) { return true; }), before);
  EXPECT_FALSE(table.update("alice@biloxi.com", [](BindingSetEdit&) { return true; }));
  EXPECT_EQ(table.users(), 1U);
}

TEST(AorTable, StartsAgainWhenAnotherWriterWasFaster) {
  AorTable table;
  int tries = 0;
  const auto set = table.update("bob@biloxi.com", [&](BindingSetEdit& edit) {
    if (++tries == 1) add(table, "bob@biloxi.com", binding("sip:first@x"));
    if (tries == 2) table.erase("bob@biloxi.com");
    if (tries == 3) add(table, "bob@biloxi.com", binding("sip:third@x"));
    edit.insert(binding("sip:slow@x"));
    return true;
  });
  EXPECT_EQ(tries, 4);
  ASSERT_EQ(set->size(), 2U);
  EXPECT_EQ(set->bindings()[0]->contact(), "sip:third@x");
  EXPECT_EQ(set->bindings()[1]->contact(), "sip:slow@x");
  EXPECT_EQ(table.contacts(), 2U);
}

TEST(AorTable, RaisesTheVersionWithEveryChangeAlsoOverARemoval) {
  AorTable table;
  const auto first = add(table, "bob@biloxi.com", binding("sip:1@x"));
  const auto second = add(table, "bob@biloxi.com", binding("sip:2@x"));
  table.erase("bob@biloxi.com");
  const auto third = add(table, "bob@biloxi.com", binding("sip:3@x"));
  EXPECT_LT(first->version(), second->version());
  EXPECT_LT(second->version() + 1, third->version());
}

TEST(AorTable, CountsUsersAndContacts) {
  AorTable table;
  add(table, "a@x", binding("sip:1@x"));
  add(table, "a@x", binding("sip:2@x"));
  add(table, "b@x", binding("sip:1@x"));
  EXPECT_EQ(table.users(), 2U);
  EXPECT_EQ(table.contacts(), 3U);
  EXPECT_TRUE(table.erase("a@x"));
  EXPECT_FALSE(table.erase("a@x"));
  EXPECT_EQ(table.users(), 1U);
  EXPECT_EQ(table.contacts(), 1U);
  EXPECT_EQ(table.expires(), 0U);
}

TEST(AorTable, TellsListenersWhatHappenedInOrder) {
  AorTable table;
  std::vector<Kind> kinds;
  std::vector<std::string> contacts;
  std::uint64_t version = 0;
  table.listen([&](const LocationEvent& event) {
    EXPECT_EQ(event.aor, "a@x");
    EXPECT_GE(event.version, version);
    version = event.version;
    kinds.push_back(event.kind);
    if (event.binding) contacts.emplace_back(event.binding->contact());
  });
  add(table, "a@x", binding("sip:1@x", {.expires_at = 1000}));
  table.update("a@x", [](BindingSetEdit& edit) {
    edit.update(0, binding("sip:1@x", {.expires_at = 2000}));
    edit.insert(binding("sip:2@x"));
    return true;
  });
  EXPECT_EQ(table.expire(2000, 10'000), 1U);
  table.erase("a@x");
  EXPECT_EQ(kinds, (std::vector{Kind::aor_insert, Kind::contact_insert, Kind::contact_update,
                                Kind::contact_insert, Kind::contact_expire, Kind::contact_delete,
                                Kind::aor_delete}));
  EXPECT_EQ(contacts,
            (std::vector<std::string>{"sip:1@x", "sip:1@x", "sip:2@x", "sip:1@x", "sip:2@x"}));
}

TEST(AorTable, LetsAListenerChangeTheTable) {
  AorTable table;
  table.listen([&](const LocationEvent& event) {
    if (event.kind == Kind::aor_insert) table.erase(event.aor);
  });
  add(table, "a@x", binding("sip:1@x"));
  EXPECT_FALSE(table.find("a@x"));
}

TEST(AorTable, VisitsEveryAorOnce) {
  AorTable table(16);
  for (int i = 0; i < 500; ++i) add(table, user(i), binding("sip:1@x"));
  std::vector<std::string> seen;
  table.for_each([&](const BindingSetRef& set) { seen.emplace_back(set->aor()); });
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen.size(), 500U);
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST(AorTableExpiry, RemovesOnlyWhatIsDue) {
  AorTable table;
  add(table, "a@x", binding("sip:1@x", {.expires_at = 1000}));
  add(table, "a@x", binding("sip:2@x", {.expires_at = 1001}));
  add(table, "b@x", binding("sip:1@x", {.expires_at = 1000}));
  EXPECT_EQ(table.expire(999, 10'000), 0U);
  EXPECT_EQ(table.expire(1000, 10'000), 2U);
  EXPECT_EQ(table.find("a@x")->size(), 1U);
  EXPECT_FALSE(table.find("b@x"));
  EXPECT_EQ(table.users(), 1U);
  EXPECT_EQ(table.contacts(), 1U);
  EXPECT_EQ(table.expires(), 2U);
}

TEST(AorTableExpiry, DoesNotDoMoreAtOnceThanItMay) {
  constexpr int kUsers = 2000;
  AorTable table(8);
  for (int i = 0; i < kUsers; ++i) add(table, user(i), binding("sip:1@x", {.expires_at = 1}));
  int calls = 0;
  while (table.users() > 0) {
    ASSERT_LT(++calls, 1000);
    EXPECT_LE(table.expire(1, 100), 100U);
  }
  EXPECT_GT(calls, kUsers / 100);
  EXPECT_EQ(table.expires(), static_cast<std::uint64_t>(kUsers));
}

TEST(AorTableExpiry, TakesOutWhatIsDueInTheCallBehindItWhateverCameBefore) {
  AorTable table(4);
  std::map<std::string, std::uint64_t> ends;
  std::mt19937 random(7);
  for (std::uint64_t now = 0; now < 400'000; now += 1 + random() % 900) {
    const std::string aor = user(static_cast<int>(random() % 400));
    if (random() % 5 == 0) {
      table.erase(aor);
      ends.erase(aor);
    } else {
      const std::uint64_t end = now + 1 + random() % 60'000;
      table.update(aor, [&](BindingSetEdit& edit) {
        const auto one = binding("sip:1@x", {.expires_at = end});
        if (edit.places().empty()) {
          edit.insert(one);
        } else {
          edit.update(0, one);
        }
        return true;
      });
      ends[aor] = end;
    }
    table.expire(now, 1'000'000);
    std::erase_if(ends, [now](const auto& one) { return one.second <= now; });
    ASSERT_EQ(table.users(), ends.size()) << now;
  }
}

TEST(AorTable, FindsThoseBehindANatAlone) {
  AorTable table(1);
  const auto behind_nat = [&table] {
    std::vector<std::string> seen;
    table.for_each_behind_nat_in(0,
                                 [&](const BindingSetRef& set) { seen.emplace_back(set->aor()); });
    std::sort(seen.begin(), seen.end());
    return seen;
  };
  for (int i = 0; i < 50; ++i) add(table, user(i), binding("sip:1@x"));
  EXPECT_TRUE(behind_nat().empty());
  add(table, user(7), binding("sip:2@x", {.behind_nat = true}));
  add(table, user(8), binding("sip:2@x", {.behind_nat = true}));
  add(table, user(8), binding("sip:3@x", {.expires_at = 10}));
  EXPECT_EQ(behind_nat(), (std::vector{user(7), user(8)}));
  table.update(user(7), [](BindingSetEdit& edit) {
    edit.remove(1);
    return true;
  });
  table.expire(10, 1'000'000);
  EXPECT_EQ(behind_nat(), std::vector{user(8)});
  table.erase(user(8));
  EXPECT_TRUE(behind_nat().empty());
}

TEST(AorTableExpiry, EndsARoundInAnEmptyTable) {
  for (std::size_t stripes : {1, 2, 256}) {
    AorTable table(stripes);
    EXPECT_EQ(table.expire(1, 1'000'000'000), 0U);
  }
}

TEST(AorTableExpiry, ReachesEveryStripeFromWhereverItStopped) {
  AorTable table(4);
  for (std::size_t stop = 0; stop < 40; ++stop) {
    for (int i = 0; i < 50; ++i) add(table, user(i), binding("sip:1@x", {.expires_at = 1}));
    table.expire(0, stop);
    table.expire(1, 1'000'000);
    table.expire(1, 1'000'000);
    ASSERT_EQ(table.users(), 0U) << stop;
  }
}

}  // namespace
}  // namespace opensips::location
