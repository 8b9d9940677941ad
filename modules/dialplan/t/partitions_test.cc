#include "dialplan/partitions.hh"

#include <atomic>
#include <thread>

#include "dialplan/t/support.hh"

namespace opensips::dialplan {
namespace {

using testing::output;
using testing::rules_of;

/// Sources whose rules and errors a test sets.
struct Sources {
  std::string first = "1";
  std::string second = "2";
  std::string error;

  Sources() {
    partitions.add("default", [this] { return RuleSource([this] { return made(first); })(); });
    partitions.add("pstn", [this]() -> std::expected<RuleSet, std::string> {
      if (!error.empty()) return std::unexpected(error);
      return made(second);
    });
  }

  std::expected<RuleSet, std::string> made(const std::string& text) {
    return rules_of({{.match_exp = ".", .repl_exp = text}});
  }
  std::string now(std::string_view name) {
    return output(*partitions.find(name)->rules().get(), "x").value_or("none");
  }

  Partitions partitions;
};

TEST(Partitions, AreFoundByName) {
  Sources sources;
  EXPECT_TRUE(sources.partitions.find("pstn"));
  EXPECT_FALSE(sources.partitions.find("pst"));
  EXPECT_FALSE(sources.partitions.add("pstn", nullptr)) << "there is one";
}

TEST(Partitions, HaveNoRulesBeforeTheyAreLoaded) {
  Sources sources;
  EXPECT_EQ(sources.now("pstn"), "none");
  ASSERT_TRUE(sources.partitions.load());
  EXPECT_EQ(sources.now("default"), "1");
  EXPECT_EQ(sources.now("pstn"), "2");
}

TEST(Partitions, AreLoadedAllOrNone) {
  Sources sources;
  ASSERT_TRUE(sources.partitions.load());
  sources.first = "3";
  sources.error = "file:1:2: broken";
  const auto loaded = sources.partitions.load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(), "file:1:2: broken");
  EXPECT_EQ(sources.now("default"), "1");
  EXPECT_EQ(sources.now("pstn"), "2");
}

TEST(Partitions, AreLoadedOneByOneIfAsked) {
  Sources sources;
  ASSERT_TRUE(sources.partitions.load());
  sources.first = "3";
  sources.second = "4";
  sources.error = "";
  ASSERT_TRUE(sources.partitions.load("default"));
  EXPECT_EQ(sources.now("default"), "3");
  EXPECT_EQ(sources.now("pstn"), "2");
  EXPECT_EQ(sources.partitions.load("none").error(), "no partition none");
}

TEST(Partitions, KeepARuleSetAsLongAsSomebodyLooksAtIt) {
  Sources sources;
  ASSERT_TRUE(sources.partitions.load());
  auto held = sources.partitions.find("default")->rules().get();
  const std::weak_ptr<const RuleSet> old = held;
  sources.first = "3";
  ASSERT_TRUE(sources.partitions.load());
  EXPECT_EQ(output(*held, "x"), "1");
  held.reset();
  EXPECT_FALSE(old.expired()) << "freed by the control thread only";
  sources.partitions.free_retired();
  EXPECT_TRUE(old.expired());
}

TEST(Partitions, AreReadWhileTheyAreLoaded) {
  Sources sources;
  ASSERT_TRUE(sources.partitions.load());
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      base::SnapshotReader<RuleSet> rules(sources.partitions.find("default")->rules());
      while (!done) {
        const auto found = output(*rules, "x");
        if (found != "1" && found != "3") ++wrong;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    sources.first = i % 2 == 0 ? "3" : "1";
    ASSERT_TRUE(sources.partitions.load());
  }
  done = true;
  readers.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace opensips::dialplan
