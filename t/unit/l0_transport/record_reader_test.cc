#include "l0_transport/record_reader.hh"

#include <gtest/gtest.h>

#include <vector>

namespace opensips::transport {
namespace {

constexpr std::size_t kMax = 16;

class RecordReaderTest : public ::testing::Test {
 protected:
  void read(std::string_view bytes, bool ends_message) {
    const std::string copy(bytes);  // a sanitizer sees what is read beyond it
    reader.read(copy, ends_message, [&](std::string_view message) { seen.emplace_back(message); });
  }

  RecordReader reader{kMax};
  std::vector<std::string> seen;
};

using Seen = std::vector<std::string>;

TEST_F(RecordReaderTest, WholeMessagesPassAsTheyCome) {
  read("one", true);
  read("\r\n\r\n", true);
  read("two", true);
  EXPECT_EQ(seen, (Seen{"one", "\r\n\r\n", "two"}));
  EXPECT_FALSE(reader.inside());
}

TEST_F(RecordReaderTest, PiecesBecomeOneMessage) {
  read("a", false);
  EXPECT_TRUE(reader.inside());
  EXPECT_TRUE(seen.empty());
  read("b", false);
  read("c", true);
  EXPECT_FALSE(reader.inside());
  read("next", true);
  EXPECT_EQ(seen, (Seen{"abc", "next"}));
}

TEST_F(RecordReaderTest, LastPieceMayBeEmpty) {
  read("abc", false);
  read("", true);
  EXPECT_EQ(seen, (Seen{"abc"}));
}

TEST_F(RecordReaderTest, LongestMessageIsWhole) {
  const std::string longest(kMax, 'x');
  read(longest, true);
  read(longest.substr(0, 3), false);
  read(longest.substr(3), true);
  EXPECT_EQ(seen, (Seen{longest, longest}));
}

TEST_F(RecordReaderTest, LongerOneIsCutAByteTooLate) {
  const std::string seen_of_it(kMax + 1, 'x');
  read(std::string(kMax + 9, 'x'), true);
  EXPECT_EQ(seen, (Seen{seen_of_it}));
  for (int i = 0; i < 100; ++i) read(std::string(kMax, 'x'), false);
  read("x", true);
  read("next", true);
  EXPECT_EQ(seen, (Seen{seen_of_it, seen_of_it, "next"}));
}

}  // namespace
}  // namespace opensips::transport
