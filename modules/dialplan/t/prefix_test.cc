#include "dialplan/prefix.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace opensips::dialplan {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(LiteralPrefixes, AreWhatStandsBehindTheAnchor) {
  EXPECT_THAT(literal_prefixes("^4930"), ElementsAre("4930"));
  EXPECT_THAT(literal_prefixes("^4930$"), ElementsAre("4930"));
  EXPECT_THAT(literal_prefixes("^4930.*"), ElementsAre("4930"));
  EXPECT_THAT(literal_prefixes("^4930(.*)$"), ElementsAre("4930"));
  EXPECT_THAT(literal_prefixes("^49 30-#_:,;!@%&<>=\"'"), ElementsAre("49 30-#_:,;!@%&<>=\"'"));
}

TEST(LiteralPrefixes, KnowEscapedCharacters) {
  EXPECT_THAT(literal_prefixes("^\\+4930"), ElementsAre("+4930"));
  EXPECT_THAT(literal_prefixes("^\\*21\\*\\#\\\\"), ElementsAre("*21*#\\"));
}

TEST(LiteralPrefixes, AreFolded) {
  EXPECT_THAT(literal_prefixes("^Alice"), ElementsAre("alice"));
  EXPECT_THAT(literal_prefixes("^[A-C]x"), ElementsAre("ax", "bx", "cx"));
}

TEST(LiteralPrefixes, AreUnknownWithoutAnAnchor) {
  for (const char* text :
       {"", "4930", "4930$", ".*49", "49|^50", "^49|50", "(4)9", "(?m)^49", "x^49", "(^49)?",
        "(^49)*", "^*49", "^?49", "^{0}49", "(^49|50)", "$", "\\^49"}) {
    EXPECT_THAT(literal_prefixes(text), ElementsAre("")) << text;
  }
}

TEST(LiteralPrefixes, AreSeveralOfAlternativesAndClasses) {
  EXPECT_THAT(literal_prefixes("^49|^43"), ElementsAre("43", "49"));
  EXPECT_THAT(literal_prefixes("^(00|\\+)49"), ElementsAre("+49", "0049"));
  EXPECT_THAT(literal_prefixes("^(?:00|\\+)49"), ElementsAre("+49", "0049"));
  EXPECT_THAT(literal_prefixes("^4[39]\\d"), ::testing::SizeIs(20));
  EXPECT_THAT(literal_prefixes("^[2-4]"), ElementsAre("2", "3", "4"));
  EXPECT_THAT(literal_prefixes("^[]-]1"), ElementsAre("-1", "]1"));
  EXPECT_THAT(literal_prefixes("^[+0]"), ElementsAre("+", "0"));
  EXPECT_THAT(literal_prefixes("(^49|^43)1"), ElementsAre("431", "491"));
  EXPECT_THAT(literal_prefixes("^(1(2|3)|4)5"), ElementsAre("125", "135", "45"));
  EXPECT_THAT(literal_prefixes("^(0040|\\+40|0|40)21[0-9]+"),
              UnorderedElementsAre("004021", "+4021", "021", "4021"));
}

TEST(LiteralPrefixes, LeaveOutWhatAnotherOneBegins) {
  EXPECT_THAT(literal_prefixes("^49|^493"), ElementsAre("49"));
  EXPECT_THAT(literal_prefixes("^490?"), ElementsAre("49"));
}

TEST(LiteralPrefixes, KnowQuantifiers) {
  EXPECT_THAT(literal_prefixes("^0?49"), ElementsAre("049", "49"));
  EXPECT_THAT(literal_prefixes("^0??49"), ElementsAre("049", "49"));
  EXPECT_THAT(literal_prefixes("^0+49"), ElementsAre("0"));
  EXPECT_THAT(literal_prefixes("^10*49"), ElementsAre("1"));
  EXPECT_THAT(literal_prefixes("^0{2}49"), ElementsAre("0049"));
  EXPECT_THAT(literal_prefixes("^0{2}+49"), ElementsAre("0049"));
  EXPECT_THAT(literal_prefixes("^0{1,2}49"), ElementsAre("0"));
  EXPECT_THAT(literal_prefixes("^0{2,}49"), ElementsAre("00"));
  EXPECT_THAT(literal_prefixes("^10{0}49"), ElementsAre("149"));
  EXPECT_THAT(literal_prefixes("^1(23)?4"), ElementsAre("1234", "14"));
  EXPECT_THAT(literal_prefixes("^1(23)+4"), ElementsAre("123"));
  EXPECT_THAT(literal_prefixes("^1(2|3){2}4"), ElementsAre("1224", "1234", "1324", "1334"));
}

TEST(LiteralPrefixes, EndWhereTheExpressionIsNotUnderstood) {
  EXPECT_THAT(literal_prefixes("^493(?=x)"), ElementsAre("49"));  // the 3 may have a quantifier
  EXPECT_THAT(literal_prefixes("^493\\bx"), ElementsAre("493"));
  EXPECT_THAT(literal_prefixes("^49\\Q3\\E*"), ElementsAre("4"));
  EXPECT_THAT(literal_prefixes("^49\\Q\\E*3"), ElementsAre("4"));
  EXPECT_THAT(literal_prefixes("^49(?#c)*3"), ElementsAre("4"));
  EXPECT_THAT(literal_prefixes("^49[^0]1"), ElementsAre("49"));
  EXPECT_THAT(literal_prefixes("^49[[:digit:]]"), ElementsAre("4"));
  EXPECT_THAT(literal_prefixes("^49\\x300"), ElementsAre("4"));
  EXPECT_THAT(literal_prefixes("^49{,2}0"), ElementsAre(""));
  EXPECT_THAT(literal_prefixes("^49((?i)3)"), ElementsAre("4"));
  EXPECT_THAT(literal_prefixes("(^49)(?#c)*"), ElementsAre(""));
}

TEST(LiteralPrefixes, AreUnknownWhenAnAlternativeMayFollowWhatIsNotUnderstood) {
  EXPECT_THAT(literal_prefixes("^49(?=x)|5"), ElementsAre(""));
  EXPECT_THAT(literal_prefixes("^49((?i)3|4)"), ElementsAre(""));
  EXPECT_THAT(literal_prefixes("^49\\Q|5"), ElementsAre(""));
}

TEST(LiteralPrefixes, AreNotMultipliedOnceEnoughIsKnown) {
  EXPECT_THAT(literal_prefixes("^\\+49\\d"), ::testing::SizeIs(10));
  EXPECT_THAT(literal_prefixes("^\\+493\\d1"), ElementsAre("+493"));
  EXPECT_THAT(literal_prefixes("^\\+493[1-3]1"), ElementsAre("+49311", "+49321", "+49331"));
}

TEST(LiteralPrefixes, AreBounded) {
  const std::string digits(100, '7');
  EXPECT_THAT(literal_prefixes("^" + digits), ElementsAre(digits.substr(0, kMaxPrefixLength)));
  EXPECT_THAT(literal_prefixes("^1\\d\\d\\d\\d"), ::testing::SizeIs(10));
  EXPECT_THAT(literal_prefixes("^1[\\x00-\\xff]"), ElementsAre(""));
  EXPECT_THAT(literal_prefixes("^1[!-~]2"), ElementsAre("1"));
  EXPECT_THAT(literal_prefixes("^9{100000}"), ElementsAre(std::string(kMaxPrefixLength, '9')));
  EXPECT_THAT(literal_prefixes("^" + std::string(1000, '(')), ElementsAre(""));
  std::string many = "^1";
  for (int i = 10; i < 60; ++i) many += "|^" + std::to_string(i);
  EXPECT_THAT(literal_prefixes(many), ElementsAre(""));
}

}  // namespace
}  // namespace opensips::dialplan
