#include "loop/mailbox.hh"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace opensips::loop {
namespace {

TEST(Mailbox, PostsUntilTheInboxGoes) {
  auto inbox = std::make_unique<Inbox>(10);
  Mailbox mailbox(*inbox);
  int ran = 0;
  std::thread other([&] { EXPECT_TRUE(mailbox.post([&] { ++ran; })); });
  other.join();
  inbox->drain(10);
  EXPECT_EQ(ran, 1);

  mailbox.close();
  inbox.reset();
  EXPECT_FALSE(mailbox.post([&] { ++ran; }));
  EXPECT_EQ(ran, 1);
}

TEST(Mailbox, DestroysWhatItCannotPost) {
  Inbox inbox(10);
  Mailbox mailbox(inbox);
  mailbox.close();
  auto held = std::make_shared<int>(1);
  EXPECT_FALSE(mailbox.post([held] {}));
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace opensips::loop
