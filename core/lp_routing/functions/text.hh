#pragma once

#include <string>
#include <string_view>

namespace opensips::routing {

/// The longest value that goes into a header, a URI or a reason phrase.
inline constexpr std::size_t kMaxLine = 8192;
/// The longest body: more is in no UDP datagram.
inline constexpr std::size_t kMaxBody = 65535;

/// Text that goes into a line of a message: a header's value, a reason phrase. No CR, LF, NUL or
/// other control characters but the tab.
struct Line {
  std::string_view text;
};

/// A header's name: a token (RFC 3261 25.1).
struct HeaderField {
  std::string_view text;
};

/// Text that is a URI.
struct UriText {
  std::string_view text;
};

struct Body {
  std::string_view text;
};

/// Text of any bytes that is only computed with.
struct Bytes {
  std::string_view text;
};
/// The longest: what is computed of it holds up the worker for some milliseconds at most.
inline constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

bool is_line(std::string_view text);

}  // namespace opensips::routing
