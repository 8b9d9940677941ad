#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/flow.hh"
#include "l1_parser/edits.hh"
#include "l1_parser/message.hh"
#include "lp_routing/functions/function.hh"
#include "lp_routing/run.hh"

namespace opensips::routing {

/// What has been changed in a message, with texts of its own: the way from one message to another
/// of the same bytes, on whatever thread.
class Changes {
 public:
  Changes() = default;
  explicit Changes(const parser::Edits& edits);

  /// The message then has these changes and no others. On the thread that it belongs to.
  void apply_to(parser::Message& message) const;

  bool operator==(const Changes&) const = default;

 private:
  struct Edit {
    bool operator==(const Edit&) const = default;
    std::uint32_t place;
    parser::Edits::Edit::Kind kind;
    std::string name, value;
  };
  std::vector<Edit> edits_;
  std::string uri_, method_;
  std::optional<std::string> body_;
};

/// The request of a run and the responses that its handler has got, as they are now, for a program
/// on another thread, where a Replica is made of it. Owns all that it has.
class RequestCopy {
 public:
  /// On the run's worker. A run without a request has an empty copy.
  explicit RequestCopy(const Run& run);

  bool has_request() const { return !messages_.empty(); }
  std::size_t responses() const { return messages_.empty() ? 0 : messages_.size() - 1; }

 private:
  friend class Replica;
  struct Copied {
    explicit Copied(const parser::Message& message);
    std::string bytes;
    base::Flow source;
    Changes changes;
  };

  std::unique_ptr<Run> run_;
  std::vector<Copied> messages_;  // the request first
};

/// Whether a row's function does with a replica what it does with the request itself: it looks at
/// messages or changes them, or only computes, without a server.
bool works_on_replicas(const Function& row);

/// A request on another thread than its own, and its responses: what functions see and change of
/// them there. Belongs to the thread that makes it; made of a copy with a request.
class Replica {
 public:
  explicit Replica(const RequestCopy& copy);

  Object request() const { return {.kind = ObjectKind::request, .run = run_->id}; }
  Object response(std::size_t index) const;
  std::size_t responses() const { return run_->responses.size(); }
  const parser::Message& message() const { return *run_->request; }
  /// What has been changed in the request by now, for the request itself.
  Changes changes() const { return Changes(message().edits()); }
  /// What a function has made of the request meanwhile, where that is.
  void apply(const Changes& changes) { changes.apply_to(*run_->request); }
  void set_state(bool answered, bool cancelled) {
    run_->answered = answered;
    run_->cancelled = cancelled;
  }

 private:
  friend Value call_on_replica(Replica* replica, const Function& row, const Object& self,
                               std::span<const Value> arguments, Program& program);
  std::unique_ptr<Run> run_;
};

/// What the function gives, of a row that works on replicas; without one, of a row that programs
/// may call at their top level.
Value call_on_replica(Replica* replica, const Function& row, const Object& self,
                      std::span<const Value> arguments, Program& program);

}  // namespace opensips::routing
