#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "l1_parser/draft.hh"
#include "l1_parser/header_name.hh"
#include "l1_parser/message.hh"

namespace opensips::transaction {

/// Who a request of our own says it comes from when it is asked to prove that.
struct Login {
  std::string_view username;  ///< empty: it proves nothing
  std::string_view password;
  std::string_view ha1;  ///< instead of the password: digits of a hash of the challenge's algorithm
};

/// The challenges that one request has met, and what answers them (RFC 3261 22.2, 22.3; RFC 8760).
class Credentials {
 public:
  explicit Credentials(const Login& login);

  /// Takes note of the challenges of a 401 or 407. False if sending the request again is of no use:
  /// none of them can be answered, or has been and not because its nonce was too old.
  bool take(const parser::Message& refusal);
  /// Puts the answers to all of them into the draft. `cnonce`: random.
  void put(parser::Message& request, parser::Draft& draft, std::string_view cnonce);

 private:
  struct Challenge {
    parser::HeaderName name;  // www_authenticate or proxy_authenticate
    std::string realm;        // with its backslashes
    std::string text;
    std::uint32_t uses = 0;  // of its nonce
  };

  bool take(parser::HeaderName name, std::string_view text, std::vector<Challenge>& taken);

  std::string username_, password_, ha1_;
  std::vector<Challenge> challenges_;
  unsigned rounds_ = 0;
};

}  // namespace opensips::transaction
