#include "manage/memory.hh"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/memory.hh"

namespace opensips::manage {
namespace {

class GroupsTest : public ::testing::Test {
 protected:
  GroupsTest() { std::filesystem::remove_all(root_); }
  ~GroupsTest() override { std::filesystem::remove_all(root_); }

  void limit(const std::string& file, std::string_view text) {
    const auto path = root_ / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text << "\n";
  }
  std::optional<std::uint64_t> allowed(std::string_view groups) const {
    return allowed_by_groups(groups, root_);
  }

 private:
  std::filesystem::path root_ =
      std::filesystem::temp_directory_path() / ("opensips-groups-" + std::to_string(getpid()));
};

TEST_F(GroupsTest, TheLeastLimitOnTheWayUpCounts) {
  limit("system.slice/opensips.service/memory.max", "900000");
  limit("system.slice/memory.max", "800000");
  limit("memory.max", "max");
  EXPECT_EQ(allowed("0::/system.slice/opensips.service\n"), 800'000U);
  EXPECT_EQ(allowed("0::/"), std::nullopt);
}

TEST_F(GroupsTest, OfVersionOneTheControllersFolderCounts) {
  limit("memory/docker/1/memory.limit_in_bytes", "1000000");
  limit("memory/memory.limit_in_bytes", "9223372036854771712");
  EXPECT_EQ(allowed("12:cpu:/x\n7:memory:/docker/1\n0::/\n"), 1'000'000U);
}

TEST_F(GroupsTest, WhatSaysNothingAllowsEverything) {
  EXPECT_EQ(allowed(""), std::nullopt);
  EXPECT_EQ(allowed("0::/nowhere\ngarbage\n1:2\n::"), std::nullopt);
}

TEST(Memory, ThatIsSharedWithFilesIsNotOfTheProcess) {
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  EXPECT_EQ(used_memory("5000 300 100 20 0 200 0\n"), 200 * page);
  EXPECT_EQ(used_memory(""), 0U);
  EXPECT_EQ(used_memory("x y"), 0U);
}

TEST(Memory, IsShortWhenNineTenthsAreInUse) {
  base::Stats stats;
  Memory enough(std::uint64_t{1} << 50);
  enough.add_to(stats);
  enough.look();
  EXPECT_FALSE(base::memory_is_short());
  EXPECT_EQ(stats.value("shmem:total_size"), std::uint64_t{1} << 50);
  EXPECT_GT(stats.value("shmem:used_size").value_or(0), 0U);
  EXPECT_EQ(stats.value("shmem:max_used_size"), stats.value("shmem:used_size"));

  Memory little(1 << 16);
  little.look();
  EXPECT_TRUE(base::memory_is_short());
  enough.look();
  EXPECT_FALSE(base::memory_is_short());
}

TEST(Memory, IsLookedAtByAThreadOfItsOwn) {
  Memory little(1 << 16);
  {
    const std::jthread watching([&](const std::stop_token& stop) { little.watch(stop); });
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!base::memory_is_short() && std::chrono::steady_clock::now() < limit) {
      std::this_thread::yield();
    }
  }
  EXPECT_TRUE(base::memory_is_short());
  Memory(std::uint64_t{1} << 50).look();
}

TEST(Memory, OfTheMachineIsTheLimitIfNothingElseSays) {
  EXPECT_GT(Memory(0).limit(), 1U << 20);
}

}  // namespace
}  // namespace opensips::manage
