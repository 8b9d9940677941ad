#pragma once

#include <cstdint>
#include <string_view>

#include "l1_parser/uri.hh"
#include "l6_location/binding.hh"

namespace opensips::location::testing {

struct BindingIs {
  std::uint64_t expires_at = 3'600'000;
  std::uint16_t q = kHighestQ;
  std::uint32_t cseq = 1;
  bool behind_nat = false;
};

inline BindingRef binding(std::string_view contact, BindingIs is = {}) {
  const auto uri = parser::Uri::parse(contact);
  return Binding::make({.contact = contact,
                        .host = uri ? uri->host : std::string_view(),
                        .params = {},
                        .call_id = "843817637684230@998sdasdh09",
                        .user_agent = "Phone/1.0",
                        .received = {},
                        .expires_at = is.expires_at,
                        .modified_at = 0,
                        .cseq = is.cseq,
                        .contact_key = uri ? contact_key(*uri) : 0,
                        .q = is.q,
                        .behind_nat = is.behind_nat});
}

}  // namespace opensips::location::testing
