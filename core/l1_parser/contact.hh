#pragma once

#include <cstdint>
#include <optional>

#include "l1_parser/message_view.hh"
#include "l1_parser/name_addr.hh"

namespace opensips::parser {

/// One value of a Contact header (RFC 3261 20.10).
struct Contact {
  NameAddr address;                ///< unset for `*`
  std::optional<std::uint16_t> q;  ///< in thousandths, 0 to 1000
  std::optional<std::uint32_t>
      expires;        ///< seconds; saturates; 3600 if it is no number (RFC 3261 10.2.1.1)
  bool star = false;  ///< `*`

  static base::Result<Contact> parse(std::string_view text);
};

/// All values of all Contact headers of a message, as its edits leave them.
class ContactList {
 public:
  explicit ContactList(const Message& message) : headers_(message) {}
  /// nullopt at the end. A value that is no contact is an error; the ones behind it can still be
  /// read.
  std::optional<base::Result<Contact>> next();

 private:
  EffectiveHeaders headers_;
  ValueList values_{{}};
};

/// "0.7" is 700; nullopt if it is no qvalue. Digits behind the third are cut off.
std::optional<std::uint16_t> parse_q(std::string_view text);

/// Seconds; 2^32-1 for what is larger; nullopt if it is no number.
std::optional<std::uint32_t> parse_delta_seconds(std::string_view text);

}  // namespace opensips::parser
