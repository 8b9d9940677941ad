#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loop/child_process.hh"
#include "loop/control.hh"

namespace opensips::routing {

/// Recorded calls that are run again against the script as its files are now: by `opensips replay`,
/// in a process of its own, since the clocks of a process are one. One at a time. Control thread.
class Rehearsal {
 public:
  static constexpr std::size_t kMostShown = 20;

  /// What it has said, as the last line of `opensips replay -j`.
  struct Outcome {
    std::uint64_t same = 0;
    std::uint64_t different = 0;
    std::uint64_t left_out = 0;      ///< not whole in the record
    std::string fingerprint;         ///< of the script that was run (lua::Loader)
    std::vector<std::string> shown;  ///< of the different ones, a line each; not of all
  };
  using Done = std::move_only_function<void(std::expected<Outcome, std::string>)>;

  /// `words` begin the program and all that is said to it but the file: {"/usr/sbin/opensips",
  /// "replay", …}. What is not done after `limit` is given up.
  Rehearsal(loop::Control& control, std::vector<std::string> words,
            std::chrono::milliseconds limit = std::chrono::minutes(15))
      : control_(control), words_(std::move(words)), limit_(limit) {}

  bool is_running() const { return child_ != nullptr; }
  /// The error of either kind is the operator's. `done` is called if there is none here.
  std::expected<void, std::string> begin(const std::string& record, Done done);
  /// Ends the one that is running, of which `done` hears so.
  void give_up(std::string reason);

 private:
  void read(std::string_view line);
  std::string why(const loop::ChildProcess::Ended& ended) const;
  void end(const loop::ChildProcess::Ended& ended);

  loop::Control& control_;
  const std::vector<std::string> words_;
  const std::chrono::milliseconds limit_;
  std::unique_ptr<loop::ChildProcess> child_;
  Outcome outcome_;
  bool has_counts_ = false;
  std::string error_;  // that it has said
  Done done_;
};

}  // namespace opensips::routing
