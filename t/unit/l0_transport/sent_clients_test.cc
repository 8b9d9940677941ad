#include "l0_transport/sent_clients.hh"

#include <gtest/gtest.h>

namespace opensips::transport {
namespace {

loop::ClientId client(std::uint64_t bits) {
  return loop::ClientId(bits);
}

TEST(SentClients, AMessageIsFoundByItsNumberOnce) {
  SentClients sent;
  sent.add(client(7));
  sent.add({});
  sent.add(client(9));
  EXPECT_EQ(sent.take(0), client(7));
  EXPECT_FALSE(sent.take(0))
      << "each piece of a large message is reported, its client hears of one";
  EXPECT_EQ(sent.take(1), client(0)) << "it was nobody's";
  EXPECT_FALSE(sent.take(1));
  EXPECT_EQ(sent.take(2), client(9));
}

TEST(SentClients, WhatWasNotSentHasNoClient) {
  SentClients sent;
  EXPECT_FALSE(sent.take(0));
  sent.add(client(7));
  EXPECT_FALSE(sent.take(1));
  EXPECT_FALSE(sent.take(0xffffffff));
}

TEST(SentClients, OnlyTheLastAreRemembered) {
  SentClients sent;
  for (std::uint64_t i = 0; i < 5000; ++i) sent.add(client(i + 1));
  EXPECT_FALSE(sent.take(0));
  EXPECT_FALSE(sent.take(4000));
  EXPECT_EQ(sent.take(4999), client(5000));
  EXPECT_EQ(sent.take(4700), client(4701));
}

}  // namespace
}  // namespace opensips::transport
