#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hh"
#include "l1_parser/method.hh"

namespace opensips::parser {

struct CSeq {
  std::uint32_t number = 0;  ///< < 2^31 (RFC 3261 8.1.1.5)
  Method method = Method::other;
  std::string_view method_text;

  static base::Result<CSeq> parse(std::string_view text);
};

}  // namespace opensips::parser
