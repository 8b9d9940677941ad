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

TEST(UserTable, IsAskedForMoreColumns) {
  UserTableOptions options;
  options.calculate_ha1 = true;
  options.extra = *read_extra_columns("rpid; $avp(mail) = email_address;");
  EXPECT_EQ(options.statement(),
            "SELECT password, rpid, email_address FROM subscriber WHERE username = ?");
  EXPECT_EQ(options.extra[0].name, "rpid");
  EXPECT_EQ(options.extra[1].name, "mail");
  for (const char* text : {"a b", ";", "x=", "=x", "$avp()=x", "x; x", "a, b", "a=b=c"}) {
    EXPECT_FALSE(read_extra_columns(text)) << text;
  }
  EXPECT_TRUE(read_extra_columns("")->empty());
}

}  // namespace
}  // namespace opensips::auth
