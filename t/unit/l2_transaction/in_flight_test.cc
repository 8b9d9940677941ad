#include "l2_transaction/in_flight.hh"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "l2_transaction/transaction.hh"
#include "unit/l2_transaction/fake_host.hh"

namespace opensips::transaction {
namespace {

using base::Address;
using base::Flow;
using base::Transport;

class InFlightTest : public ::testing::Test {
 protected:
  static Flow flow(Transport transport, std::uint16_t port, std::uint32_t connection = 0) {
    const auto id = connection ? base::ConnectionId(0, connection, 1) : base::ConnectionId();
    return {*Address::parse("192.0.2.1", port), 0, transport, false, id};
  }
  ClientTransaction& client(std::uint32_t number, const Flow& to) {
    auto& made = clients.emplace_back(std::make_unique<ClientTransaction>(
        loop::ClientId(0, number, 1), host, parser::Method::options, to));
    in_flight.add(*made);
    return *made;
  }
  /// How many are taken for a connection that is gone.
  std::size_t gone(const Flow& connection, bool by_peer = true) {
    return in_flight.take(connection, by_peer).size();
  }

  FakeHost host;
  InFlight in_flight;
  std::vector<std::unique_ptr<ClientTransaction>> clients;
};

TEST_F(InFlightTest, ThoseOfAConnectionAreTakenOnce) {
  client(1, flow(Transport::tcp, 5060, 7));
  client(2, flow(Transport::tcp, 5060, 8));
  client(3, flow(Transport::tcp, 5060));
  client(4, flow(Transport::tcp, 5061));
  client(5, flow(Transport::tls, 5060));
  EXPECT_EQ(gone(flow(Transport::tcp, 5060, 7)), 2U) << "by its id and by its peer";
  EXPECT_EQ(gone(flow(Transport::tcp, 5060, 7)), 0U);
  EXPECT_EQ(gone(flow(Transport::tcp, 5060, 8)), 1U);
}

TEST_F(InFlightTest, OneThatDidNotLeadToItsPeerIsKnownByItsIdAlone) {
  client(1, flow(Transport::tcp, 5060, 7));
  client(2, flow(Transport::tcp, 5060));
  EXPECT_EQ(gone(flow(Transport::tcp, 5060, 7), false), 1U);
}

TEST_F(InFlightTest, DatagramsAndWhatHasEndedAreInNone) {
  client(1, flow(Transport::udp, 5060));
  auto& ended = client(2, flow(Transport::tcp, 5060));
  client(3, flow(Transport::tcp, 5060));
  in_flight.remove(ended);
  in_flight.remove(ended);
  in_flight.remove(*clients.front());
  EXPECT_EQ(gone(flow(Transport::tcp, 5060, 7)), 1U);
}

}  // namespace
}  // namespace opensips::transaction
