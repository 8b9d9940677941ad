#include "lp_routing/functions/text.hh"

#include <algorithm>

namespace opensips::routing {

bool is_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

}  // namespace opensips::routing
