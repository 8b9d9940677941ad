#pragma once

#include <string>

#include "l1_parser/message.hh"

namespace opensips::routing {

/// What is wrong in a request that L1 has let pass: the first thing; empty if nothing is.
std::string insanity(const parser::Message& request);

}  // namespace opensips::routing
