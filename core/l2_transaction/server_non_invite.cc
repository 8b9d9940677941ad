#include "l2_transaction/server_non_invite.hh"

namespace opensips::transaction {

ServerNonInvite::ServerNonInvite(Host& host, loop::ServerId id, const base::Flow& to)
    : host_(host), id_(id), to_(to) {}

void ServerNonInvite::retransmitted() {
  if (sent_) host_.send(sent_, to_);
}

bool ServerNonInvite::respond(unsigned code) {
  if (state_ == State::completed) return false;
  if (code < 200) {
    state_ = State::proceeding;
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
  host_.server_ended(id_);
}

}  // namespace opensips::transaction
