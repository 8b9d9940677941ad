#pragma once

#include "lp_routing/functions/function.hh"

namespace opensips::routing {

/// How the result of a function follows from the call that asks for it.
enum class Outside : std::uint8_t {
  no,       ///< from the call's own messages, or from what the layers do for it
  yes,      ///< from what others keep or say: databases, web servers, tables, modules
  also,     ///< likewise, but it changes something of the call's, too
  unasked,  ///< from the clock or from chance: nobody minds whether it is asked
};

/// Of the core's functions as a table in outside.cc says; of modules' all.
Outside outside(const Function& function);

}  // namespace opensips::routing
