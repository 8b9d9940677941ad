#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "l1_parser/message.hh"
#include "l1_parser/uri.hh"
#include "l6_location/binding.hh"
#include "l6_location/instance.hh"

namespace opensips::location {

/// How long registrations last, in seconds; 0 is no limit.
struct ExpiresLimits {
  std::uint32_t default_expires = 3600;  ///< when the client says nothing
  std::uint32_t min_expires = 60;
  std::uint32_t max_expires = 0;
};

/// What a REGISTER asks for, before anything is looked up (RFC 3261 10.3). Views into the message.
struct RegisterRequest {
  struct Contact {
    parser::Uri uri;
    std::string params;         ///< without q and expires
    std::uint32_t key = 0;      ///< contact_key(uri)
    std::uint32_t expires = 0;  ///< seconds granted; 0: remove it
    std::optional<std::uint16_t> q = {};
    std::uint32_t methods = kAllMethods;
  };
  /// Why a request cannot be done: the answer.
  struct Refusal {
    std::uint16_t code = 400;
    std::string_view reason;  ///< a literal
    std::string headers;      ///< whole lines
  };
  /// As many as anyone may send: each is compared with each.
  static constexpr std::size_t kMaxContacts = 1000;

  std::vector<Contact> contacts;  ///< none, and no wildcard: a query
  bool wildcard = false;          ///< remove all
  std::string path;               ///< the values of all Path headers, with commas between
  /// What the client supports.
  bool supports_path = false, supports_outbound = false, supports_gruu = false;
  bool requires_gruu = false, requires_outbound = false;
  /// The proxy that the client is connected to keeps flows to it (RFC 5626 6), or is this server;
  /// of a client that supports outbound.
  bool first_hop_keeps_flows = true;
  bool is_query() const { return contacts.empty() && !wildcard; }

  /// Whether a contact registers a flow, which takes the place of an earlier one of the same device
  /// and number (RFC 5626 6).
  bool is_flow(const Contact& contact) const {
    return supports_outbound && instance_of(contact.params).is_flow();
  }

  /// `most`: how many Contact values there may be.
  static std::expected<RegisterRequest, Refusal> parse(const parser::Message& request,
                                                       const ExpiresLimits& limits,
                                                       std::size_t most = kMaxContacts);
};

}  // namespace opensips::location
