#include "l1_parser/edits.hh"

#include <gtest/gtest.h>

#include <string>

#include "base/arena.hh"

namespace opensips::parser {
namespace {

class EditsTest : public testing::Test {
 protected:
  // "+1a" inserted at place 1, "=1b" replaced, "-1" removed.
  std::string list() const {
    std::string text;
    for (const auto* edit = edits_.first(); edit; edit = edit->next) {
      text += "+=-"[static_cast<int>(edit->kind)] + std::to_string(edit->place);
      text += std::string(edit->value) + " ";
    }
    return text;
  }

  base::Arena arena_{nullptr, 0};
  Edits edits_;
};

TEST_F(EditsTest, AreSortedByPlace) {
  edits_.replace(arena_, 3, "X", "c");
  edits_.insert(arena_, 1, "X", "a");
  edits_.remove(arena_, 0);
  edits_.insert(arena_, 2, "X", "b");
  EXPECT_EQ(list(), "-0 +1a +2b =3c ");
}

TEST_F(EditsTest, KeepTheOrderOfInsertions) {
  edits_.insert(arena_, 1, "X", "b");
  edits_.insert(arena_, 1, "X", "c");
  edits_.insert_first(arena_, 1, "X", "a");
  EXPECT_EQ(list(), "+1a +1b +1c ");
}

TEST_F(EditsTest, PutInsertionsBeforeTheReplacement) {
  edits_.replace(arena_, 1, "X", "r");
  edits_.insert(arena_, 1, "X", "a");
  edits_.insert_first(arena_, 1, "X", "0");
  edits_.remove(arena_, 2);
  edits_.insert(arena_, 2, "X", "b");
  EXPECT_EQ(list(), "+10 +1a =1r +2b -2 ");
}

TEST_F(EditsTest, LetTheLastWordWin) {
  edits_.insert(arena_, 1, "X", "kept");
  edits_.replace(arena_, 1, "X", "a");
  edits_.replace(arena_, 1, "X", "b");
  EXPECT_EQ(list(), "+1kept =1b ");
  edits_.remove(arena_, 1);
  EXPECT_EQ(list(), "+1kept -1 ");
  edits_.replace(arena_, 1, "Via", "c");
  EXPECT_EQ(list(), "+1kept =1c ");
  EXPECT_EQ(edits_.at(1)->name, HeaderName::via);
}

TEST_F(EditsTest, AreFoundByPlace) {
  edits_.insert(arena_, 1, "X", "a");
  edits_.remove(arena_, 2);
  EXPECT_EQ(edits_.at(0), nullptr);
  EXPECT_EQ(edits_.at(1), nullptr);
  EXPECT_EQ(edits_.at(2)->kind, Edits::Edit::Kind::remove);
  EXPECT_EQ(edits_.at(3), nullptr);
}

TEST_F(EditsTest, TakeBackAnInsertion) {
  auto& a = edits_.insert(arena_, 1, "X", "a");
  auto& b = edits_.insert(arena_, 1, "X", "b");
  edits_.insert(arena_, 1, "X", "c");
  edits_.undo(b);
  EXPECT_EQ(list(), "+1a +1c ");
  edits_.undo(a);
  edits_.undo(a);
  EXPECT_EQ(list(), "+1c ");
}

TEST_F(EditsTest, CopyIsChangedWithoutThem) {
  edits_.insert(arena_, 1, "X", "a");
  edits_.insert(arena_, 3, "X", "b");
  edits_.set_uri("sip:b");
  auto copy = edits_.copy(arena_);
  copy.insert(arena_, 2, "X", "c");
  copy.insert(arena_, 4, "X", "d");
  EXPECT_EQ(list(), "+1a +3b ");
  edits_ = copy;
  EXPECT_EQ(list(), "+1a +2c +3b +4d ");
  EXPECT_EQ(edits_.uri(), "sip:b");
}

TEST_F(EditsTest, HaveAnEmptyBodyToo) {
  EXPECT_FALSE(edits_.has_body());
  edits_.set_body("");
  EXPECT_TRUE(edits_.has_body());
}

}  // namespace
}  // namespace opensips::parser
