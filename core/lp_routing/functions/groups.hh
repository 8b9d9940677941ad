#pragma once

#include <span>

#include "lp_routing/functions/function.hh"

namespace opensips::routing {

// The rows of each file in this folder; functions() puts them together.
std::span<const Function> handler_functions();
std::span<const Function> sip_functions();
std::span<const Function> sip_requests();
std::span<const Function> request_fields();
std::span<const Function> request_actions();
std::span<const Function> request_headers();
std::span<const Function> header_changes();
std::span<const Function> response_changes();
std::span<const Function> response_functions();
std::span<const Function> response_headers();
std::span<const Function> uri_functions();
std::span<const Function> name_addr_functions();
std::span<const Function> source_functions();
std::span<const Function> location_functions();
std::span<const Function> dialog_functions();
std::span<const Function> dialog_requests();
std::span<const Function> profile_functions();
std::span<const Function> address_tests();
std::span<const Function> random_functions();
std::span<const Function> time_functions();
std::span<const Function> shared_functions();
std::span<const Function> task_functions();
std::span<const Function> http_functions();
std::span<const Function> dns_functions();
std::span<const Function> parse_functions();
std::span<const Function> write_functions();
std::span<const Function> code_functions();
std::span<const Function> json_functions();
std::span<const Function> request_checks();
std::span<const Function> request_bodies();
std::span<const Function> response_bodies();
std::span<const Function> sdp_functions();
std::span<const Function> hash_functions();
std::span<const Function> regex_functions();
std::span<const Function> sql_functions();

}  // namespace opensips::routing
