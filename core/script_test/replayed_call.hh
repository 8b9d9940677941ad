#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lp_routing/functions/waiting.hh"
#include "lp_routing/witness.hh"
#include "script_test/record.hh"
#include "script_test/same_message.hh"

namespace opensips::script_test {

/// A call that is run again: its handlers get what was written down, and what they have the server
/// send is compared with what it sent then.
class ReplayedCall final : public routing::Witness {
 public:
  /// Has `waker` woken at that time of the record, after what has a lower number at that time.
  using Later = std::function<void(std::uint64_t at, std::uint64_t number, routing::Waker waker)>;
  /// What it needs to know of the record besides its own call.
  struct Surroundings {
    std::function<std::uint64_t()> now;  ///< the time of the record
    Later later;
    /// Both flows go to servers of one name.
    std::function<bool(const std::string& flow, const std::string& other)> share_a_name;
  };
  /// The record's call outlives it.
  ReplayedCall(const Record::Call& call, Surroundings surroundings)
      : call_(call),
        around_(std::move(surroundings)),
        is_sent_(call.sent.size()),
        is_asked_(call.asked.size()) {}

  /// A message that came, in the words of this time.
  std::string received(std::string_view bytes) const { return made_up_.translate(bytes); }
  /// The server sends this; a copy is no news.
  void sent(std::string_view bytes, const std::string& to);
  /// Nothing more will happen.
  void finish();

  /// What is different, a line each; empty: nothing is.
  const std::vector<std::string>& differences() const { return differences_; }

  void at(std::string_view place) override { place_ = place; }
  routing::Value call(routing::Call& call, std::span<const routing::Value> arguments) override;
  routing::Value woken(routing::Run& run, routing::Value result) override;
  void replied(const routing::Run&, unsigned, std::string_view,
               const routing::ReplyOptions&) override {}
  void dropped(const routing::Run&) override {}

 private:
  struct Waiting {
    const Record::Answer* answer;
    routing::Services* services;
    const routing::FunctionTable* functions;
  };

  const Record::Sent* then_sent(const std::string& kind, const std::string& to);
  const Record::Asked* find(const std::string& question);
  routing::Value unknown(routing::Call& call, std::span<const routing::Value> arguments,
                         const std::string& question);
  static routing::Value give(routing::Run& run, const Waiting& waiting);
  void compare(const Record::Sent& then, std::string_view bytes);
  void differs(std::string_view then, std::string_view now);

  const Record::Call& call_;
  const Surroundings around_;
  MadeUp made_up_;
  std::vector<bool> is_sent_, is_asked_;                // again
  std::vector<std::size_t> copies_;                     // hashes of what has been sent
  std::unordered_map<std::uint64_t, Waiting> waiting_;  // by the ids of runs
  std::string place_;
  std::vector<std::string> differences_;
};

}  // namespace opensips::script_test
