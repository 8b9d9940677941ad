#pragma once

#include <cstdint>
#include <string_view>

#include "base/flow.hh"
#include "base/wire.hh"
#include "l1_parser/message.hh"
#include "l2_transaction/host.hh"

namespace opensips::transaction {

/// The INVITE client transaction: RFC 3261 figure 5 with RFC 6026's Accepted state. Timer C of the
/// proxy (16.6 step 11) runs here too, since it starts where timer B ends.
class ClientInvite {
 public:
  enum class State : std::uint8_t { calling, proceeding, completed, accepted };

  ClientInvite(Host& host, loop::ClientId id, const base::Flow& to);

  /// The INVITE is on its way; its bytes are `sent`.
  void start(const Patience& patience = {});
  /// A response came. True: it is for the transaction user; false: absorbed.
  bool receive(const parser::Message& response);
  /// A CANCEL was sent: a final response is due within 64*T1 (RFC 3261 9.1).
  void cancelled();

  State state() const { return state_; }
  std::string_view state_name() const;
  /// Bytes to send again: the INVITE, later its ACK. L1 leaves the first here.
  base::WireRef& sent() { return sent_; }

 private:
  void refuse(const parser::Message& response);
  void accept();
  void on_timer_a();
  void on_life_end();

  Host& host_;
  loop::ClientId id_;
  base::Flow to_;
  base::WireRef sent_;
  loop::Timer retransmit_ = loop::Timer::calling<&ClientInvite::on_timer_a>(this);  // A
  loop::Timer life_ = loop::Timer::calling<&ClientInvite::on_life_end>(this);  // B, C, then D or M
  Retransmission interval_;
  std::uint32_t fr_inv_timeout_ = 0;
  State state_ = State::calling;
  bool cancelled_ = false;
};

}  // namespace opensips::transaction
