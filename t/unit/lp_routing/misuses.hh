#pragma once

#include <list>
#include <string>
#include <vector>

#include "lp_routing/functions/function.hh"
#include "unit/lp_routing/fake_services.hh"

/// Calls of functions with values that do not fit, made from their rows alone.
namespace opensips::routing {

/// What has to come of a call.
enum class Outcome {
  any,      ///< nothing that breaks: the value may be good for it
  refusal,  ///< an error, or nil and why, or "no"
  error,    ///< an error
};

struct WrongCall {
  std::string call;
  Outcome outcome = Outcome::any;
};

/// How a script gets the object that the row belongs to; empty: nobody has said.
std::string object_of(const Function& function);

/// All calls of the row with one value that does not fit in one place: as each of its arguments,
/// and as each option of each of its tables.
std::vector<WrongCall> misuses(const Function& function);

/// Nothing that was to be sent has a line that a script has slipped in.
void expect_nothing_slipped_in(const FakeServices& services, std::list<Run>& runs);

}  // namespace opensips::routing
