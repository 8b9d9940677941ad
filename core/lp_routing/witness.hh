#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "lp_routing/functions/function.hh"
#include "lp_routing/uas.hh"
#include "lp_routing/value.hh"

namespace opensips::routing {

/// Who stands between the handlers of one call and what is outside of it: one who writes down what
/// they asked and got (script:record), or gives them what was written down (opensips replay).
/// Belongs to the call's worker; runs hold it.
class Witness {
 public:
  virtual ~Witness() = default;

  /// A handler is at that line, "route.lua:12", and calls a function.
  virtual void at(std::string_view place) = 0;
  /// Calls the function, whose result depends on what is outside (functions/outside.hh), or gives
  /// another result in its place.
  virtual Value call(Call& call, std::span<const Value> arguments) = 0;
  /// A run goes on behind a wait, with this: what it gets in its place.
  virtual Value woken(Run& run, Value result) = 0;
  /// What a function does with the request besides giving a result.
  virtual void replied(const Run& run, unsigned code, std::string_view reason,
                       const ReplyOptions& options) = 0;
  virtual void dropped(const Run& run) = 0;
};

/// Who has them. One per worker, called on it.
class Witnesses {
 public:
  /// nullptr: nobody follows that call.
  virtual std::shared_ptr<Witness> of(std::string_view call_id) = 0;

 protected:
  ~Witnesses() = default;
};

}  // namespace opensips::routing
