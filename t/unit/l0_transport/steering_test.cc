#include "l0_transport/steering.hh"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "l0_transport/udp_socket.hh"

namespace opensips::transport {
namespace {

constexpr unsigned kWorkers = 3;

class Steering : public testing::Test {
 protected:
  void SetUp() override {
    auto bound = bind_udp(*base::Address::parse("127.0.0.1", 0), kWorkers, {});
    ASSERT_TRUE(bound) << bound.error();
    group = std::move(*bound);
    to = local_address(group.front());
    if (!steer_by_call_id(group.back(), owners)) GTEST_SKIP() << "the kernel takes no filter here";
  }

  /// Which worker's socket the datagram ends up in.
  unsigned reader_of(const std::string& bytes) {
    const FileDescriptor sender(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(sendto(sender.get(), bytes.data(), bytes.size(), 0, to.raw(), to.raw_size()),
              static_cast<ssize_t>(bytes.size()));
    std::array<pollfd, kWorkers> wait;
    for (unsigned i = 0; i < kWorkers; ++i) wait[i] = {group[i].get(), POLLIN, 0};
    EXPECT_EQ(poll(wait.data(), kWorkers, 5000), 1);
    for (unsigned i = 0; i < kWorkers; ++i) {
      if (!(wait[i].revents & POLLIN)) continue;
      std::vector<char> got(65536);
      const auto size = recv(group[i].get(), got.data(), got.size(), 0);
      EXPECT_EQ(std::string(got.data(), static_cast<std::size_t>(size)), bytes);
      return i;
    }
    return kWorkers;
  }

  static std::string message(const std::string& call_id_line, std::size_t before = 200) {
    return "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=" +
           std::string(before, 'x') + "\r\n" + call_id_line + "\r\nCSeq: 1 OPTIONS\r\n" +
           "Content-Length: 0\r\n\r\n";
  }

  loop::Owners owners{kWorkers};
  std::vector<FileDescriptor> group;
  base::Address to;
};

TEST_F(Steering, PutsAMessageIntoTheSocketOfItsOwner) {
  for (int i = 0; i < 60; ++i) {
    const auto call = "call-" + std::to_string(i * 7919) + "@example.com";
    EXPECT_EQ(reader_of(message("Call-ID: " + call)), owners.owner_of(call)) << call;
  }
}

TEST_F(Steering, FindsTheNameWhereverItStands) {
  for (std::size_t before = 0; before < 1200; before += 37) {
    const auto call = "a" + std::to_string(before) + "@192.0.2.7";
    EXPECT_EQ(reader_of(message("Call-ID: " + call, before)), owners.owner_of(call)) << before;
  }
}

TEST_F(Steering, HashesValuesOfEveryLengthUpToItsLimit) {
  for (std::size_t size = 1; size <= 64; ++size) {
    const auto call = std::string(size, 'c');
    EXPECT_EQ(reader_of(message("Call-ID: " + call)), owners.owner_of(call)) << size;
  }
}

TEST_F(Steering, BytesAboveAsciiHashAlike) {
  const std::string call = "caf\xc3\xa9\xff@example.com";
  EXPECT_EQ(reader_of(message("Call-ID: " + call)), owners.owner_of(call));
}

TEST_F(Steering, LetsThroughWhatItCannotRead) {
  for (const auto& bytes :
       {std::string("\r\n\r\n"), std::string("x"), message("i: compact@example.com"),
        message("Call-ID:tight@example.com"), message("CALL-ID: loud@example.com"),
        message("Call-ID: " + std::string(500, 'l')), message("Call-ID: far", 3000),
        message("X-Call-ID: other"), std::string("ll-ID: "), std::string("Call-ID: cut"),
        std::string(20000, '-'), std::string("\nCall-ID: ") + std::string(300, 'e')}) {
    EXPECT_LT(reader_of(bytes), kWorkers);
  }
}

TEST_F(Steering, WhatItCannotReadIsSpreadByThePeersAddress) {
  std::array<int, kWorkers> got{};
  for (int i = 0; i < 100; ++i) ++got[reader_of("\r\n\r\n")];
  for (const int count : got) EXPECT_GT(count, 0);
}

}  // namespace
}  // namespace opensips::transport
