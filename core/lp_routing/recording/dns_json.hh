#pragma once

#include <optional>

#include "l0_transport/dns_answer.hh"
#include "lp_routing/recording/value_json.hh"

namespace opensips::routing::recording {

/// "SRV _sip._udp.example.com", and back; nothing if it is none.
std::string dns_question_text(const transport::DnsQuestion& question);
std::optional<transport::DnsQuestion> dns_question_of(std::string_view text);

/// The same was answered, whatever the TTL.
bool is_same(const transport::DnsAnswer& one, const transport::DnsAnswer& other);

/// What was answered, without its TTL.
Json to_json(const transport::DnsAnswer& answer);
std::optional<transport::DnsAnswer> dns_answer_of(const Json& json);

}  // namespace opensips::routing::recording
