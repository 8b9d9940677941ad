#include "l0_transport/icmp_errors.hh"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <vector>

#include "l0_transport/udp_socket.hh"

namespace opensips::transport {
namespace {

using base::Address;

struct Seen {
  Address to;
  int error;
  std::string bytes;
};

class IcmpErrors : public ::testing::TestWithParam<const char*> {
 protected:
  IcmpErrors() {
    const Address any = *Address::parse(GetParam(), 0);
    fd = std::move(bind_udp(any, 1, {})->front());
    auto gone = bind_udp(any, 1, {});
    nobody = local_address(gone->front());
  }
  void send(std::string_view bytes) {
    sendto(fd.get(), bytes.data(), bytes.size(), 0, nobody.raw(), nobody.raw_size());
  }
  unsigned wait_and_read(unsigned most = 10) {
    pollfd entry{fd.get(), 0, 0};
    EXPECT_EQ(poll(&entry, 1, 20'000), 1);
    return read_icmp_errors(fd.get(), most, [this](const IcmpError& icmp) {
      seen.push_back({icmp.to, icmp.error, std::string(icmp.bytes)});
    });
  }

  FileDescriptor fd;
  Address nobody;
  std::vector<Seen> seen;
};

TEST_P(IcmpErrors, SayWhatCouldNotBeDeliveredAndWhere) {
  send("nobody hears this");
  EXPECT_EQ(wait_and_read(), 1U);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].to, nobody);
  EXPECT_EQ(seen[0].error, ECONNREFUSED);
  EXPECT_EQ(seen[0].bytes, "nobody hears this");
}

TEST_P(IcmpErrors, AreTakenOutWithTheErrorOfTheNextCall) {
  send("1");
  EXPECT_EQ(wait_and_read(), 1U);
  char byte;
  EXPECT_EQ(recv(fd.get(), &byte, 1, MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(read_icmp_errors(fd.get(), 10, [](const IcmpError&) { FAIL(); }), 0U);
}

TEST_P(IcmpErrors, OfALongDatagramHaveItsBeginning) {
  const std::string text(2000, 'x');
  send(text);
  wait_and_read();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_GE(seen[0].bytes.size(), 8U);
  EXPECT_TRUE(text.starts_with(seen[0].bytes));
}

INSTANTIATE_TEST_SUITE_P(Families, IcmpErrors, ::testing::Values("127.0.0.1", "::1"));

}  // namespace
}  // namespace opensips::transport
