#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/guarded.hh"
#include "loop/mailbox.hh"

namespace opensips::location {

/// Who may write an AoR to the database: one at a time, in the order in which they came, so that
/// what is written last is also what came last. Shared by all workers, any thread.
class AorTurns {
 public:
  /// Ends when it is destroyed, on whatever thread. The turns outlive it.
  class Turn {
   public:
    Turn(Turn&& other) noexcept
        : turns_(std::exchange(other.turns_, nullptr)), aor_(std::move(other.aor_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_) turns_->release(std::move(aor_));
    }

   private:
    friend class AorTurns;
    Turn(AorTurns& turns, std::string aor) : turns_(&turns), aor_(std::move(aor)) {}

    AorTurns* turns_;
    std::string aor_;
  };
  using Go = std::move_only_function<void(Turn)>;

  /// So many may wait for one AoR.
  static constexpr std::size_t kMostWaiting = 64;

  AorTurns() = default;
  AorTurns(const AorTurns&) = delete;
  AorTurns& operator=(const AorTurns&) = delete;

  /// `go` is called with the turn: now, or when it has come, on the worker of `to`. If that has
  /// gone by then it is destroyed. False: too many wait.
  bool take(std::string aor, std::shared_ptr<loop::Mailbox> to, Go go);
  /// The turn, if nobody has it.
  std::optional<Turn> try_take(std::string aor);

 private:
  struct Waiter {
    std::shared_ptr<loop::Mailbox> to;
    Go go;
  };
  using Lines = std::unordered_map<std::string, std::deque<Waiter>>;  // of turns that are taken

  void release(std::string aor);

  base::Guarded<Lines> lines_;
};

}  // namespace opensips::location
