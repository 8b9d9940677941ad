#include "l1_parser/scan_bytes.hh"

#include <gtest/gtest.h>

#include <string>

#include "l1_parser/chars.hh"
#include "l1_parser/params.hh"

namespace opensips::parser {
namespace {

/// Calls `use` with texts of up to 40 bytes that have each byte at each place.
template <class Use>
void each_text(Use use) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string text(size, 'x');
        text[place] = static_cast<char>(byte);
        use(text, place);
      }
    }
  }
}

TEST(ScanBytes, FindsTheMarksOfAListAtEachPlace) {
  each_text([](const std::string& text, std::size_t place) {
    const bool is_mark = std::string_view(",<\"").find(text[place]) != std::string_view::npos;
    const auto* const found = find_list_mark(text.data(), text.data() + text.size());
    ASSERT_EQ(found - text.data(), is_mark ? place : text.size()) << text;
  });
}

TEST(ScanBytes, SeesWhatIsNotVisibleAtEachPlace) {
  each_text([](const std::string& text, std::size_t place) {
    const bool good = chars::is(text[place], chars::visible);
    ASSERT_EQ(all_visible(text.data(), text.data() + text.size()), good) << text;
  });
}

TEST(ScanBytes, LeapsOverNothingThatEndsAValue) {
  each_text([](const std::string& text, std::size_t place) {
    const auto* const end = text.data() + text.size();
    const auto* const from = leap_value(text.data(), end);
    const bool goes_on = chars::is(text[place], chars::value);
    ASSERT_EQ(chars::skip(from, end, chars::value) - text.data(), goes_on ? text.size() : place)
        << text;
  });
}

TEST(ScanBytes, LeapsOverNothingThatEndsAQuotedString) {
  each_text([](const std::string& text, std::size_t place) {
    const auto* const end = text.data() + text.size();
    const auto* const from = leap_quoted(text.data(), end);
    const bool goes_on = chars::is(text[place], chars::quoted);
    ASSERT_EQ(chars::skip(from, end, chars::quoted) - text.data(), goes_on ? text.size() : place)
        << text;
  });
}

TEST(ScanBytes, SeesWhatIsNoHexadecimalDigitAtEachPlace) {
  each_text([](std::string text, std::size_t place) {
    for (char& c : text) c = c == 'x' ? 'A' : c;
    const bool good = chars::hex(text[place]) >= 0;
    ASSERT_EQ(all_hex(text.data(), text.data() + text.size()), good) << text;
  });
}

TEST(ScanBytes, AValueOfAParameterEndsWhereItDidByteForByte) {
  const std::string value(20, 'v');
  const std::string params = "branch=" + value + "\xc3\xa9" + value + ";other;last=" + value;
  ParamScanner scanner(params);
  EXPECT_EQ(scanner.next()->value, value + "\xc3\xa9" + value);
  EXPECT_EQ(scanner.next()->name, "other");
  EXPECT_EQ(scanner.next()->value, value);
  EXPECT_FALSE(scanner.next());
  EXPECT_FALSE(scanner.failed());
}

}  // namespace
}  // namespace opensips::parser
