#include "dialplan/text_table.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace opensips::dialplan {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> raw(std::string_view line) {
  std::vector<std::string> out;
  for (const Cell& cell : TextTable::cells(line)) out.emplace_back(cell.raw);
  return out;
}

std::string head_error(std::string_view text) {
  TextTable table(text);
  const auto head = table.head();
  return head ? "none" : std::to_string(head.error().offset) + ": " + head.error().message;
}

TEST(TextTable, NamesItsColumns) {
  TextTable table("id(int,auto) name(string) note(str,null) at(time) \n");
  const auto head = table.head();
  ASSERT_TRUE(head);
  ASSERT_EQ(head->size(), 4U);
  EXPECT_EQ((*head)[0].name, "id");
  EXPECT_EQ((*head)[0].type, TextTable::Type::integer);
  EXPECT_EQ((*head)[1].name, "name");
  EXPECT_EQ((*head)[1].type, TextTable::Type::text);
  EXPECT_EQ((*head)[1].column, 14U);
  EXPECT_EQ((*head)[2].type, TextTable::Type::text);
  EXPECT_EQ((*head)[3].type, TextTable::Type::other);
}

TEST(TextTable, SaysWhatIsWrongWithItsColumns) {
  EXPECT_EQ(head_error(""), "0: expected the names of the columns, as id(int,auto)");
  EXPECT_EQ(head_error("  \n"), "0: expected the names of the columns, as id(int,auto)");
  EXPECT_EQ(head_error("id(int) name"), "8: expected a column and its type, as dpid(int)");
  EXPECT_EQ(head_error("id name(int)"), "0: expected a column and its type, as dpid(int)");
  EXPECT_EQ(head_error("id(int"), "0: expected a column and its type, as dpid(int)");
  EXPECT_EQ(head_error("id(int)name(int)"), "7: expected a blank");
}

TEST(TextTable, GivesLinesThatAreNotEmpty) {
  TextTable table("a(int)\n\n1\r\n\n\n2");
  ASSERT_TRUE(table.head());
  auto line = table.next();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->text, "1");
  EXPECT_EQ(line->number, 3U);
  line = table.next();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->text, "2");
  EXPECT_EQ(line->number, 6U);
  EXPECT_FALSE(table.next());
}

TEST(TextTable, DividesValuesByColonsThatAreNotEscaped) {
  EXPECT_THAT(raw("1:two:3"), ElementsAre("1", "two", "3"));
  EXPECT_THAT(raw("::"), ElementsAre("", "", ""));
  EXPECT_THAT(raw("a\\:b:c"), ElementsAre("a\\:b", "c"));
  EXPECT_THAT(raw("a\\\\:b"), ElementsAre("a\\\\", "b"));
  EXPECT_THAT(raw("a:\\"), ElementsAre("a", "\\"));
  EXPECT_THAT(raw(""), ElementsAre(""));
  EXPECT_EQ(TextTable::cells("ab:c")[1].column, 4U);
}

TEST(Cell, KnowsTheEscapesOfDbText) {
  EXPECT_EQ(Cell{"^\\\\+49\\:\\n\\r\\t"}.text().value_or("error"), "^\\+49:\n\r\t");
  EXPECT_EQ(Cell{"a\\0b"}.text().value_or("error"), std::string("a\0b", 3));
  for (const char* wrong : {"ab\\+", "ab\\"}) {
    const auto text = Cell{wrong}.text();
    ASSERT_FALSE(text) << wrong;
    EXPECT_EQ(text.error().offset, 2U);
  }
}

TEST(Cell, KnowsWhereAByteOfItsTextStands) {
  const Cell cell{"^\\\\+4\\:9"};
  EXPECT_EQ(cell.raw_offset(0), 0U);
  EXPECT_EQ(cell.raw_offset(1), 1U);
  EXPECT_EQ(cell.raw_offset(2), 3U);
  EXPECT_EQ(cell.raw_offset(4), 5U);
  EXPECT_EQ(cell.raw_offset(5), 7U);
  EXPECT_EQ(cell.raw_offset(6), 8U) << "the end";
}

}  // namespace
}  // namespace opensips::dialplan
