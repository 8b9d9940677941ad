#include "dialplan/partition_spec.hh"

#include <gtest/gtest.h>

namespace opensips::dialplan {
namespace {

std::string error_of(std::string_view text) {
  const auto spec = PartitionSpec::parse(text);
  return spec ? "none" : spec.error();
}

TEST(PartitionSpec, NamesTableAndUrl) {
  const auto spec =
      PartitionSpec::parse("\n  pstn:\n table_name = dialplan_pstn ;\n db_url = text:///etc/db;\n");
  ASSERT_TRUE(spec) << spec.error();
  EXPECT_EQ(spec->name, "pstn");
  EXPECT_EQ(spec->table, "dialplan_pstn");
  EXPECT_EQ(spec->directory, "/etc/db");
  EXPECT_EQ(spec->same_as, "");
}

TEST(PartitionSpec, MayLeaveOutEither) {
  EXPECT_EQ(PartitionSpec::parse("pstn: table_name=x")->directory, "");
  EXPECT_EQ(PartitionSpec::parse("pstn: db_url=text://x")->table, "");
  EXPECT_EQ(PartitionSpec::parse("pstn:")->name, "pstn");
}

TEST(PartitionSpec, MayBeInADatabase) {
  const auto spec = PartitionSpec::parse("pstn: db_url=mysql://a:b@c/d; table_name=x");
  ASSERT_TRUE(spec) << spec.error();
  EXPECT_EQ(spec->database, "mysql://a:b@c/d");
  EXPECT_EQ(spec->directory, "");
  EXPECT_EQ(spec->table, "x");
}

TEST(PartitionSpec, MayMakeAnotherOneTheDefault) {
  const auto spec = PartitionSpec::parse("default: pstn");
  ASSERT_TRUE(spec) << spec.error();
  EXPECT_EQ(spec->same_as, "pstn");
}

TEST(PartitionSpec, SaysWhatWasExpected) {
  const std::string expected = "expected NAME: table_name=TABLE; db_url=URL, or default: NAME";
  EXPECT_EQ(error_of(""), expected);
  EXPECT_EQ(error_of("pstn"), expected);
  EXPECT_EQ(error_of("a b: table_name=x"), expected);
  EXPECT_EQ(error_of("pstn: other"), expected);
  EXPECT_EQ(error_of("pstn: table=x"), "there is no property 'table', " + expected);
  EXPECT_EQ(error_of("pstn: table_name=../x"),
            "expected table_name to be the name of a table or file");
  EXPECT_EQ(error_of("pstn: table_name"), expected);
  EXPECT_EQ(error_of("pstn: table_name="), "expected table_name to be the name of a table or file");
  EXPECT_EQ(error_of("pstn: db_url=mysql"),
            "expected db_url to be text://DIRECTORY or the URL of a database");
}

TEST(DirectoryOf, KnowsTheUrlsOfDbText) {
  EXPECT_EQ(directory_of("text:///etc/db"), "/etc/db");
  EXPECT_EQ(directory_of("text://db"), "db");
  EXPECT_EQ(directory_of("text://"), std::nullopt);
  EXPECT_EQ(directory_of("mysql://x"), std::nullopt);
}

}  // namespace
}  // namespace opensips::dialplan
