#include "loop/pace.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace opensips::loop {
namespace {

constexpr std::uint64_t kUs = 1'000;
constexpr std::uint64_t kMs = 1'000 * kUs;
constexpr std::uint64_t kSecond = 1'000 * kMs;
constexpr std::uint64_t kLongest = 2 * kMs;
constexpr std::uint64_t kWork = 20 * kUs;  // for a message

/// A worker and its clock: messages that have come wait until its next turn.
class Served {
 public:
  explicit Served(std::uint64_t longest_ns = kLongest) : pace_(longest_ns) {}

  /// Gives what has come by the time of the turn: how many there were.
  unsigned turn() {
    now_ = std::max({now_, next_, *came_.begin()});
    const auto began = now_;
    const auto end = came_.upper_bound(began);
    const auto messages = static_cast<unsigned>(std::distance(came_.begin(), end));
    came_.erase(came_.begin(), end);
    now_ += messages * kWork;
    next_ = pace_.next_turn(began, messages);
    turns_ += 1;
    messages_ += messages;
    return messages;
  }
  void comes_at(std::uint64_t at) { came_.insert(at); }
  /// The worker does not run for so long.
  void stand_still(std::uint64_t time) { now_ += time; }
  void forget() { turns_ = messages_ = 0; }

  std::uint64_t now() const { return now_; }
  /// How long the next turn is put off, from the beginning of the last one.
  std::uint64_t next() const { return next_; }
  double per_turn() const { return static_cast<double>(messages_) / static_cast<double>(turns_); }
  std::uint64_t messages() const { return messages_; }
  bool is_idle() const { return came_.empty(); }

 private:
  Pace pace_;
  std::multiset<std::uint64_t> came_;
  std::uint64_t now_ = 5 * kSecond, next_ = 0;
  std::uint64_t turns_ = 0, messages_ = 0;
};

/// So many a second come by chance for so long.
void comes(Served& served, std::uint64_t from, unsigned rate, std::uint64_t time) {
  std::mt19937_64 random{rate + from};  // NOLINT: the same each time
  std::exponential_distribution<> gap(rate / 1e9);
  const auto end = static_cast<double>(from + time);
  auto at = static_cast<double>(from);
  while ((at += gap(random)) < end) served.comes_at(static_cast<std::uint64_t>(at));
}

/// For two seconds, the second of which counts.
void serve(Served& served, unsigned rate) {
  comes(served, served.now(), rate, 2 * kSecond);
  const auto half = served.now() + kSecond;
  while (served.now() < half) served.turn();
  served.forget();
  while (!served.is_idle()) served.turn();
}

/// Messages a second if `outstanding` ones are answered, each by the next one so much later; once
/// that has been found out.
std::uint64_t served_in_a_second(Served& served, unsigned outstanding,
                                 std::uint64_t later = 100 * kUs) {
  for (unsigned i = 0; i < outstanding; ++i) served.comes_at(served.now());
  const auto run_for = [&](std::uint64_t time) {
    const auto end = served.now() + time;
    while (served.now() < end) {
      const unsigned messages = served.turn();
      for (unsigned i = 0; i < messages; ++i) served.comes_at(served.now() + later);
    }
  };
  run_for(10 * kSecond);
  served.forget();
  run_for(kSecond);
  return served.messages();
}

TEST(Pace, WhatComesSeldomWaitsForNobody) {
  for (const unsigned rate : {10U, 100U, 400U}) {
    Served served;
    Served at_once(0);
    serve(served, rate);
    serve(at_once, rate);
    EXPECT_LT(served.per_turn(), at_once.per_turn() * 1.01) << rate;
  }
}

TEST(Pace, MessagesInQuickSuccessionShareATurn) {
  Served served;
  serve(served, 9'000);
  EXPECT_GT(served.per_turn(), 13);
  EXPECT_LE(served.per_turn(), 20);
}

/// What a load generator does: every millisecond what is due, each of which we pass on to somebody
/// who answers at once. One in so many milliseconds its system lets it wait for a dozen, and then
/// all that was due meanwhile comes together.
class Generator {
 public:
  Generator(Served& served, unsigned one_in) : served_(served), one_in_(one_in) {
    tick_ = served.now();
  }

  void run_for(std::uint64_t time) {
    const auto end = served_.now() + time;
    while (served_.now() < end) {
      while (tick_ < served_.now() + 4 * kMs) burst();
      for (unsigned left = served_.turn(); left > 0 && unanswered_ > 0; --left, --unanswered_) {
        served_.comes_at(served_.now() + 50 * kUs);
      }
    }
  }

 private:
  void burst() {
    const unsigned late = one_in_ > 0 && random_() % one_in_ == 0 ? 12 : 1;
    tick_ += late * kMs;
    std::poisson_distribution<unsigned> due(4.5 * late);
    for (unsigned i = due(random_); i > 0; --i, ++unanswered_) served_.comes_at(tick_);
  }

  Served& served_;
  const unsigned one_in_;
  std::mt19937_64 random_{7};  // NOLINT: the same each time
  std::uint64_t tick_;
  unsigned unanswered_ = 0;
};

TEST(Pace, BurstsAndTheirAnswersShareATurn) {
  for (const unsigned one_in : {0U, 100U, 30U}) {
    Served served;
    Generator generator(served, one_in);
    generator.run_for(5 * kSecond);
    served.forget();
    generator.run_for(20 * kSecond);
    EXPECT_GT(served.per_turn(), 14) << one_in;
  }
}

TEST(Pace, NoLongerThanUntilEnoughAreThere) {
  Served served;
  serve(served, 40'000);
  EXPECT_LE(served.per_turn(), Pace::kEnough * 1.5);
}

/// That is no sign of who waits for answers.
TEST(Pace, WhatComesMoreAndLessByTurnsSharesATurn) {
  for (const auto time : {50 * kMs, 100 * kMs, 200 * kMs, 500 * kMs}) {
    Served served;
    for (std::uint64_t at = served.now(), i = 0; at < served.now() + 60 * kSecond; at += time) {
      comes(served, at, i++ % 2 == 0 ? 12'000 : 3'000, time);
    }
    while (!served.is_idle()) served.turn();
    EXPECT_GT(served.per_turn(), 11) << time / kMs;
  }
}

TEST(Pace, WhatHasComeWhileTheWorkerStoodStillSharesATurn) {
  Served served;
  comes(served, served.now(), 4'000, 20 * kSecond);
  while (!served.is_idle()) {
    const auto end = served.now() + 50 * kMs;
    while (!served.is_idle() && served.now() < end) served.turn();
    served.stand_still(50 * kMs);
  }
  EXPECT_GT(served.per_turn(), 11);
}

TEST(Pace, WhoWaitsForAnswersIsNotKeptWaiting) {
  for (const auto longest : {kLongest, 5 * kLongest}) {
    for (const auto later : {100 * kUs, kMs}) {
      for (const unsigned outstanding : {1U, 4U, 8U, 16U, 31U}) {
        Served served(longest);
        Served at_once(0);
        EXPECT_GT(served_in_a_second(served, outstanding, later) * 10,
                  served_in_a_second(at_once, outstanding, later) * 8)
            << outstanding << ", " << later / kUs << " us";
      }
    }
  }
}

TEST(Pace, AfterThoseWhoWaitedOthersShareATurnAgain) {
  Served served;
  served_in_a_second(served, 4);
  while (!served.is_idle()) served.turn();
  for (int i = 0; i < 5; ++i) serve(served, 9'000);
  serve(served, 9'000);
  EXPECT_GT(served.per_turn(), 13);
}

/// Requests one by one, each of which is answered.
TEST(Pace, SoonAfterTheRateHasFallenNothingWaits) {
  for (const auto gap : {5 * kMs, 10 * kMs, 30 * kMs}) {
    Served served;
    serve(served, 9'000);
    for (int i = 0; i < 100; ++i) {
      served.comes_at(served.now() + gap);
      served.turn();
      const auto answer = served.now() + 100 * kUs;
      served.comes_at(answer);
      served.turn();
      const bool waited = served.now() != answer + kWork;
      EXPECT_FALSE(waited && i > 10) << gap / kMs << ", " << i;
    }
  }
}

TEST(Pace, AfterALongPauseNothingWaits) {
  Served served;
  serve(served, 20'000);
  const auto after = served.now() + 50 * kMs;
  for (int i = 0; i < 3; ++i) served.comes_at(after + static_cast<std::uint64_t>(i) * 100 * kUs);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(served.turn(), 1U);
    EXPECT_LE(served.next(), served.now());
  }
}

TEST(Pace, ATurnWithoutMessagesPutsNothingOff) {
  Pace pace(kLongest);
  for (std::uint64_t now = 0; now < kSecond; now += kMs / 10) pace.next_turn(now, 1);
  EXPECT_GT(pace.next_turn(kSecond, 1), kSecond);
  EXPECT_EQ(pace.next_turn(kSecond + 1, 0), kSecond + 1);
}

TEST(Pace, WithoutALimitNothingWaits) {
  Served served(0);
  serve(served, 9'000);
  EXPECT_LT(served.per_turn(), 2);
}

}  // namespace
}  // namespace opensips::loop
