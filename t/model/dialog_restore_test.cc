// A dialog that outlives its process: what is kept of it is enough for all that comes later.

#include <gtest/gtest.h>

#include "model/dialog_call.hh"

namespace opensips::model {
namespace {

using dialog::Change;
using dialog::Party;

constexpr std::int64_t kWall = 1'700'000'000'000;  // in milliseconds

/// Notes what it is told.
class Notes final : public dialog::DialogStore {
 public:
  void changed(const dialog::Dialog& dialog, Change change) override {
    changes.push_back(change);
    did = dialog.did;
  }
  void missed(std::string_view) override {}
  std::vector<Change> changes;
  std::uint64_t did = 0;
};

TEST(DialogRestore, GoesOnWithItsCountsItsLifetimeAndItsRequests) {
  DialogCall before({.lifetime = 100'000});
  before.establish();
  auto& old = *before.dialog();
  ASSERT_TRUE(before.dialogs().set_profile(old, "calls", "alice"));
  ASSERT_TRUE(before.dialogs().set_var(old, "account", "a-7"));
  before.from_caller("INFO", 5);
  before.model.advance(40'000);
  const auto kept = before.dialogs().snapshot(old, kWall);

  DialogCall after;
  after.invites = before.invites;
  ASSERT_TRUE(after.dialogs().restore(kept, kWall + 10'000));
  auto* const found = after.dialogs().table().find_did(kept.did);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found->var("account"), "a-7");
  EXPECT_EQ(after.dialogs().profiles().size("calls", "alice"), 1u);
  EXPECT_EQ(after.model.stat("dialog:active_dialogs"), 1u);
  EXPECT_TRUE(after.from_caller("INFO", 4).at(0).starts_with("SIP/2.0 500 "));
  EXPECT_TRUE(after.from_callee("INFO", 1).at(0).starts_with("INFO sip:caller@"));
  after.model.advance(49'000);
  EXPECT_EQ(after.model.stat("dialog:active_dialogs"), 1u);
  after.model.advance(2'000);
  EXPECT_EQ(after.model.stat("dialog:active_dialogs"), 0u);
  EXPECT_EQ(after.dialogs().profiles().size("calls"), 0u);
}

TEST(DialogRestore, KnowsWhatWasSentInTheNameOfASide) {
  DialogCall before({.ping_interval = 10'000, .ping_caller = false});
  before.establish();
  before.model.advance(10'010);
  before.model.take();
  const auto kept = before.dialogs().snapshot(*before.dialog(), kWall);
  EXPECT_EQ(kept.caller.cseq, 1u);
  EXPECT_EQ(kept.caller.sent, 2u);

  DialogCall after;
  after.invites = before.invites;
  ASSERT_TRUE(after.dialogs().restore(kept, kWall));
  EXPECT_EQ(values(after.from_caller("INFO", 2).at(0), "CSeq").at(0), "3 INFO");
}

TEST(DialogRestore, LeavesOutWhatIsOver) {
  DialogCall before({.lifetime = 100'000});
  before.establish();
  const auto kept = before.dialogs().snapshot(*before.dialog(), kWall);
  DialogCall after;
  EXPECT_FALSE(after.dialogs().restore(kept, kWall + 101'000));
  EXPECT_TRUE(after.dialogs().none());
}

TEST(DialogRestore, EndsInTheSameSecondAfterManyRestarts) {
  DialogCall first({.lifetime = 100'000});
  first.establish();
  const auto begin = first.dialogs().snapshot(*first.dialog(), kWall + 499);
  auto kept = begin;
  std::int64_t wall_ms = kWall + 499;
  for (int restart = 0; restart < 20; ++restart) {
    DialogCall next;
    ASSERT_TRUE(next.dialogs().restore(kept, wall_ms));
    next.model.advance(1'730);
    wall_ms += 1'730;
    kept = next.dialogs().snapshot(*next.dialogs().table().find_did(begin.did), wall_ms);
    EXPECT_EQ(kept.life_ends, begin.life_ends);
  }
}

TEST(DialogRestore, GivesTimeToASessionThatCouldNotBeRefreshed) {
  DialogCall before;
  before.establish();
  auto kept = before.dialogs().snapshot(*before.dialog(), kWall);
  kept.session_ends = kWall / 1000 + 5;
  DialogCall after;
  ASSERT_TRUE(after.dialogs().restore(kept, kWall + 60'000));
  after.model.advance(20'000);
  EXPECT_EQ(after.model.stat("dialog:active_dialogs"), 1u);
  after.model.advance(20'000);
  EXPECT_EQ(after.model.stat("dialog:active_dialogs"), 0u);
}

TEST(DialogRestore, WhoKeepsDialogsIsToldOfThoseThatAreEstablished) {
  Notes notes;
  DialogCall call;
  call.dialogs().set_store(&notes);
  call.invite();
  call.answer(180);
  EXPECT_TRUE(notes.changes.empty());
  call.answer(200);
  EXPECT_EQ(notes.changes, std::vector{Change::established});
  EXPECT_EQ(notes.did, call.dialog()->did);
  call.from_caller("ACK", 1);
  call.from_caller("INFO", 2);
  EXPECT_EQ(notes.changes.back(), Change::updated);
  call.from_caller("BYE", 3);
  EXPECT_EQ(notes.changes.back(), Change::ended);

  Notes of_failed;
  DialogCall failed;
  failed.dialogs().set_store(&of_failed);
  failed.invite();
  failed.answer(486);
  EXPECT_TRUE(of_failed.changes.empty());
}

TEST(DialogRestore, ADialogIsSmall) {
  DialogCall call;
  call.establish();
  EXPECT_LE(call.dialog()->footprint(), 1024u);
}

std::int64_t wall_clock = kWall;

TEST(DialogClock, OneThatJumpsEndsNothing) {
  Shared::Options options;
  options.dialogs.wall_ms = [] { return wall_clock; };
  DialogCall call({.lifetime = 100'000}, options);
  call.establish();
  for (const std::int64_t jump : {86'400'000L, -86'400'000L, -10 * 365 * 86'400'000L}) {
    wall_clock += jump;
    call.model.advance(1000);
    EXPECT_EQ(call.model.stat("dialog:active_dialogs"), 1u);
  }
  call.model.advance(98'000);
  EXPECT_EQ(call.model.stat("dialog:expired_dialogs"), 1u);
}

}  // namespace
}  // namespace opensips::model
