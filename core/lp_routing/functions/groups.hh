#pragma once

#include <span>

#include "lp_routing/functions/function.hh"

namespace opensips::routing {

// The rows of each file in this folder; functions() puts them together.
std::span<const Function> sip_functions();
std::span<const Function> sip_requests();
std::span<const Function> request_fields();
std::span<const Function> request_actions();
std::span<const Function> request_headers();
std::span<const Function> header_changes();
std::span<const Function> response_functions();
std::span<const Function> response_headers();
std::span<const Function> uri_functions();
std::span<const Function> name_addr_functions();
std::span<const Function> source_functions();
std::span<const Function> location_functions();

}  // namespace opensips::routing
