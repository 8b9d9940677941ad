#include "l1_parser/scanner.hh"

namespace opensips::parser {

std::string_view skip_line_ends(std::string_view bytes) {
  while (!bytes.empty() && (bytes.front() == '\r' || bytes.front() == '\n')) {
    bytes.remove_prefix(1);
  }
  return bytes;
}

HeaderScanner::HeaderScanner(std::string_view bytes)
    : begin_(bytes.data()), at_(skip_line_ends(bytes).data()), end_(bytes.data() + bytes.size()) {}

std::optional<std::string_view> HeaderScanner::start_line() {
  const char* const begin = at_;
  for (const char* at = begin;; ++at) {
    at = find_control(at, end_);
    if (at == end_) break;
    if (*at != '\n') continue;
    at_ = at + 1;
    if (at != begin && at[-1] == '\r') --at;
    return chars::between(begin, at);
  }
  at_ = end_;
  return std::nullopt;
}

}  // namespace opensips::parser
