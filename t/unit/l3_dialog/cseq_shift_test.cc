#include "l3_dialog/cseq_shift.hh"

#include <gtest/gtest.h>

namespace opensips::dialog {
namespace {

TEST(CSeqShift, LeavesNumbersAloneUntilOneIsTaken) {
  const CSeqShift shift;
  EXPECT_EQ(shift.amount(), 0u);
  EXPECT_EQ(shift.forth(7), 7u);
  EXPECT_EQ(shift.back(7), 7u);
}

TEST(CSeqShift, GivesTheNextNumberAndMovesThoseBehindIt) {
  CSeqShift shift;
  EXPECT_EQ(shift.take_next(5), 6u);
  EXPECT_EQ(shift.forth(6), 7u);
  EXPECT_EQ(shift.back(7), 6u);
  EXPECT_EQ(shift.take_next(5), 7u);  // two in a row
  EXPECT_EQ(shift.forth(6), 8u);
  EXPECT_EQ(shift.back(8), 6u);
}

TEST(CSeqShift, KnowsHowItWasForWhatIsUnderWay) {
  CSeqShift shift;
  shift.take_next(5);
  EXPECT_EQ(shift.forth(6), 7u);
  EXPECT_EQ(shift.take_next(6), 8u);
  EXPECT_EQ(shift.forth(7), 9u);
  EXPECT_EQ(shift.forth(6), 7u) << "the ACK of what went before";
  EXPECT_EQ(shift.back(7), 6u);
  EXPECT_EQ(shift.forth(5), 5u);
  EXPECT_EQ(shift.back(5), 5u);
}

TEST(CSeqShift, OfASideThatHasSentNothingBeginsAtOne) {
  CSeqShift shift;
  EXPECT_EQ(shift.take_next(0), 1u);
  EXPECT_EQ(shift.forth(102), 103u);
  EXPECT_EQ(shift.back(103), 102u);
}

TEST(CSeqShift, GoesOnAfterARestart) {
  CSeqShift shift;
  shift.restore(9, 3);
  EXPECT_EQ(shift.forth(10), 13u);
  EXPECT_EQ(shift.back(13), 10u);
  EXPECT_EQ(shift.take_next(9), 13u);
}

}  // namespace
}  // namespace opensips::dialog
