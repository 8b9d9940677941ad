#include "l1_parser/peek.hh"

#include <cstring>
#include <optional>

#include "l1_parser/chars.hh"
#include "l1_parser/header_name.hh"
#include "l1_parser/name_addr.hh"
#include "l1_parser/params.hh"
#include "l1_parser/scan_bytes.hh"
#include "l1_parser/scanner.hh"
#include "l1_parser/start_line.hh"
#include "l1_parser/via.hh"

namespace opensips::parser {
namespace {

bool is_stun(std::string_view bytes) {
  constexpr std::size_t kHeader = 20;
  constexpr std::string_view kCookie("\x21\x12\xa4\x42", 4);
  return bytes.size() >= kHeader && (bytes[0] == 0 || bytes[0] == 1) &&
         bytes.substr(4, 4) == kCookie;
}

bool is_call_id(std::string_view name) {
  if (name.size() == 1) return name.front() == 'i' || name.front() == 'I';
  return name.size() == 7 && header_name_of(name) == HeaderName::call_id;
}

/// `at` is a line end as almost all are, behind a line that is not continued.
bool is_plain_end(const char* at, const char* end) {
  return end - at > 2 && at[0] == '\r' && at[1] == '\n' && !chars::is_blank(at[2]);
}

/// The Call-ID if it and what stands before it are written as almost all messages are: lines that
/// end in CRLF, none of them continued, nothing unseen in them, no white space before the colon.
/// Nothing otherwise.
std::optional<std::string_view> plain_call_id(std::string_view bytes) {
  const char* const end = bytes.data() + bytes.size();
  const char* at = bytes.data();
  for (;;) {
    at = find_control(at, end);
    if (!is_plain_end(at, end)) return std::nullopt;
    at += 2;
    if (*at == '\r' || *at == '\n') return std::nullopt;  // the headers end
    std::size_t size = 0;
    if (chars::lower(*at) == 'i') {
      size = 1;
    } else if (chars::lower(*at) == 'c' && end - at > 7 && is_call_id({at, 7})) {
      size = 7;
    }
    if (size == 0) continue;
    const char* const behind = at + size;
    if (behind == end || chars::is_blank(*behind)) return std::nullopt;
    if (*behind != ':') continue;
    const char* const value = chars::skip_blanks(behind + 1, end);
    const char* const value_end = find_control(value, end);
    if (!is_plain_end(value_end, end)) return std::nullopt;
    return chars::trim(chars::between(value, value_end));
  }
}

}  // namespace

std::string_view call_id_of(std::string_view bytes) {
  const auto plain = plain_call_id(bytes);
  return plain ? *plain : peek(bytes).call_id;
}

Peek peek(std::string_view bytes) {
  Peek result;
  if (bytes.empty()) return result;
  if (is_stun(bytes)) {
    result.kind = Peek::Kind::stun;
    return result;
  }
  HeaderScanner scanner(bytes);
  if (scanner.offset() == bytes.size()) {
    result.kind = Peek::Kind::crlf;
    return result;
  }
  const auto line = scanner.start_line();
  if (!line) return result;
  switch (StartLine::parse(*line).kind) {
    case StartLine::Kind::none: return result;
    case StartLine::Kind::request: result.kind = Peek::Kind::request; break;
    case StartLine::Kind::response: result.kind = Peek::Kind::response; break;
  }
  HeaderLine header;
  while (scanner.next(header)) {
    if (header.bad || !is_call_id(header.name())) continue;
    result.call_id = header.value();
    break;
  }
  return result;
}

std::uint16_t alias_port(std::string_view bytes) {
  HeaderScanner scanner(bytes);
  if (!scanner.start_line()) return 0;
  HeaderLine header;
  while (scanner.next(header)) {
    if (header.bad || header_name_of(header.name()) != HeaderName::via) continue;
    const auto first = ValueList(header.value()).next();
    const auto via = first ? Via::parse(*first) : base::Failure(base::Error::missing);
    return via && find_param(via->params, "alias") ? via->port_or_default() : 0;
  }
  return 0;
}

}  // namespace opensips::parser
