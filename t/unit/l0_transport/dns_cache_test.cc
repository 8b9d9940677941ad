#include "l0_transport/dns_cache.hh"

#include <gtest/gtest.h>

#include "script_test/fake_names.hh"

namespace opensips::transport {
namespace {

using Status = DnsAnswer::Status;

class DnsCacheTest : public ::testing::Test, public DnsCache::Waiter {
 protected:
  struct Other final : DnsCache::Waiter {
    void answered(const DnsAnswer&) override { ++told; }
    int told = 0;
  };

  void answered(const DnsAnswer& answer) override { heard.push_back(answer.status); }
  static DnsQuestion a(const std::string& name) { return {name, DnsType::a}; }
  /// Asks unless it is known, and has the answer come.
  void look_up(const std::string& name) {
    if (!cache.find(a(name))) cache.ask(a(name), *this);
    names.answer();
    context.run_deferred();
  }
  void pass(std::uint64_t ms) { context.timers.advance(now += ms); }
  std::uint64_t stat(std::string_view name) { return stats.value(name).value_or(0); }

  std::uint64_t now = 1000;
  base::Stats stats;
  loop::Context context{0, 1, 1000, stats};
  FakeNames names;
  DnsCache cache{
      context,
      &names,
      {.size = 3, .shortest = 1000, .longest = 100'000, .longest_none = 5000, .questions = 2}};
  std::vector<Status> heard;
};

TEST_F(DnsCacheTest, AnswerIsKeptForItsTtl) {
  names.address("host", "192.0.2.1", 10);
  look_up("host");
  pass(9990);
  look_up("host");
  EXPECT_EQ(names.asked.size(), 1U);
  pass(10);
  look_up("host");
  EXPECT_EQ(names.asked.size(), 2U);
  EXPECT_EQ(stat("net:dns_queries"), 2U);
  EXPECT_EQ(stat("net:dns_hits"), 1U);
  EXPECT_EQ(stat("net:dns_misses"), 2U);
}

TEST_F(DnsCacheTest, TtlIsBoundedFromBothSides) {
  names.address("short", "192.0.2.1", 0);
  names.address("long", "192.0.2.1", 1'000'000);
  look_up("short");
  look_up("long");
  pass(990);
  EXPECT_TRUE(cache.find(a("short")));
  pass(10);
  EXPECT_FALSE(cache.find(a("short")));
  pass(98'990);
  EXPECT_TRUE(cache.find(a("long")));
  pass(10);
  EXPECT_FALSE(cache.find(a("long")));
}

TEST_F(DnsCacheTest, ThatThereIsNothingIsKeptLessLong) {
  look_up("nobody");
  EXPECT_EQ(heard, std::vector{Status::no_name});
  pass(4990);
  EXPECT_EQ(cache.find(a("nobody"))->status, Status::no_name);
  pass(10);
  EXPECT_FALSE(cache.find(a("nobody")));
}

TEST_F(DnsCacheTest, FailureIsKeptForAMomentAndCounted) {
  names.failure("dead", DnsType::a, Status::timed_out);
  names.failure("mad", DnsType::a, Status::malformed);
  look_up("dead");
  look_up("mad");
  EXPECT_EQ(stat("net:dns_timeouts"), 1U);
  EXPECT_EQ(stat("net:dns_failures"), 1U);
  EXPECT_TRUE(cache.find(a("dead")));
  pass(2000);
  EXPECT_FALSE(cache.find(a("dead")));
}

TEST_F(DnsCacheTest, AllWhoWaitHearTheSameAnswer) {
  Other other;
  {
    Other gone;
    cache.ask(a("host"), gone);
    cache.ask(a("host"), other);
    cache.ask(a("host"), *this);
  }
  EXPECT_EQ(names.asked.size(), 1U);
  names.answer();
  EXPECT_EQ(other.told, 1);
  EXPECT_EQ(heard.size(), 1U);
}

TEST_F(DnsCacheTest, AnswerThatNobodyWaitsForIsKept) {
  names.address("host", "192.0.2.1");
  {
    Other gone;
    cache.ask(a("host"), gone);
  }
  names.answer();
  EXPECT_TRUE(cache.find(a("host")));
}

TEST_F(DnsCacheTest, OldestGoesWhenItIsFull) {
  for (const auto* name : {"a", "b", "c"}) names.address(name, "192.0.2.1");
  for (const auto* name : {"a", "b", "c"}) look_up(name);
  EXPECT_TRUE(cache.find(a("a")));  // and so is younger than the others
  look_up("d");
  EXPECT_TRUE(cache.find(a("a")));
  EXPECT_FALSE(cache.find(a("b")));
  EXPECT_EQ(stat("net:dns_cached"), 3U);
}

TEST_F(DnsCacheTest, TooManyQuestionsFailAtOnceAndAreNotRemembered) {
  Other other;
  cache.ask(a("a"), other);
  Other another;
  cache.ask(a("b"), another);
  cache.ask(a("c"), *this);
  EXPECT_TRUE(heard.empty());  // not inside the call
  context.run_deferred();
  EXPECT_EQ(heard, std::vector{Status::busy});
  EXPECT_EQ(names.asked.size(), 2U);
  EXPECT_FALSE(cache.find(a("c")));
}

TEST_F(DnsCacheTest, FlushForgetsAll) {
  names.address("host", "192.0.2.1");
  look_up("host");
  cache.flush();
  EXPECT_FALSE(cache.find(a("host")));
  EXPECT_EQ(stat("net:dns_cached"), 0U);
}

TEST(DnsCacheWithoutNames, SaysThatNobodyCanBeReached) {
  base::Stats stats;
  loop::Context context{0, 1, 1000, stats};
  DnsCache cache(context, nullptr, {});
  struct Waiter final : DnsCache::Waiter {
    void answered(const DnsAnswer& answer) override { status = answer.status; }
    Status status = Status::found;
  } waiter;
  cache.ask({"host", DnsType::a}, waiter);
  context.run_deferred();
  EXPECT_EQ(waiter.status, Status::unreachable);
}

}  // namespace
}  // namespace opensips::transport
