#include "perl/pool.hh"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

namespace opensips::perl {
namespace {

using std::chrono::milliseconds;

/// A job that runs until it is let go, and says what happens to it.
class Held : public Pool::Job {
 public:
  void perform(unsigned) override {
    begun_.set_value();
    go_.get_future().wait();
    done_.set_value();
  }
  void interrupt(unsigned) override {
    if (++interrupts_ == 2) interrupted_.set_value();
  }
  void give_up(bool begun) override { given_up_.set_value(begun); }

  void wait_begun() { begun_.get_future().wait(); }
  void wait_done() { done_.get_future().wait(); }
  void wait_interrupted_again() { interrupted_.get_future().wait(); }
  bool wait_given_up() { return given_up_.get_future().get(); }
  void let_go() { go_.set_value(); }

 private:
  std::promise<void> begun_, go_, done_, interrupted_;
  std::promise<bool> given_up_;
  std::atomic<int> interrupts_ = 0;
};

constexpr milliseconds kLong{60'000};

TEST(PerlPool, RefusesWhatItsQueueHasNoRoomFor) {
  Pool pool({.threads = 1, .queue = 1, .limit = kLong});
  const auto first = std::make_shared<Held>(), second = std::make_shared<Held>();
  ASSERT_TRUE(pool.submit(first));
  first->wait_begun();
  EXPECT_TRUE(pool.submit(second));
  EXPECT_FALSE(pool.submit(std::make_shared<Held>()));
  EXPECT_EQ(pool.counts().refused, 1U);
  EXPECT_EQ(pool.counts().waiting, 1U);
  EXPECT_EQ(pool.counts().busy, 1U);
  first->let_go();
  second->wait_begun();
  second->let_go();
  second->wait_done();
  EXPECT_EQ(pool.counts().jobs, 2U);
}

/// One that was begun, and given up since it did not end; others may have been late before that.
std::shared_ptr<Held> stuck_in(Pool& pool) {
  for (;;) {
    auto job = std::make_shared<Held>();
    EXPECT_TRUE(pool.submit(job));
    if (job->wait_given_up()) return job;
  }
}

TEST(PerlPool, InterruptsAndGivesUpWhatRunsForTooLong) {
  Pool pool({.threads = 1, .queue = 1, .limit = milliseconds(5)});
  const auto job = stuck_in(pool);
  job->wait_interrupted_again();
  EXPECT_GE(pool.counts().late, 1U);
  job->let_go();
  job->wait_done();
}

TEST(PerlPool, GivesUpWhatNoThreadIsFreeFor) {
  Pool pool({.threads = 1, .queue = 1, .limit = milliseconds(5)});
  const auto first = stuck_in(pool), second = std::make_shared<Held>();
  ASSERT_TRUE(pool.submit(second));
  EXPECT_FALSE(second->wait_given_up());
  first->let_go();
}

TEST(PerlPool, StopsWithoutWhatWaitsAndLeavesWhatIsStuck) {
  std::shared_ptr<Held> stuck;
  {
    Pool pool({.threads = 1, .queue = 1, .limit = milliseconds(5)});
    stuck = stuck_in(pool);
    static_cast<void>(pool.submit(std::make_shared<Held>()));
    EXPECT_EQ(pool.stop(), std::vector<unsigned>{0});
    EXPECT_FALSE(pool.submit(std::make_shared<Held>()));
  }
  stuck->let_go();
  stuck->wait_done();
}

}  // namespace
}  // namespace opensips::perl
