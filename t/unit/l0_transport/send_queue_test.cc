#include "l0_transport/send_queue.hh"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace opensips::transport {
namespace {

base::WireRef wire_of(std::string_view text) {
  auto wire = base::Wire::make(text.size());
  std::memcpy(wire->data(), text.data(), text.size());
  wire->resize(text.size());
  return wire;
}

loop::ClientId client(std::uint64_t bits) {
  return loop::ClientId(bits);
}

/// Takes as many bytes as it is told to.
class FakeChannel final : public Channel {
 public:
  FakeChannel() : Channel(FileDescriptor()) {}
  Read read(std::span<char>) override { return {}; }
  Written write(std::span<const iovec> what) override {
    if (room == 0) return {Written::Outcome::blocked};
    std::size_t size = 0;
    for (const auto& one : what) {
      const auto taken = std::min(one.iov_len, room);
      got.append(static_cast<const char*>(one.iov_base), taken);
      size += taken;
      room -= taken;
    }
    return {Written::Outcome::some, size};
  }

  std::size_t room = 0;
  std::string got;
};

class SendQueueTest : public ::testing::Test {
 protected:
  SendQueueTest() {
    queue.push(wire_of("one"), client(1));
    queue.push(wire_of("two"), {});
    queue.push(wire_of("three"), client(3));
  }
  SendQueue::Outcome write(std::size_t room) {
    channel.room = room;
    return queue.write(channel);
  }

  SendQueue queue;
  FakeChannel channel;
};

TEST_F(SendQueueTest, GoesInOrderAndGoesOnWhereItWasBlocked) {
  EXPECT_EQ(queue.bytes(), 11U);
  EXPECT_EQ(write(4), SendQueue::Outcome::blocked);
  EXPECT_EQ(queue.bytes(), 7U);
  EXPECT_EQ(write(100), SendQueue::Outcome::done);
  EXPECT_EQ(channel.got, "onetwothree");
  EXPECT_TRUE(queue.empty());
}

TEST_F(SendQueueTest, ClientsOfWhatHasNotGoneWholeAreTaken) {
  EXPECT_EQ(write(2), SendQueue::Outcome::blocked);
  EXPECT_EQ(queue.take_clients(), (std::vector{client(1), client(3)}));
  EXPECT_TRUE(queue.empty());
}

TEST_F(SendQueueTest, ForgetsWhoseTheMessagesWereThatHaveGone) {
  write(100);
  EXPECT_FALSE(queue.take_sent(0));
}

TEST_F(SendQueueTest, RemembersWhoseTheMessagesWereIfAsked) {
  queue.remember_sent();
  write(7);
  EXPECT_EQ(queue.take_sent(0), client(1));
  EXPECT_EQ(queue.take_sent(1), client(0));
  EXPECT_FALSE(queue.take_sent(2)) << "it has not gone whole";
  write(100);
  EXPECT_EQ(queue.take_sent(2), client(3));
  EXPECT_FALSE(queue.take_sent(2)) << "it was taken";
  queue.push(wire_of("four"), client(4));
  write(100);
  EXPECT_EQ(queue.take_sent(3), client(4));
}

}  // namespace
}  // namespace opensips::transport
