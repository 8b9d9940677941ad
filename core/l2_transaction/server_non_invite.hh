#pragma once

#include <cstdint>
#include <string_view>

#include "base/flow.hh"
#include "base/wire.hh"
#include "l2_transaction/host.hh"

namespace opensips::transaction {

/// The non-INVITE server transaction: RFC 3261 figure 8.
class ServerNonInvite {
 public:
  enum class State : std::uint8_t { trying, proceeding, completed };

  ServerNonInvite(Host& host, loop::ServerId id, const base::Flow& to);

  /// The request has come.
  void start();
  /// The request again: answered with the last response, or absorbed.
  void retransmitted();
  /// The transaction user sends a response. False: it comes too late and must not go out.
  bool respond(unsigned code, bool made_here);
  /// The transaction user will not answer: retransmissions are absorbed for a while.
  void abandon();
  void answer_to(const base::Flow& flow) { to_ = flow; }

  bool final() const { return state_ == State::completed; }
  State state() const { return state_; }
  std::string_view state_name() const;
  base::WireRef& sent() { return sent_; }

 private:
  void on_life_end();

  Host& host_;
  loop::ServerId id_;
  base::Flow to_;
  base::WireRef sent_;
  loop::Timer life_ = loop::Timer::calling<&ServerNonInvite::on_life_end>(this);  // a 100 is due; J
  State state_ = State::trying;
};

}  // namespace opensips::transaction
