#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "lp_routing/recording/effects.hh"
#include "lp_routing/recording/recording.hh"
#include "lp_routing/witness.hh"

namespace opensips::loop {
class Context;
}

namespace opensips::routing::recording {

/// Writes down a call: what comes in, what its handlers ask and get, what goes out. Belongs to its
/// worker.
class CallRecord final : public Witness {
 public:
  /// The context outlives it.
  CallRecord(std::string call_id, std::shared_ptr<Recording> recording, loop::Context& context)
      : call_id_(std::move(call_id)), recording_(std::move(recording)), context_(context) {}

  void received(std::string_view bytes, const base::Flow& from);
  void sent(std::string_view bytes, const base::Flow& to);

  void at(std::string_view place) override { place_ = place; }
  Value call(Call& call, std::span<const Value> arguments) override;
  Value woken(Run& run, Value result) override;
  void replied(const Run& run, unsigned code, std::string_view reason,
               const ReplyOptions& options) override;
  void dropped(const Run& run) override;

 private:
  /// What a function that is going on has been found to do.
  struct Doing {
    std::uint64_t number = 0;  // of the question, if it waits
    std::optional<EditsBefore> edits;
    Json did = Json::object();
  };

  /// If there is no room the call is lost: all that is kept for what follows is that.
  void add(Json line);
  static void finish(Doing& doing, Json& line);

  const std::string call_id_;
  const std::shared_ptr<Recording> recording_;
  loop::Context& context_;
  std::string place_;
  std::uint64_t questions_ = 0;
  std::unordered_map<std::uint64_t, Doing> doing_;  // by the ids of runs
  std::unordered_set<std::uint64_t> sent_;          // hashes: a copy is no news
  bool lost_ = false;
};

/// The function and its arguments, as they are written down and looked for:
/// {"asks": "sql:query", "with": […]}.
Json question(Call& call, std::span<const Value> arguments);

}  // namespace opensips::routing::recording
