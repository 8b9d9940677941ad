#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/ref.hh"
#include "l1_parser/message.hh"
#include "l2_transaction/host.hh"
#include "loop/timer_wheel.hh"
#include "loop/walk.hh"

namespace opensips::transaction {

/// The response context of RFC 3261 16.7: the branches of one forwarded request and the best of
/// their final responses. A program may fork several times in turn; each time is a round, over when
/// all its branches have ended or one has answered with 2xx.
class ResponseContext {
 public:
  /// `six_ends_all`: a 6xx of one branch is for all of them (16.7 step 10).
  ResponseContext(Host& host, loop::ServerId server, bool six_ends_all = true)
      : host_(host), server_(server), six_ends_all_(six_ends_all) {}

  /// `timeout_ms`: how long the round may last; 0: as long as its branches do.
  void begin_round(std::uint64_t timeout_ms, const Patience& patience);
  const Patience& patience() const { return patience_; }
  void add(loop::ClientId branch) { pending_.push_back(branch); }
  /// The branch goes on as another client transaction.
  void replace(loop::ClientId before, loop::ClientId branch) {
    std::ranges::replace(pending_, before, branch);
  }

  enum class Decision : std::uint8_t {
    absorb,   ///< nothing goes up now
    forward,  ///< this response goes up at once
    over,     ///< the round is over without a 2xx: best() goes up
  };
  /// A response of a branch. The round is over for that branch if the response is final.
  Decision receive(loop::ClientId branch, const base::Ref<parser::Message>& response);

  const base::Ref<parser::Message>& best() const { return best_; }
  /// The branches without a final response.
  const std::vector<loop::ClientId>& pending() const { return pending_; }
  bool has_pending() const { return !pending_.empty(); }
  bool is_pending(loop::ClientId branch) const {
    return std::ranges::find(pending_, branch) != pending_.end();
  }
  /// A 2xx or 6xx came: the other branches are to be cancelled (16.7 step 10).
  bool decided() const { return won_ || declined_; }
  /// Why pending branches are cancelled: whole Reason lines for their CANCELs (RFC 3326).
  const std::string& reason() const { return reason_; }
  void set_reason(std::string lines) { reason_ = std::move(lines); }
  /// The same for a final response that makes the others idle.
  void set_reason(unsigned code);
  /// Drops what is only needed to choose: the answer is given.
  void close();

 private:
  bool better(const parser::Message& response) const;
  void add_challenges();
  void on_limit() { host_.round_timed_out(server_); }

  Host& host_;
  loop::ServerId server_;
  bool six_ends_all_;
  Patience patience_;
  std::string reason_;
  std::vector<loop::ClientId> pending_;
  base::Ref<parser::Message> best_;
  std::vector<base::Ref<parser::Message>> challenges_;  // the 401 and 407 among the final responses
  loop::Timer limit_ = loop::Timer::calling<&ResponseContext::on_limit>(this);
  bool won_ = false;       // a 2xx was forwarded
  bool declined_ = false;  // a 6xx came
};

}  // namespace opensips::transaction
