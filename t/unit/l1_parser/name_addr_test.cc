#include "l1_parser/name_addr.hh"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "l1_parser/params.hh"

namespace opensips::parser {
namespace {

TEST(NameAddr, IsCutIntoItsParts) {
  const auto addr =
      NameAddr::parse("\"J Rosenberg \\\\\\\"\"  <sip:j@example.com;lr> ; tag = 98 ; x=y");
  ASSERT_TRUE(addr);
  EXPECT_EQ(addr->display, "\"J Rosenberg \\\\\\\"\"");
  EXPECT_EQ(addr->uri_text, "sip:j@example.com;lr");
  EXPECT_EQ(addr->tag, "98");
  EXPECT_EQ(addr->param("X"), "y");
  EXPECT_EQ(addr->param("z"), std::nullopt);
  EXPECT_EQ(addr->uri()->param("lr"), "");
}

TEST(NameAddr, WithoutBracketsHasNoUriParameters) {
  const auto addr = NameAddr::parse("sip:j@example.com:5070;lr;tag=1");
  ASSERT_TRUE(addr);
  EXPECT_EQ(addr->uri_text, "sip:j@example.com:5070");
  EXPECT_EQ(addr->params, "lr;tag=1");
  EXPECT_EQ(addr->tag, "1");
  EXPECT_EQ(addr->display, "");
}

TEST(NameAddr, HasDisplayNamesOfManyKinds) {
  const std::pair<const char*, const char*> names[] = {
      {"caller<sip:a@b>", "caller"},
      {"A. Bell  <sip:a@b>", "A. Bell"},
      {"\"\" <sip:a@b>", "\"\""},
      {"<sip:a@b>", ""},
      {"  <sip:a@b>", ""},
      {"J\xc3\xb6rg <sip:a@b>", "J\xc3\xb6rg"},
      {"\"J\xc3\xb6rg; <x>, y\" <sip:a@b>", "\"J\xc3\xb6rg; <x>, y\""},
      {"Bob (home) <sip:a@b>", "Bob (home)"},
      {"token1~` token2'+_ token3*%!.- <sip:a@b>", "token1~` token2'+_ token3*%!.-"},
  };
  for (const auto& [text, display] : names) {
    const auto addr = NameAddr::parse(text);
    ASSERT_TRUE(addr) << text;
    EXPECT_EQ(addr->display, display);
    EXPECT_EQ(addr->uri_text, "sip:a@b");
  }
  EXPECT_TRUE(NameAddr::parse(std::string_view("\"NUL:\\\0 BEL:\\\a\" <sip:a@b>", 25)));
}

TEST(NameAddr, TakesBlanksInsideTheBrackets) {
  const auto addr = NameAddr::parse("\"Watson\" < sip:t.watson@example.org >");
  ASSERT_TRUE(addr);
  EXPECT_EQ(addr->uri_text, "sip:t.watson@example.org");
}

TEST(NameAddr, RefusesWhatIsBroken) {
  for (const char* text : {"",
                           " ",
                           "\"Mr. J. User <sip:j.user@example.com>",
                           "Bell, Alexander <sip:a@b>",
                           "<sip:a@b",
                           "<>",
                           "< >",
                           "sip",
                           "<sip:a@b>x",
                           "<sip:a@b>;",
                           "<sip:a@b>;;tag=1",
                           "<sip:a@b>;tag",
                           "<sip:a@b>;tag=",
                           "<sip:a@b>;tag=1;tag=2",
                           "<sip:a@b>;tag=\"1\"",
                           "<sip:a@b>;tag=1, <sip:c@d>",
                           "sip:a@b?Route=x",
                           "sip:a@b,c",
                           "\"a\" sip:a@b",
                           "\"a\"",
                           "a b:c <sip:a@b>",
                           "*",
                           "<sip:a@b>;x=\"y",
                           "\"a\r\nb\" <sip:a@b>",
                           "a\r\n <sip:a@b>",
                           "\"a\\\n\" <sip:a@b>",
                           "\"a\x01\" <sip:a@b>",
                           "a\x01 <sip:a@b>",
                           "<sip:a@b> ;tag=1;"}) {
    EXPECT_FALSE(NameAddr::parse(text)) << text;
  }
}

TEST(NameAddr, TakesTagsOfMoreThanTokens) {
  EXPECT_EQ(NameAddr::parse("<sip:a@b>;tag=a/b+c==")->tag, "a/b+c==");
}

TEST(NameAddr, LeavesTheUriToItsReader) {
  const auto addr = NameAddr::parse("<http://www.example.com>;tag=1");
  ASSERT_TRUE(addr);
  EXPECT_EQ(addr->uri()->scheme, Uri::Scheme::other);
  EXPECT_FALSE(NameAddr::parse("<sip:a b@c>")->uri());
}

TEST(Params, AreWalkedInOrder) {
  ParamScanner scanner(" a ; b = \"x;y\\\"\" ;c=; d=e=f");
  std::vector<std::string> seen;
  while (const auto param = scanner.next()) {
    seen.push_back(std::string(param->name) + (param->has_value ? "=" : "") +
                   std::string(param->value));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b=\"x;y\\\"\"", "c=", "d=e=f"}));
  EXPECT_FALSE(scanner.failed());
  EXPECT_EQ(scanner.next(), std::nullopt);
}

bool fails(std::string_view text) {
  ParamScanner scanner(text);
  while (scanner.next()) {
  }
  return scanner.failed();
}

TEST(Params, FailAtWhatIsNone) {
  for (const char* text : {";", "a;", "a;;b", "=b", "a=\"b", "a=\"b\"c", "a b", "a=b,c", "a,b",
                           "<a>", "a=b c", "\"a\"", "a; "}) {
    EXPECT_TRUE(fails(text)) << text;
  }
  EXPECT_FALSE(fails(""));
  EXPECT_FALSE(fails("  "));
}

TEST(Params, AreFoundByNameInAnyCase) {
  EXPECT_EQ(find_param("a=1;Expires=60;expires=70", "EXPIRES")->value, "60");
  EXPECT_EQ(find_param("a=1", "b"), std::nullopt);
  EXPECT_FALSE(find_param("lr", "lr")->has_value);
}

std::vector<std::string> split(std::string_view text) {
  ValueList list(text);
  std::vector<std::string> values;
  while (const auto value = list.next()) values.emplace_back(*value);
  return values;
}

TEST(ValueList, SplitsAtCommasOutsideQuotesAndBrackets) {
  using Values = std::vector<std::string>;
  EXPECT_EQ(split("a"), (Values{"a"}));
  EXPECT_EQ(split(" a , b,c "), (Values{"a", "b", "c"}));
  EXPECT_EQ(split("\"x, \\\"y\" <sip:a,b@c>;q=\"1,2\", <sip:d@e>"),
            (Values{"\"x, \\\"y\" <sip:a,b@c>;q=\"1,2\"", "<sip:d@e>"}));
  EXPECT_EQ(split(""), (Values{}));
  EXPECT_EQ(split("  "), (Values{}));
  EXPECT_EQ(split("a,,b"), (Values{"a", "", "b"}));
  EXPECT_EQ(split(",a"), (Values{"", "a"}));
  EXPECT_EQ(split("a, "), (Values{"a"}));
  EXPECT_EQ(split("\"a, b"), (Values{"\"a, b"}));
  EXPECT_EQ(split("<a, b"), (Values{"<a, b"}));
}

TEST(ValueList, SaysWhatIsLeft) {
  ValueList list("a, b, c");
  list.next();
  EXPECT_EQ(list.rest(), "b, c");
  list.next();
  list.next();
  EXPECT_EQ(list.rest(), "");
}

}  // namespace
}  // namespace opensips::parser
