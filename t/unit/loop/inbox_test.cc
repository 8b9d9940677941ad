#include "loop/inbox.hh"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace opensips::loop {
namespace {

bool readable(const Inbox& inbox, int timeout_ms = 0) {
  pollfd entry{inbox.wake_fd(), POLLIN, 0};
  return poll(&entry, 1, timeout_ms) == 1;
}

/// Says how it ended.
class Recorder final : public InboxItem {
 public:
  Recorder(std::string& ends, char name) : ends_(ends), name_(name) {}
  void run() override {
    ends_ += {'+', name_};
    delete this;
  }
  void drop() override {
    ends_ += {'-', name_};
    delete this;
  }

 private:
  std::string& ends_;
  char name_;
};

InboxItem::Ptr item(std::string& ends, char name) {
  return InboxItem::Ptr(new Recorder(ends, name));
}

TEST(Inbox, RunsItemsInTheOrderTheyWerePosted) {
  std::string ends;
  Inbox inbox(10);
  for (char name : {'a', 'b', 'c'}) inbox.post(item(ends, name));
  EXPECT_EQ(inbox.size(), 3U);
  EXPECT_FALSE(inbox.drain(100));
  EXPECT_EQ(ends, "+a+b+c");
  EXPECT_EQ(inbox.size(), 0U);
}

TEST(Inbox, RunsCallables) {
  Inbox inbox(10);
  int sum = 0;
  auto owned = std::make_unique<int>(5);
  inbox.post([&sum, owned = std::move(owned)] { sum += *owned; });
  EXPECT_TRUE(inbox.try_post([&sum] { sum += 2; }));
  inbox.drain(100);
  EXPECT_EQ(sum, 7);
}

TEST(Inbox, StopsAtTheBudgetAndComesAgain) {
  std::string ends;
  Inbox inbox(10);
  for (char name : {'a', 'b', 'c'}) inbox.post(item(ends, name));
  EXPECT_TRUE(inbox.drain(2));
  EXPECT_EQ(ends, "+a+b");
  EXPECT_EQ(inbox.size(), 1U);
  EXPECT_TRUE(readable(inbox));
  inbox.post(item(ends, 'd'));
  EXPECT_FALSE(inbox.drain(2));
  EXPECT_EQ(ends, "+a+b+c+d");
  EXPECT_FALSE(readable(inbox));
}

TEST(Inbox, BecomesReadableWhenSomethingComes) {
  std::string ends;
  Inbox inbox(10);
  EXPECT_FALSE(readable(inbox));
  for (int round = 0; round < 3; ++round) {
    inbox.post(item(ends, 'a'));
    EXPECT_TRUE(readable(inbox));
    inbox.drain(100);
    EXPECT_FALSE(readable(inbox));
    EXPECT_FALSE(inbox.drain(100));  // with nothing in it
    EXPECT_FALSE(readable(inbox));
  }
}

TEST(Inbox, WakesForABurstOnceWhenItIsFlushed) {
  std::string ends;
  Inbox inbox(10);
  inbox.flush();
  EXPECT_FALSE(readable(inbox));
  inbox.post(item(ends, 'a'), Wake::at_flush);
  EXPECT_TRUE(inbox.try_post([] {}, Wake::at_flush));
  EXPECT_FALSE(readable(inbox));
  inbox.flush();
  EXPECT_TRUE(readable(inbox));
  inbox.drain(100);
  inbox.flush();
  EXPECT_FALSE(readable(inbox));
  EXPECT_EQ(ends, "+a");
}

TEST(Inbox, DoesNotLetTheUrgentWaitForAFlush) {
  std::string ends;
  Inbox inbox(10);
  inbox.post(item(ends, 'a'), Wake::at_flush);
  inbox.post(item(ends, 'b'));
  EXPECT_TRUE(readable(inbox));
  inbox.drain(100);
  EXPECT_EQ(ends, "+a+b");
}

TEST(Inbox, RunsWhatAnItemPostsWithoutAnotherWake) {
  std::string order;
  Inbox inbox(10);
  inbox.post([&] {
    order += '1';
    inbox.post([&] { order += '2'; });
  });
  EXPECT_FALSE(inbox.drain(100));
  EXPECT_EQ(order, "12");
  EXPECT_FALSE(readable(inbox));
}

TEST(Inbox, DoesNotLetAnItemThatPostsItselfKeepTheTurn) {
  struct Again {
    Inbox& inbox;
    int& runs;
    void operator()() const {
      ++runs;
      inbox.post(*this);
    }
  };
  int runs = 0;
  Inbox inbox(10);
  inbox.post(Again{inbox, runs});
  EXPECT_TRUE(inbox.drain(5));
  EXPECT_EQ(runs, 5);
}

TEST(Inbox, RefusesMessagesAtTheLimitAndLeavesThemWithTheCaller) {
  std::string ends;
  Inbox inbox(2);
  auto a = item(ends, 'a'), b = item(ends, 'b'), c = item(ends, 'c');
  EXPECT_TRUE(inbox.try_post(a));
  EXPECT_TRUE(inbox.try_post(b));
  EXPECT_FALSE(inbox.try_post(c));
  EXPECT_EQ(a, nullptr);
  EXPECT_NE(c, nullptr);
  EXPECT_FALSE(inbox.try_post([] { FAIL(); }));
  EXPECT_EQ(inbox.refused(), 2U);
  EXPECT_EQ(ends, "");
  inbox.drain(100);
  EXPECT_TRUE(inbox.try_post(c));
  inbox.drain(100);
  EXPECT_EQ(ends, "+a+b+c");
}

TEST(Inbox, NeverRefusesResults) {
  std::string ends;
  Inbox inbox(1);
  for (char name : {'a', 'b', 'c'}) inbox.post(item(ends, name));
  EXPECT_EQ(inbox.size(), 3U);
  inbox.drain(100);
  EXPECT_EQ(ends, "+a+b+c");
}

TEST(Inbox, DropsWhatNobodyTook) {
  std::string ends;
  {
    Inbox inbox(10);
    for (char name : {'a', 'b', 'c'}) inbox.post(item(ends, name));
    inbox.drain(1);
    inbox.post(item(ends, 'd'));
  }
  EXPECT_EQ(ends, "+a-b-c-d");
}

TEST(Inbox, KeepsTheOrderOfEachOfManyProducersAndLosesNothing) {
  constexpr unsigned kProducers = 4;
  constexpr unsigned kEach = 100'000;
  Inbox inbox(1000);
  std::array<unsigned, kProducers> next{};  // the consumer's
  unsigned out_of_order = 0;
  std::array<unsigned, kProducers> refused{};
  std::vector<std::jthread> producers;
  for (unsigned producer = 0; producer < kProducers; ++producer) {
    producers.emplace_back([&, producer] {
      for (unsigned n = 0; n < kEach; ++n) {
        auto check = [&next, &out_of_order, producer, n] {
          if (next[producer]++ != n) ++out_of_order;
        };
        const Wake wake = n / 16 % 2 == 0 ? Wake::now : Wake::at_flush;
        if (n % 2 == 0) {
          inbox.post(check, wake);
        } else {
          while (!inbox.try_post(check, wake)) {
            ++refused[producer];
            inbox.flush();
            std::this_thread::yield();
          }
        }
        if (n % 32 == 31) inbox.flush();
      }
    });
  }
  // The consumer trusts the descriptor alone: a lost wake ends in the timeout.
  unsigned turns = 0;
  auto total = [&] { return next[0] + next[1] + next[2] + next[3]; };
  while (total() < kProducers * kEach) {
    ASSERT_TRUE(readable(inbox, 20'000)) << "lost a wake after " << total();
    inbox.drain(64 + turns++ % 64);
  }
  producers.clear();
  EXPECT_EQ(out_of_order, 0U);
  EXPECT_EQ(inbox.size(), 0U);
  EXPECT_EQ(inbox.refused(), refused[0] + refused[1] + refused[2] + refused[3]);
}

TEST(Inbox, WakesASleepingConsumerEveryTime) {
  constexpr int kRounds = 5'000;
  Inbox there(10), back(10);
  int got = 0;  // the other thread's
  std::jthread other([&] {
    while (got < kRounds && readable(there, 20'000)) there.drain(10);
  });
  int returned = 0;
  for (int round = 0; round < kRounds; ++round) {
    there.post([&] {
      ++got;
      back.post([&] { ++returned; });
    });
    while (returned == round) {
      ASSERT_TRUE(readable(back, 20'000)) << round;
      back.drain(10);
    }
  }
  EXPECT_EQ(returned, kRounds);
}

}  // namespace
}  // namespace opensips::loop
