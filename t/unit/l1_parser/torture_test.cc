// The messages of t/torture, and those of RFC 4475 and RFC 5118 where they are at hand: what
// parsing says of each, and that no prefix of one makes it read where it must not.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "l1_parser/peek.hh"
#include "l1_parser/reply.hh"
#include "unit/l1_parser/fence.hh"
#include "unit/l1_parser/promises.hh"

namespace opensips::parser {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string file;
  std::string kind;
  std::string parse;
  std::string outcomes;
  std::string bytes;
};

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> all;
  std::istringstream in(line);
  for (std::string one; std::getline(in, one, '\t');) all.push_back(one);
  return all;
}

std::vector<Case> read_manifest(const fs::path& folder) {
  std::vector<Case> cases;
  std::ifstream in(folder / "manifest.tsv");
  for (std::string line; std::getline(in, line);) {
    const auto row = columns(line);
    if (line.starts_with('#') || row.size() < 5 || row[0] == "file") continue;
    cases.push_back({row[0], row[2], row[3], row[4], contents(folder / row[0])});
  }
  return cases;
}

fs::path root() {
  return fs::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
}

const std::vector<Case>& our_own() {
  static const auto cases = read_manifest(root() / "t/torture");
  return cases;
}

/// The messages of the RFCs, which are not part of this tree.
const std::vector<Case>& originals() {
  const char* const given = std::getenv("TORTURE_DATA");
  static const auto cases =
      read_manifest(given ? fs::path(given) : root().parent_path() / "shared/data/torture");
  return cases;
}

constexpr const char* kAbsent = "no ../shared/data/torture, and TORTURE_DATA does not name another";

/// ok, late, bad, or the code of the fault.
std::string verdict_on(std::string_view bytes) {
  const auto parsed = samples::parse(bytes);
  if (!parsed.message) return "bad";
  const bool all_good = samples::read_everything(*parsed.message);
  if (parsed.fault.code == 0) return all_good ? "ok" : "late";
  return parsed.message->is_request() ? std::to_string(parsed.fault.code) : "bad";
}

void read(std::string_view bytes) {
  ASSERT_STREQ(samples::message_promise(bytes), nullptr);
  const auto parsed = samples::parse(bytes);
  if (!parsed.message || !parsed.message->is_request()) return;
  if (parsed.fault.code == 0 || parsed.answerable) stamp_via(*parsed.message);
  samples::replied(*parsed.message, 400, "tag");
}

void expect_bounds_kept(const std::vector<Case>& cases) {
  for (const auto& one : cases) {
    SCOPED_TRACE(one.file);
    samples::read_all_prefixes(one.bytes, read);
  }
}

TEST(Torture, EachCaseOfBothDocumentsIsThere) {
  const auto count = [](std::string_view folder) {
    return std::count_if(our_own().begin(), our_own().end(),
                         [folder](const Case& one) { return one.file.starts_with(folder); });
  };
  EXPECT_EQ(count("rfc4475/"), 49);
  EXPECT_EQ(count("rfc5118/"), 12);
}

TEST(Torture, IsTakenOrRefusedAsTheManifestSays) {
  for (const auto& one : our_own()) {
    EXPECT_FALSE(one.bytes.empty()) << one.file;
    EXPECT_EQ(verdict_on(one.bytes), one.parse) << one.file;
    const bool is_request = peek(one.bytes).kind == Peek::Kind::request;
    EXPECT_EQ(is_request, one.kind == "request") << one.file;
  }
}

std::string without_folds(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return text;
}

TEST(Torture, ThatIsTakenGoesOnByteForByte) {
  for (const auto& one : our_own()) {
    const auto message = samples::good(one.bytes);
    if (!message) continue;
    const auto sent = samples::forwarded(*message);
    // Where a header that we know was folded there are blanks now.
    EXPECT_TRUE(without_folds(one.bytes).starts_with(without_folds(sent))) << one.file;
    for (const auto line : samples::unknown_headers(*message)) {
      EXPECT_NE(one.bytes.find(line), std::string::npos) << one.file << ": " << line;
    }
    EXPECT_NE(one.bytes.find(message->body()), std::string::npos) << one.file;
  }
}

TEST(Torture, CutAnywhereIsReadWithinItsBounds) {
  expect_bounds_kept(our_own());
}

/// What should be refused, but a liberal reader may make sense of.
bool may_be_taken(const Case& one) {
  return one.outcomes.find_first_of("F2") != std::string::npos;
}

TEST(TortureOriginals, AreTakenOrRefusedAsTheirManifestSays) {
  if (originals().empty()) GTEST_SKIP() << kAbsent;
  for (const auto& one : originals()) {
    const auto verdict = verdict_on(one.bytes);
    if (one.parse == "ok") {
      EXPECT_EQ(verdict, "ok") << one.file;
    } else if (one.parse == "bad" && !may_be_taken(one)) {
      EXPECT_NE(verdict, "ok") << one.file;
    }
  }
}

TEST(TortureOriginals, CutAnywhereAreReadWithinTheirBounds) {
  if (originals().empty()) GTEST_SKIP() << kAbsent;
  expect_bounds_kept(originals());
}

}  // namespace
}  // namespace opensips::parser
