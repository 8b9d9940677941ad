#pragma once

#include <cstdint>
#include <string_view>

#include "base/flow.hh"
#include "base/wire.hh"
#include "l2_transaction/host.hh"

namespace opensips::transaction {

/// The INVITE server transaction: RFC 3261 figure 7 with RFC 6026's Accepted state.
class ServerInvite {
 public:
  enum class State : std::uint8_t { proceeding, completed, confirmed, accepted };

  ServerInvite(Host& host, loop::ServerId id, const base::Flow& to);

  /// The INVITE again: answered with the last response, or absorbed.
  void retransmitted();
  /// An ACK. True: it is for a 2xx, and so for the transaction user.
  bool acknowledged();
  /// The transaction user sends a response. False: it comes too late and must not go out.
  /// `made_here`: a 2xx is then ours to repeat until its ACK is there (13.3.1.4).
  bool respond(unsigned code, bool made_here);
  /// The ACK for a 2xx that was made here has come.
  void confirmed();
  /// The transaction user will not answer: retransmissions are absorbed for a while.
  void abandon();
  void answer_to(const base::Flow& flow) { to_ = flow; }

  bool final() const { return state_ != State::proceeding; }
  State state() const { return state_; }
  std::string_view state_name() const;
  /// The response to send again; L1 leaves its bytes here.
  base::WireRef& sent() { return sent_; }

 private:
  void on_timer_g();
  void on_life_end();

  Host& host_;
  loop::ServerId id_;
  base::Flow to_;
  base::WireRef sent_;
  loop::Timer retransmit_ = loop::Timer::calling<&ServerInvite::on_timer_g>(this);  // G; of a 2xx
  loop::Timer life_ = loop::Timer::calling<&ServerInvite::on_life_end>(this);       // H, then I; L
  Retransmission interval_;
  State state_ = State::proceeding;
};

}  // namespace opensips::transaction
