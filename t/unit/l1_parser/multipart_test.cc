#include "l1_parser/multipart.hh"

#include <gtest/gtest.h>

#include <vector>

namespace opensips::parser {
namespace {

std::vector<BodyPart> parts(std::string_view body, std::string_view boundary, bool whole = true) {
  std::vector<BodyPart> all;
  PartScanner scanner(body, boundary);
  while (const auto part = scanner.next()) all.push_back(*part);
  EXPECT_EQ(scanner.failed(), !whole) << body;
  return all;
}

TEST(Multipart, HasABoundary) {
  EXPECT_EQ(boundary_of("multipart/mixed;boundary=abc"), "abc");
  EXPECT_EQ(boundary_of("Multipart/Related ; type=\"x\"; Boundary=\"a b:c\""), "a b:c");
  for (const char* const none :
       {"", "application/sdp", "multipart/mixed", "multipart/mixed;x=y",
        "multipart/mixed;boundary=", "multipart/mixed;boundary=\"a \"", "text/plain;boundary=a"}) {
    EXPECT_EQ(boundary_of(none), std::nullopt) << none;
  }
  EXPECT_EQ(boundary_of("multipart/mixed;boundary=" + std::string(71, 'x')), std::nullopt);
}

TEST(Multipart, IsCutIntoItsParts) {
  const auto all = parts(
      "preamble\r\n--b\r\nContent-Type: application/sdp\r\nX: y\r\n\r\nv=0\r\n\r\n--b  \r\n"
      "\r\nno headers\r\n--b--\r\nepilogue",
      "b");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].content_type, "application/sdp");
  EXPECT_EQ(all[0].headers, "Content-Type: application/sdp\r\nX: y\r\n\r\n");
  EXPECT_EQ(all[0].body, "v=0\r\n") << "the line end before a boundary belongs to it";
  EXPECT_EQ(all[1].content_type, "");
  EXPECT_EQ(all[1].body, "no headers");
}

TEST(Multipart, TakesBoundariesOnlyWhereALineBegins) {
  const auto all = parts("--b\n\nx--b\n--bc\n--b-\n--b--", "b");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].body, "x--b\n--bc\n--b-");
}

TEST(Multipart, GivesNoPartThatIsCutOff) {
  EXPECT_TRUE(parts("", "b", false).empty());
  EXPECT_TRUE(parts("no boundary", "b", false).empty());
  EXPECT_TRUE(parts("--b--", "b").empty());
  EXPECT_EQ(parts("--b\r\n\r\none\r\n--b\r\n\r\ntwo", "b", false).size(), 1U);
}

TEST(Multipart, AMediaTypeHasNoParameters) {
  EXPECT_EQ(media_type("application/sdp"), "application/sdp");
  EXPECT_EQ(media_type(" text/plain ; charset=utf-8"), "text/plain");
  EXPECT_EQ(media_type(""), "");
}

}  // namespace
}  // namespace opensips::parser
