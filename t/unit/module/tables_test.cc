#include "module/tables.hh"

#include <gtest/gtest.h>

#include "loop/control.hh"
#include "storage/storage.hh"
#include "unit/storage/fake_backend.hh"

namespace opensips::modules {
namespace {

TEST(NamesOfTables, AreNothingElse) {
  EXPECT_TRUE(check_names({{"table", "users"}, {"user_column", "user_2"}}));
  for (const auto* const bad : {"name; DROP TABLE users", "", "a.b", "2nd"}) {
    const auto checked = check_names({{"table", "users"}, {"user_column", bad}});
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().parameter, "user_column");
    EXPECT_EQ(checked.error().text, '"' + std::string(bad) + "\" is no name of a table or column");
  }
}

/// A module that wants its table, in a server with that default database.
Result<storage::Database*> opened(storage::Backend& backend, std::string_view own_url,
                                  const std::string& default_url, std::string* shown = nullptr) {
  storage::Storage databases({}, default_url, "versions");
  databases.add(backend);
  base::Stats statistics;
  manage::Commands commands;
  loop::Control control;
  manage::Events events(1);
  Host host(statistics, commands, control, databases, events);
  auto database = open_tables(host, "uri", own_url, {{"uri", "mine"}});
  if (shown && database) *shown = (*database)->name();
  return database;
}

TEST(TablesOfModules, AreInTheirOwnDatabaseOrTheDefaultOne) {
  storage::FakeBackend backend;
  backend.change([](auto& state) { state.refuses = true; });
  std::string shown;
  EXPECT_TRUE(opened(backend, "fake://h/own", "fake://h/all", &shown));
  EXPECT_EQ(shown, "fake://h/own");
  EXPECT_TRUE(opened(backend, "", "fake://h/all", &shown));
  EXPECT_EQ(shown, "fake://h/all");
  EXPECT_EQ(opened(backend, "", "").error().text,
            "uri has no database, expected modparam(\"uri\", \"db_url\", \"URL\") or "
            "db_default_url=\"URL\"");
}

TEST(TablesOfModules, AreOfTheVersionThatTheTableOfVersionsHasToSay) {
  storage::FakeBackend backend;  // knows no numbers
  const auto own = opened(backend, "fake://h/own", "");
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().text,
            "table mine of fake://h/own is version 0, expected 2: run opensipsctl db migrate "
            "fake://h/own");
  EXPECT_EQ(own.error().parameter, "db_url");
  EXPECT_EQ(backend.log(),
            std::vector<std::string>{"SELECT table_version FROM versions WHERE table_name = ?"});
  EXPECT_EQ(opened(backend, "", "fake://h/all").error().parameter, "");
}

TEST(TablesOfModules, AreInADatabaseOfSql) {
  auto backend = storage::FakeBackend::without_sql("redis");
  EXPECT_EQ(opened(backend, "redis://h/0", "").error().text,
            "redis://h/0 has no tables, expected a database of SQL");
}

TEST(TablesOfModules, AreCheckedByATableWithAName) {
  storage::FakeBackend backend;
  storage::Storage databases({}, "", "a b");
  databases.add(backend);
  const auto database = storage::open_tables(databases, "fake://h/d", {{"uri", "uri"}}, "not yet");
  EXPECT_EQ(database.error(), "db_version_table \"a b\" is no name of a table");
  EXPECT_TRUE(backend.log().empty());
}

}  // namespace
}  // namespace opensips::modules
