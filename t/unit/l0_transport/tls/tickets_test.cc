#include "l0_transport/tls/tickets.hh"

#include <gtest/gtest.h>

namespace opensips::transport::tls {
namespace {

constexpr auto kLife = TicketKeys::kLifeMs;

TEST(TicketKeys, AreGoodForAnHourAfterTheyWereReplaced) {
  TicketKeys keys;
  const auto first = keys.current(1000);
  EXPECT_EQ(keys.current(1000 + kLife - 1).name, first.name);
  TicketKeys::Key found;
  bool fresh = false;
  ASSERT_TRUE(keys.find(first.name.data(), 1000 + kLife - 1, found, fresh));
  EXPECT_TRUE(fresh);
  EXPECT_EQ(found.cipher, first.cipher);
  const auto second = keys.current(1000 + kLife);
  EXPECT_NE(second.name, first.name);
  ASSERT_TRUE(keys.find(first.name.data(), 1000 + kLife, found, fresh));
  EXPECT_FALSE(fresh);
  EXPECT_FALSE(keys.find(first.name.data(), 1000 + 2 * kLife, found, fresh));
  EXPECT_TRUE(keys.find(second.name.data(), 1000 + 2 * kLife, found, fresh));
}

TEST(TicketKeys, OthersAreNotFound) {
  TicketKeys keys;
  const unsigned char name[16] = {1};
  TicketKeys::Key found;
  bool fresh = false;
  EXPECT_FALSE(keys.find(name, 0, found, fresh));
}

}  // namespace
}  // namespace opensips::transport::tls
