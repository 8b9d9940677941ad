#include "storage/schema.hh"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "storage/prepared.hh"
#include "storage/statement.hh"
#include "storage/versions.hh"
#include "unit/storage/fake_backend.hh"

namespace opensips::storage {
namespace {

TEST(Schema, HasTheTablesOfOpenSIPSInTheirVersions) {
  const auto version = [](const char* name) { return find_table(name)->version; };
  EXPECT_EQ(version("dialog"), 12U);
  EXPECT_EQ(version("location"), 1013U);
  EXPECT_EQ(version("subscriber"), 8U);
  EXPECT_EQ(version("uri"), 2U);
  EXPECT_EQ(version("dbaliases"), 2U);
  EXPECT_EQ(version("domain"), 4U);
  EXPECT_EQ(version("dialplan"), 5U);
  EXPECT_EQ(version("tls_mgm"), 3U);
  EXPECT_EQ(version("address"), 5U);
  EXPECT_EQ(find_table("dialog")->columns.size(), 29U);
  EXPECT_EQ(find_table("nothing"), nullptr);
  EXPECT_EQ(tables()[0].name, kVersionTable);
}

TEST(Schema, NamesNeedNoQuotesAndAreDifferent) {
  for (const Table& table : tables()) {
    EXPECT_TRUE(is_table_name(table.name));
    std::set<std::string_view> names;
    for (const Column& column : table.columns) {
      EXPECT_TRUE(is_table_name(column.name)) << column.name;
      EXPECT_TRUE(names.insert(column.name).second) << column.name;
    }
  }
  EXPECT_FALSE(is_table_name("a b"));
  EXPECT_FALSE(is_table_name("1a"));
  EXPECT_FALSE(is_table_name(""));
  EXPECT_FALSE(is_table_name("a;DROP TABLE b"));
}

TEST(Schema, ATableIsCreatedAsItsColumnsSay) {
  const FakeBackend backend;
  EXPECT_EQ(create_statement(*find_table("version"), "version", backend),
            "CREATE TABLE version (table_name T NOT NULL, table_version T NOT NULL DEFAULT 0, "
            "UNIQUE (table_name))");
  EXPECT_EQ(create_statement(*find_table("domain"), "mine", backend),
            "CREATE TABLE mine (id T PRIMARY KEY NOT NULL, domain T NOT NULL DEFAULT '', attrs T "
            "DEFAULT NULL, accept_subdomain T NOT NULL DEFAULT 0, last_modified T NOT NULL DEFAULT "
            "'1900-01-01 00:00:01', UNIQUE (domain))");
}

TEST(Versions, OnlyTheOneExpectedWillDo) {
  const Table& dialog = *find_table("dialog");
  const auto problem = [&](const Rows& rows) {
    const auto checked = check_version(rows, dialog, "dialog", "sqlite:///x");
    if (checked) return std::string("none");
    EXPECT_TRUE(checked.error().is_final);
    return checked.error().text;
  };
  const auto row = [](Value value) { return Rows{.columns = {}, .rows = {{std::move(value)}}}; };
  EXPECT_EQ(problem(row(std::int64_t{12})), "none");
  EXPECT_EQ(problem(row("12")), "none");
  EXPECT_EQ(problem({}), "sqlite:///x has no table dialog: run opensipsctl db create sqlite:///x");
  EXPECT_EQ(problem(row(std::int64_t{9})),
            "table dialog of sqlite:///x is version 9, expected 12: run opensipsctl db migrate "
            "sqlite:///x");
  EXPECT_EQ(problem(row(std::int64_t{13})),
            "table dialog of sqlite:///x is version 13, expected 12");
}

TEST(Statement, KnowsWhetherItWrites) {
  for (const auto* const text : {"SELECT 1", " \n(select 1)", "show tables", "VALUES (1)"})
    EXPECT_FALSE(make_statement(text)->writes) << text;
  for (const auto* const text :
       {"", "INSERT INTO t VALUES (1)", "WITH a AS (SELECT 1) DELETE", "SELECTED", "PRAGMA x=1"})
    EXPECT_TRUE(make_statement(text)->writes) << text;
}

TEST(PreparedStatements, ForgetWhatWasUsedLongestAgo) {
  PreparedStatements<int> prepared(2);
  prepared.add("a", 1);
  prepared.add("b", 2);
  EXPECT_EQ(*prepared.find("a"), 1);
  prepared.add("c", 3);
  EXPECT_EQ(prepared.find("b"), nullptr);
  EXPECT_EQ(*prepared.find("a"), 1);
  EXPECT_EQ(*prepared.find("c"), 3);
  EXPECT_EQ(prepared.size(), 2U);
  prepared.clear();
  EXPECT_EQ(prepared.find("a"), nullptr);
}

TEST(StorageValue, NumbersMayStandInTexts) {
  EXPECT_EQ(integer_of(std::int64_t{-3}), -3);
  EXPECT_EQ(integer_of("42"), 42);
  for (const Value& none :
       {Value("4x"), Value(""), Value(1.5), Value(), Value("99999999999999999999")})
    EXPECT_EQ(integer_of(none), std::nullopt);
  EXPECT_EQ(text_of("a"), "a");
  EXPECT_EQ(text_of(Blob{"b"}), "b");
  EXPECT_EQ(text_of(std::int64_t{1}), "");
  EXPECT_TRUE(is_null(text_or_null("")));
}

}  // namespace
}  // namespace opensips::storage
