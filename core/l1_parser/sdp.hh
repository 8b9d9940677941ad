#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hh"

namespace opensips::parser {

/// One line of a session description (RFC 8866 5): `m=audio 49170 RTP/AVP 0`.
struct SdpLine {
  char type = 0;
  std::string_view value;
};

/// Cuts a session description into its lines, which end with CRLF or LF, the last one with nothing
/// if it must be. Copies nothing.
class SdpScanner {
 public:
  explicit SdpScanner(std::string_view text) : rest_(text) {}
  /// The next one; nullopt at the end, or at what is none: see failed().
  std::optional<SdpLine> next();
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// The value of `o=` (RFC 8866 5.2).
struct SdpOrigin {
  std::string_view username;
  std::string_view session_id;       ///< digits, as many as there are
  std::string_view session_version;  ///< likewise
  std::string_view net_type;         ///< "IN"
  std::string_view address_type;     ///< "IP4", "IP6"
  std::string_view address;

  static base::Result<SdpOrigin> parse(std::string_view value);
};

/// The value of `c=` (RFC 8866 5.7).
struct SdpConnection {
  std::string_view net_type;
  std::string_view address_type;
  std::string_view address;  ///< with the TTL of a multicast group, if there is one

  static base::Result<SdpConnection> parse(std::string_view value);
};

/// The value of `m=` (RFC 8866 5.14).
struct SdpMedia {
  std::string_view type;  ///< "audio", "video", …
  std::uint16_t port = 0;
  std::uint16_t ports = 1;  ///< behind the '/'
  std::string_view protocol;
  std::string_view formats;  ///< divided by blanks

  static base::Result<SdpMedia> parse(std::string_view value);
};

/// Takes the next word off a text of words that one blank divides; empty at the end.
std::string_view take_word(std::string_view& text);

}  // namespace opensips::parser
