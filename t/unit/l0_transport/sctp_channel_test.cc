#include "l0_transport/sctp_channel.hh"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "l0_transport/tcp_listener.hh"

namespace opensips::transport {
namespace {

using End = Channel::Read::End;
using Outcome = Channel::Written::Outcome;

Channel::Written write(SctpChannel& to, const std::vector<std::string>& messages) {
  std::vector<iovec> what;
  for (const auto& one : messages) what.push_back({const_cast<char*>(one.data()), one.size()});
  return to.write(what);
}

/// Both ends of an association, where the kernel has SCTP (in t/with-sctp-kernel it does); one that
/// gives up soon.
class SctpChannelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto bound = bind_tcp(*base::Address::parse("127.0.0.1", 0), 1, base::Transport::sctp);
    if (!bound) GTEST_SKIP() << bound.error();
    listener = std::move(bound->front());
    const auto address = local_address(listener);
    prepare_sctp(listener, {});
    ::listen(listener.get(), 8);
    auto fd = open_stream(AF_INET, base::Transport::sctp);
    prepare_sctp(fd, {});
    ::connect(fd.get(), address.raw(), address.raw_size());
    ASSERT_TRUE(ready(listener.get()));
    ASSERT_TRUE(ready(fd.get(), POLLOUT));  // the other side may know of the association before
    ours = std::make_unique<SctpChannel>(std::move(fd), address);
    theirs = std::make_unique<SctpChannel>(
        FileDescriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)),
        address);
  }

  static bool ready(int fd, short what = POLLIN, int timeout_ms = 10'000) {
    pollfd entry{fd, what, 0};
    return poll(&entry, 1, timeout_ms) == 1;
  }
  /// What the next read gives that is not nothing.
  Channel::Read next(SctpChannel& from) {
    for (;;) {
      const auto read = from.read(buffer);
      if (read.size > 0 || read.end != End::none || read.undelivered || !ready(from.fd())) {
        return read;
      }
    }
  }
  std::string text(const Channel::Read& read) const { return {buffer.data(), read.size}; }

  FileDescriptor listener;
  std::unique_ptr<SctpChannel> ours, theirs;
  std::vector<char> buffer = std::vector<char>(Channel::kReadSize);
};

TEST_F(SctpChannelTest, MessagesKeepTheirEnds) {
  const std::multiset<std::string> sent{"one", "two", std::string(30'000, 'x')};
  const auto written = write(*ours, {sent.begin(), sent.end()});
  EXPECT_EQ(written.outcome, Outcome::some);
  EXPECT_EQ(written.size, 30'006U);
  std::multiset<std::string> got;  // one may overtake another
  while (got.size() < sent.size()) {
    const auto read = next(*theirs);
    ASSERT_GT(read.size, 0U);
    EXPECT_TRUE(read.ends_message);
    got.insert(text(read));
  }
  EXPECT_TRUE(got == sent);
}

TEST_F(SctpChannelTest, LongOneComesInPieces) {
  const std::string sent(150'000, 'x');
  ASSERT_EQ(write(*ours, {sent}).size, sent.size());
  std::size_t size = 0;
  for (bool ends = false; !ends;) {
    const auto read = next(*theirs);
    ASSERT_GT(read.size, 0U);
    size += read.size;
    ends = read.ends_message;
  }
  EXPECT_EQ(size, sent.size());
}

TEST_F(SctpChannelTest, ClosedSideIsAnEnd) {
  ASSERT_EQ(write(*ours, {"last"}).outcome, Outcome::some);
  ours.reset();
  EXPECT_EQ(text(next(*theirs)), "last");
  EXPECT_EQ(next(*theirs).end, End::closed);
}

TEST_F(SctpChannelTest, FullPeerBlocksAndWhatItDidNotGetIsNamed) {
  const std::vector<std::string> batch(10, std::string(1000, 'x'));
  std::uint32_t count = 0;
  const auto fill = [&] {
    Channel::Written written{Outcome::some};
    while (written.outcome == Outcome::some) {
      written = write(*ours, batch);
      ASSERT_EQ(written.size % 1000, 0U) << "whole ones";
      count += static_cast<std::uint32_t>(written.size / 1000);
      ASSERT_LT(count, 100'000U);
    }
    EXPECT_EQ(written.outcome, Outcome::blocked);
  };
  fill();
  // There is room again only when the first ones are acknowledged.
  while (!ready(ours->fd(), POLLOUT, 10)) theirs->read(buffer);
  fill();

  const linger at_once{1, 0};
  setsockopt(theirs->fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  theirs.reset();
  std::vector<std::uint32_t> undelivered;
  auto read = next(*ours);
  EXPECT_EQ(write(*ours, batch).outcome, Outcome::blocked) << "it ends where it is read";
  for (; read.undelivered; read = next(*ours)) undelivered.push_back(*read.undelivered);
  EXPECT_EQ(read.end, End::failed);
  ASSERT_FALSE(undelivered.empty());
  EXPECT_EQ(undelivered.back(), count - 1);
  EXPECT_LT(undelivered.size(), count) << "the first had arrived";
}

}  // namespace
}  // namespace opensips::transport
