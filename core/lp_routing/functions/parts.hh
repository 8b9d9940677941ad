#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "l1_parser/name_addr.hh"
#include "l1_parser/uri.hh"
#include "lp_routing/functions/function.hh"

namespace opensips::routing {

/// The text that `self` stands for, as it is now: a header's value, one Contact of several, the
/// Request-URI. Nothing if it is not there (any more).
std::optional<std::string_view> text_of_part(const Call& call);

/// The name-addr that `self` stands for; nothing if it is malformed, "*" for one.
std::optional<parser::NameAddr> name_addr_of(const Call& call);

/// The URI that `self` stands for or that is in it.
std::optional<parser::Uri> uri_of(const Call& call);

/// How many Contacts the message has.
std::uint32_t count_contacts(const parser::Message& message);

/// Nil for what is not there.
inline Value text_or_nil(std::string_view text) {
  return text.empty() ? Value() : Value(text);
}
Value text_or_nil(std::string&&) = delete;  // the value would outlive it

}  // namespace opensips::routing
