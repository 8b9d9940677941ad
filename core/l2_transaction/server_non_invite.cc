#include "l2_transaction/server_non_invite.hh"

namespace opensips::transaction {

ServerNonInvite::ServerNonInvite(Host& host, loop::ServerId id, const base::Flow& to)
    : host_(host), id_(id), to_(to) {}

/// RFC 4320 4.1: a 100 may be sent when the client sends its copies no more often than every T2,
/// and then has to be.
void ServerNonInvite::start() {
  const auto& timers = host_.timers();
  std::uint64_t passed = 0;
  for (std::uint64_t delay = timers.t1; delay < timers.t2; delay *= 2) passed += delay;
  host_.wheel().arm(life_, passed);
}

void ServerNonInvite::retransmitted() {
  if (sent_) host_.send(sent_, to_);
}

bool ServerNonInvite::respond(unsigned code, bool) {
  if (state_ == State::completed) return false;
  if (code < 200) {
    state_ = State::proceeding;
    life_.cancel();
    return true;
  }
  state_ = State::completed;
  host_.wheel().arm(life_, base::is_reliable(to_.transport) ? 0 : host_.timers().linger);
  return true;
}

void ServerNonInvite::abandon() {
  if (final()) return;
  state_ = State::completed;
  sent_.reset();
  host_.wheel().arm(life_, host_.timers().linger);
}

void ServerNonInvite::on_life_end() {
  if (state_ == State::trying) return host_.server_late(id_);
  host_.server_ended(id_);
}

std::string_view ServerNonInvite::state_name() const {
  switch (state_) {
    case State::trying: return "trying";
    case State::proceeding: return "proceeding";
    case State::completed: return "completed";
  }
  return {};
}

}  // namespace opensips::transaction
