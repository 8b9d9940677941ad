#include "auth/database_users.hh"

#include <gtest/gtest.h>

namespace opensips::auth {
namespace {

TEST(UserTable, IsAskedForHashesOrPasswords) {
  UserTableOptions options;
  EXPECT_EQ(options.statement(),
            "SELECT ha1, ha1_sha256, ha1_sha512t256 FROM subscriber WHERE username = ?");
  options.use_domain = true;
  options.calculate_ha1 = true;
  EXPECT_EQ(options.statement(),
            "SELECT password FROM subscriber WHERE username = ? AND domain = ?");
  options.password_column = "secret";
  options.table = "users";
  options.user_column = "name";
  options.domain_column = "realm";
  EXPECT_EQ(options.statement(), "SELECT secret FROM users WHERE name = ? AND realm = ?");
}

TEST(UserTable, HasNamesThatAreNothingElse) {
  UserTableOptions options;
  EXPECT_EQ(options.bad_name(), "");
  options.user_column = "name; DROP TABLE users";
  EXPECT_EQ(options.bad_name(), options.user_column);
  options.user_column = "";
  EXPECT_EQ(options.bad_name(), "\"\"");
  options.user_column = "user_2";
  EXPECT_EQ(options.bad_name(), "");
  options.table = "a.b";
  EXPECT_EQ(options.bad_name(), "a.b");
}

}  // namespace
}  // namespace opensips::auth
