#include "base/guarded.hh"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace opensips::base {
namespace {

TEST(Guarded, PassesItsArgumentsToTheValue) {
  Guarded<std::string> text(3, 'x');
  EXPECT_EQ(*text.lock(), "xxx");
  EXPECT_EQ(text.lock()->size(), 3U);
}

TEST(Guarded, GivesOnlyAConstValueWhenItIsConst) {
  const Guarded<std::string> text("fixed");
  EXPECT_EQ(*text.lock(), "fixed");
  static_assert(std::is_const_v<std::remove_reference_t<decltype(*text.lock())>>);
}

TEST(Guarded, KeepsOtherThreadsOutWhileAccessed) {
  Guarded<long> count(0);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) {
        auto access = count.lock();
        const long before = *access;
        *access = before + 1;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(*count.lock(), 40'000);
}

TEST(Guarded, LetsOthersInWhileItWaits) {
  Guarded<bool> done(false);
  std::condition_variable changed;
  std::jthread other([&] {
    *done.lock() = true;
    changed.notify_one();
  });
  auto access = done.lock();
  access.wait(changed, [&] { return *access; });
  EXPECT_TRUE(*access);
}

}  // namespace
}  // namespace opensips::base
