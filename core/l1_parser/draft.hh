#pragma once

#include <cstdint>
#include <string_view>

#include "l1_parser/edits.hh"

namespace opensips::parser {

/// A message on its way down, before it is bytes. Either a received message forwarded, with edits
/// for this branch on top of the message's own, or a reply to a received request. Lives in the
/// arena of the message that the Walk holds beside it, and owns nothing.
struct Draft {
  enum class Kind : std::uint8_t { forward, reply };

  Kind kind = Kind::forward;
  Edits edits;  ///< forward only
  /// forward only: `edits` are all there are, and those of the message do not count: this branch
  /// has taken them over, with changes of its own.
  bool has_all_edits = false;
  /// forward only: it goes by the flow that it has, whatever its size (a registration's)
  bool keeps_flow = false;
  /// forward only: who sent it, or who it goes to, is behind a NAT. Requests inside the dialog that
  /// it sets up go to the address where that side is seen, not to the one that it gives.
  bool source_behind_nat = false;
  bool target_behind_nat = false;

  /// Of a reply. Of a response that is forwarded: instead of its own; 0: as it came.
  std::uint16_t code = 0;

  // reply only
  std::string_view reason;   ///< empty: the usual phrase of the code
  std::string_view to_tag;   ///< added if the request's To has none; empty: none is added
  std::string_view headers;  ///< whole lines, each with its CRLF
  std::string_view content_type;
  std::string_view body;
};

/// "Not Found" for 404; a phrase of the class for a code that no RFC names.
std::string_view reason_phrase(unsigned code);

}  // namespace opensips::parser
