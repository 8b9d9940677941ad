#pragma once

#include <string_view>

#include "l1_parser/contact.hh"
#include "l1_parser/digest.hh"
#include "l1_parser/message.hh"
#include "l1_parser/message_view.hh"
#include "l1_parser/params.hh"
#include "l1_parser/via.hh"

namespace opensips::parser::samples {

inline bool read_uri(std::string_view text) {
  const auto uri = Uri::parse(text);
  if (!uri) return false;
  static_cast<void>(uri->param("lr"));
  return equivalent(*uri, *uri);
}

inline bool read_vias(std::string_view value) {
  bool good = true;
  for (ValueList values(value); const auto one = values.next();) {
    const auto via = Via::parse(*one);
    good &= via.has_value();
    static_cast<void>(Via::parse_sent_by(*one));
    if (via) find_param(via->params, "maddr");
  }
  return good;
}

inline bool read_addresses(std::string_view value) {
  bool good = true;
  for (ValueList values(value); const auto one = values.next();) {
    const auto address = NameAddr::parse(*one);
    good &= address && read_uri(address->uri_text);
    if (address) static_cast<void>(address->param("nothing"));
  }
  return good;
}

inline bool read_contacts(std::string_view value) {
  bool good = true;
  for (ValueList values(value); const auto one = values.next();) {
    const auto contact = Contact::parse(*one);
    good &= contact && (contact->star || read_uri(contact->address.uri_text));
  }
  return good;
}

/// A scheme that we do not know is no fault.
inline bool read_credentials(std::string_view value) {
  const auto credentials = DigestCredentials::parse(value);
  return credentials || credentials.error() == base::Error::unsupported;
}

inline bool read_challenge(std::string_view value) {
  const auto challenge = DigestChallenge::parse(value);
  return challenge ? challenge->offers("auth") || true
                   : challenge.error() == base::Error::unsupported;
}

inline bool read_value(HeaderName name, std::string_view value) {
  switch (name) {
    case HeaderName::via: return read_vias(value);
    case HeaderName::from:
    case HeaderName::to:
    case HeaderName::route:
    case HeaderName::record_route:
    case HeaderName::path:
    case HeaderName::service_route:
    case HeaderName::refer_to:
    case HeaderName::referred_by:
    case HeaderName::p_asserted_identity: return read_addresses(value);
    case HeaderName::contact: return read_contacts(value);
    case HeaderName::cseq: return CSeq::parse(value).has_value();
    case HeaderName::authorization:
    case HeaderName::proxy_authorization: return read_credentials(value);
    case HeaderName::www_authenticate:
    case HeaderName::proxy_authenticate: return read_challenge(value);
    case HeaderName::expires:
    case HeaderName::min_expires: return parse_delta_seconds(value).has_value();
    default: return true;
  }
}

/// Reads every header by its grammar, as the layers and scripts read them when they need them.
/// True if all are well-formed.
inline bool read_everything(Message& message) {
  bool good = true;
  for (const Header& header : message.headers()) {
    good &= read_value(header.name, message.value(header));
    static_cast<void>(unfold(message.arena(), message.value(header)));
  }
  if (message.is_request()) good &= read_uri(message.uri().text);
  return good;
}

}  // namespace opensips::parser::samples
