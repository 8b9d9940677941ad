#include "storage/storage.hh"

#include <gtest/gtest.h>

#include "unit/storage/fake_backend.hh"

namespace opensips::storage {
namespace {

TEST(Storage, OpensADatabaseOnceByTheSchemeOfItsUrl) {
  FakeBackend backend;
  Storage storage;
  storage.add(backend);
  const auto first = storage.open("fake://h/a");
  ASSERT_TRUE(first) << first.error();
  EXPECT_EQ(storage.open("fake://h/a"), first);
  EXPECT_NE(storage.open("fake://h/b"), first);
}

TEST(Storage, SaysWhichModuleIsMissing) {
  Storage storage;
  EXPECT_EQ(storage.open("mysql://u:p@h/o").error(),
            "no module knows mysql://u@h/o, expected loadmodule \"db_mysql.so\"");
  EXPECT_EQ(storage.open("h").error(),
            "expected sqlite:///FILE, mysql://USER:PASSWORD@HOST/DATABASE or "
            "redis://HOST:PORT/NUMBER");
}

TEST(Storage, TellsOperatorsHowItsDatabasesAre) {
  FakeBackend backend;
  Storage storage;
  storage.add(backend);
  base::Stats statistics;
  manage::Commands commands;
  storage.add_to(statistics);
  storage.add_to(commands);
  auto* const database = *storage.open("fake://me:secret@h/a");
  ASSERT_TRUE(database->wait({{make_statement("SELECT a"), {}}}));
  EXPECT_EQ(statistics.value("db:queries"), 1U);
  EXPECT_EQ(statistics.value("db:down"), 0U);
  const auto listed = commands.call("db:list", nullptr);
  ASSERT_TRUE(listed);
  const auto& one = (*listed)["Databases"][0];
  EXPECT_EQ(one["url"], "fake://me@h/a");
  EXPECT_EQ(one["circuit"], "closed");
  EXPECT_EQ(one["done"], 1);
}

}  // namespace
}  // namespace opensips::storage
