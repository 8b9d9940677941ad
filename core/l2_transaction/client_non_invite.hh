#pragma once

#include <cstdint>
#include <string_view>

#include "base/flow.hh"
#include "base/wire.hh"
#include "l1_parser/message.hh"
#include "l2_transaction/host.hh"

namespace opensips::transaction {

/// The non-INVITE client transaction: RFC 3261 figure 6.
class ClientNonInvite {
 public:
  enum class State : std::uint8_t { trying, proceeding, completed };

  ClientNonInvite(Host& host, loop::ClientId id, const base::Flow& to);

  void start(const Patience& patience = {});
  /// A response came. True: it is for the transaction user; false: absorbed.
  bool receive(const parser::Message& response);

  State state() const { return state_; }
  std::string_view state_name() const;
  base::WireRef& sent() { return sent_; }

 private:
  void on_timer_e();
  void on_life_end();

  Host& host_;
  loop::ClientId id_;
  base::Flow to_;
  base::WireRef sent_;
  loop::Timer retransmit_ = loop::Timer::calling<&ClientNonInvite::on_timer_e>(this);  // E
  loop::Timer life_ = loop::Timer::calling<&ClientNonInvite::on_life_end>(this);       // F, then K
  Retransmission interval_;
  State state_ = State::trying;
};

}  // namespace opensips::transaction
