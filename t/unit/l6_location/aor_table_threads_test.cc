#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bindings.hh"
#include "l6_location/aor_table.hh"
#include "l6_location/target_groups.hh"

namespace opensips::location {
namespace {

using testing::binding;

constexpr int kThreads = 4;
constexpr int kRounds = 500;

void in_threads(const std::function<void(int)>& work) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&work, i] { work(i); });
}

TEST(AorTableThreads, LoseNoWriteOfOneAor) {
  AorTable table;
  in_threads([&](int thread) {
    for (int n = 0; n < kRounds; ++n) {
      table.update("bob@x", [&](BindingSetEdit& edit) {
        const auto contact = "sip:" + std::to_string(thread) + "-" + std::to_string(n) + "@x";
        edit.insert(binding(contact));
        return true;
      });
    }
  });
  EXPECT_EQ(table.find("bob@x")->size(), static_cast<std::size_t>(kThreads * kRounds));
  EXPECT_EQ(table.find("bob@x")->version(), static_cast<std::uint64_t>(kThreads * kRounds));
  EXPECT_EQ(table.contacts(), static_cast<std::uint64_t>(kThreads * kRounds));
}

TEST(AorTableThreads, ShowReadersOnlyWholeStates) {
  // Each state has one contact that says its number twice; a version never goes back for a reader.
  AorTable table(2);
  std::atomic<bool> stop = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      while (!stop) {
        const auto set = table.find("bob@x");
        const TargetGroups groups(set, 0);
        if (!set) continue;
        ASSERT_GE(set->version(), last);
        last = set->version();
        ASSERT_EQ(groups.targets().size(), 1U);
        ASSERT_EQ(groups[0][0].uri, "sip:" + std::to_string(set->bindings()[0]->cseq()) + "@x");
      }
    });
  }
  std::vector<std::jthread> writers;
  for (int i = 0; i < 2; ++i) {
    writers.emplace_back([&] {
      for (std::uint32_t n = 0; n < 4 * kRounds; ++n) {
        table.update("bob@x", [&](BindingSetEdit& edit) {
          const auto next = binding("sip:" + std::to_string(n) + "@x", {.cseq = n});
          if (edit.size() == 0) {
            edit.insert(next);
          } else {
            edit.update(0, next);
          }
          return true;
        });
        if (n % 16 == 0) table.erase("bob@x");
      }
    });
  }
  writers.clear();
  stop = true;
}

TEST(AorTableThreads, SweepBesideWritersAndLeaveNothingBehind) {
  AorTable table(4);
  std::mutex mutex;
  std::map<std::string, int> alive;
  table.listen([&](const LocationEvent& event) {
    const std::lock_guard lock(mutex);
    if (event.kind == LocationEvent::Kind::contact_insert) ++alive[std::string(event.aor)];
    if (event.kind == LocationEvent::Kind::contact_expire) --alive[std::string(event.aor)];
  });
  in_threads([&](int thread) {
    for (int n = 0; n < kRounds; ++n) {
      const auto now = static_cast<std::uint64_t>(n);
      const auto contact = "sip:" + std::to_string(thread * kRounds + n) + "@x";
      table.update("user" + std::to_string(n % 7) + "@x", [&](BindingSetEdit& edit) {
        edit.expire(now);
        edit.insert(binding(contact, {.expires_at = now + 5}));
        return true;
      });
      if (thread == 0 || n % 8 == 0) table.expire(now, 20);
    }
  });
  while (table.users() > 0) table.expire(2 * kRounds, 1000);
  EXPECT_EQ(table.contacts(), 0U);
  EXPECT_EQ(table.expires(), static_cast<std::uint64_t>(kThreads * kRounds));
  for (const auto& [aor, count] : alive) EXPECT_EQ(count, 0) << aor;
}

}  // namespace
}  // namespace opensips::location
