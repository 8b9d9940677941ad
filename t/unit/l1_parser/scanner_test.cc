#include "l1_parser/scanner.hh"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace opensips::parser {
namespace {

struct Scan {
  std::vector<std::string> names;
  std::vector<std::string> values;
  std::vector<HeaderLine> lines;
  bool complete;
  std::string body;
};

Scan scan(std::string_view bytes) {
  HeaderScanner scanner(bytes, 0);
  Scan result;
  HeaderLine line;
  while (scanner.next(line)) {
    result.names.emplace_back(line.name());
    result.values.emplace_back(line.value());
    result.lines.push_back(line);
  }
  result.complete = scanner.complete();
  result.body = bytes.substr(scanner.offset());
  return result;
}

TEST(Scanner, CutsTheStartLineFromCrlfAndFromLf) {
  for (const std::string text : {"A b c\r\nX: 1\r\n", "A b c\nX: 1\r\n", "\r\n\n\r\nA b c\r\nX"}) {
    HeaderScanner scanner(text);
    EXPECT_EQ(scanner.start_line(), "A b c") << text;
    EXPECT_EQ(text[scanner.offset()], 'X');
  }
}

TEST(Scanner, HasNoStartLineWithoutALineEnd) {
  for (const std::string text : {"", "\r\n", "INVITE sip:a@b SIP/2.0", "A b c\r"}) {
    EXPECT_EQ(HeaderScanner(text).start_line(), std::nullopt) << text;
  }
}

TEST(Scanner, TakesTheWhiteSpaceOffNamesAndValues) {
  const auto found = scan("Via:a\r\nTo  :  b \t\r\nX\t:\tc\nEmpty:\r\nBlank:  \r\n\r\nbody");
  EXPECT_EQ(found.names, (std::vector<std::string>{"Via", "To", "X", "Empty", "Blank"}));
  EXPECT_EQ(found.values, (std::vector<std::string>{"a", "b", "c", "", ""}));
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.body, "body");
}

TEST(Scanner, ContinuesALineThatIsFolded) {
  const auto found = scan("A: 1\r\n 2\r\n\t3\r\nB:\n  4\nC: 5\r\n \r\nD: 6\r\n\r\n");
  EXPECT_EQ(found.values, (std::vector<std::string>{"1\r\n 2\r\n\t3", "4", "5", "6"}));
  EXPECT_TRUE(found.lines[0].folded);
  EXPECT_TRUE(found.lines[1].folded);
  EXPECT_TRUE(found.lines[2].folded);
  EXPECT_FALSE(found.lines[3].folded);
  EXPECT_EQ(found.lines[0].line(), "A: 1\r\n 2\r\n\t3\r\n");
}

TEST(Scanner, EndsAtTheEmptyLineWhateverItsLineEnd) {
  for (const std::string text :
       {"A: 1\r\n\r\nrest", "A: 1\n\nrest", "A: 1\r\n\nrest", "A: 1\n\r\nrest"}) {
    const auto found = scan(text);
    EXPECT_TRUE(found.complete);
    EXPECT_EQ(found.body, "rest");
  }
}

TEST(Scanner, IsIncompleteWithoutTheEmptyLine) {
  for (const std::string text : {"", "A: 1", "A: 1\r", "A: 1\r\n", "A: 1\r\n\r", "A: 1\r\n B"}) {
    const auto found = scan(text);
    EXPECT_FALSE(found.complete) << text;
    EXPECT_EQ(found.body, "") << text;
  }
  EXPECT_EQ(scan("A: 1\r\nB: 2").values, (std::vector<std::string>{"1"}));
}

TEST(Scanner, MarksWhatIsNoHeader) {
  for (const std::string text : {"no colon\r\n", ": x\r\n", " : x\r\n", " X: fold of nothing\r\n",
                                 "X\r\n : x\r\n", "X: a\rb\r\n", "X: a\r\r\n", "\rX: a\r\n"}) {
    const auto found = scan(text + "Y: 2\r\n\r\n");
    ASSERT_EQ(found.lines.size(), 2U) << text;
    EXPECT_TRUE(found.lines[0].bad) << text;
    EXPECT_FALSE(found.lines[1].bad) << text;
    EXPECT_TRUE(found.complete) << text;
  }
}

TEST(Scanner, TellsOfControlBytesButNotOfTabs) {
  const std::string text("A: a\tb\r\nB: a\0b\r\nC: \x01\r\nD: d\r\n\r\n", 30);
  const auto found = scan(text);
  ASSERT_EQ(found.lines.size(), 4U);
  EXPECT_FALSE(found.lines[0].control);
  EXPECT_TRUE(found.lines[1].control);
  EXPECT_TRUE(found.lines[2].control);
  EXPECT_FALSE(found.lines[3].control);
  EXPECT_FALSE(found.lines[1].bad);
}

TEST(Scanner, FindsLineEndsAndColonsAtEveryDistance) {
  for (std::size_t name = 1; name < 40; ++name) {
    for (std::size_t value = 0; value < 40; ++value) {
      const std::string text = std::string(name, 'n') + ":" + std::string(value, 'v') + "\r\n\r\n";
      const auto found = scan(text);
      ASSERT_EQ(found.lines.size(), 1U);
      EXPECT_EQ(found.names[0].size(), name);
      EXPECT_EQ(found.values[0].size(), value);
    }
  }
}

}  // namespace
}  // namespace opensips::parser
