#include "l6_location/aor_turns.hh"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "l6_location/contact_notes.hh"

namespace opensips::location {
namespace {

class Turns : public ::testing::Test {
 protected:
  bool take(int who) {
    return turns.take("a@x", mailbox, [this, who](AorTurns::Turn turn) {
      order.push_back(who);
      held.emplace(std::move(turn));
    });
  }
  void end() {
    held.reset();
    inbox.drain(1000);
  }
  ~Turns() override { mailbox->close(); }

  loop::Inbox inbox{100};
  std::shared_ptr<loop::Mailbox> mailbox = std::make_shared<loop::Mailbox>(inbox);
  AorTurns turns;
  std::optional<AorTurns::Turn> held;
  std::vector<int> order;
};

TEST_F(Turns, OneAtATimeInTheirOrder) {
  for (const int who : {1, 2, 3}) EXPECT_TRUE(take(who));
  EXPECT_EQ(order, (std::vector{1}));
  EXPECT_FALSE(turns.try_take("a@x"));
  EXPECT_TRUE(turns.try_take("b@x"));
  end();
  EXPECT_EQ(order, (std::vector{1, 2}));
  end();
  end();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
  EXPECT_TRUE(turns.try_take("a@x"));
}

TEST_F(Turns, TooManyDoNotWait) {
  EXPECT_TRUE(take(0));
  for (std::size_t i = 0; i < AorTurns::kMostWaiting; ++i) EXPECT_TRUE(take(1));
  EXPECT_FALSE(take(2));
}

TEST_F(Turns, WhoHasGoneIsPassedOver) {
  EXPECT_TRUE(take(1));
  loop::Inbox other(100);
  const auto gone = std::make_shared<loop::Mailbox>(other);
  EXPECT_TRUE(turns.take("a@x", gone, [this](AorTurns::Turn) { order.push_back(99); }));
  EXPECT_TRUE(take(2));
  gone->close();
  end();
  EXPECT_EQ(order, (std::vector{1, 2}));
}

class Notes : public Turns {
 protected:
  std::vector<std::uint64_t> take_ids(std::size_t most) {
    batch = notes.take(most, turns);
    std::vector<std::uint64_t> ids;
    for (const auto& note : batch.notes) ids.push_back(note.id);
    return ids;
  }
  using Ids = std::vector<std::uint64_t>;

  ContactNotes notes;
  ContactNotes::Batch batch;
};

TEST_F(Notes, TheOldestGoFirstAndEachOnce) {
  for (const int id : {1, 2, 1, 3}) EXPECT_TRUE(notes.add(id, "a@x", 100 + id));
  EXPECT_EQ(notes.size(), 3U);
  EXPECT_EQ(notes.lag(201), 100U);
  EXPECT_EQ(take_ids(2), (Ids{1, 2}));
  EXPECT_TRUE(notes.contains(1));
  EXPECT_EQ(notes.lag(201), 100U);
  notes.settle(std::move(batch), true);
  EXPECT_FALSE(notes.contains(1));
  EXPECT_EQ(take_ids(10), (Ids{3}));
  notes.settle(std::move(batch), true);
  EXPECT_EQ(notes.size(), 0U);
  EXPECT_EQ(notes.lag(201), 0U);
}

TEST_F(Notes, WhatWasNotWrittenWaitsAgainInFront) {
  for (const int id : {1, 2, 3}) notes.add(id, "a@x", 100);
  EXPECT_EQ(take_ids(2), (Ids{1, 2}));
  notes.add(2, "a@x", 300);  // changed meanwhile
  notes.settle(std::move(batch), false);
  EXPECT_EQ(take_ids(10), (Ids{1, 3, 2}));
}

TEST_F(Notes, AnAorThatSomebodyWritesIsLeftOut) {
  EXPECT_TRUE(take(1));
  notes.add(1, "a@x", 100);
  notes.add(2, "b@x", 100);
  EXPECT_EQ(take_ids(10), (Ids{2}));
  EXPECT_FALSE(turns.try_take("b@x"));
  notes.settle(std::move(batch), true);
  EXPECT_TRUE(turns.try_take("b@x"));
  held.reset();
  EXPECT_EQ(take_ids(10), (Ids{1}));
}

}  // namespace
}  // namespace opensips::location
