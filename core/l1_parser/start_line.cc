#include "l1_parser/start_line.hh"

#include <algorithm>
#include <cstring>

#include "l1_parser/chars.hh"

namespace opensips::parser {
namespace {

constexpr std::string_view kVersion = "SIP/2.0";

// "SIP/" digits "." digits, whatever the digits.
bool is_version(std::string_view text) {
  if (text.size() < 7 || !chars::equal_fold(text.substr(0, 4), "SIP/")) return false;
  const char* at = text.data() + 4;
  const char* const end = text.data() + text.size();
  const auto digits = [&at, end] {
    const char* const begin = at;
    while (at != end && chars::is_digit(*at)) ++at;
    return at != begin;
  };
  return digits() && at != end && *at++ == '.' && digits() && at == end;
}

bool is_version_2(std::string_view text) {
  return chars::equal_fold(text, kVersion);
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

StartLine parse_status(std::string_view line) {
  StartLine result;
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return result;
  const auto version = line.substr(0, blank);
  result.version_2 = is_version_2(version);
  if (!result.version_2 && !is_version(version)) return result;
  const auto rest = line.substr(blank + 1);
  // Some peers leave out the blank before an empty phrase.
  if (rest.size() < 3 || (rest.size() > 3 && rest[3] != ' ')) return result;
  const auto code = chars::number(rest.substr(0, 3), 699);
  if (!code || *code < 100) return result;
  result.kind = StartLine::Kind::response;
  result.code = static_cast<std::uint16_t>(*code);
  if (rest.size() > 4) result.reason = rest.substr(4);
  result.clean = !has_control(result.reason);
  return result;
}

}  // namespace

StartLine StartLine::parse(std::string_view line) {
  if (line.size() >= 4 && line[3] == '/' && chars::equal_fold(line.substr(0, 3), "SIP")) {
    return parse_status(line);
  }
  StartLine result;
  const char* const begin = line.data();
  const char* end = begin + line.size();
  while (end != begin && chars::is_blank(end[-1])) --end;
  const char* const method_end = chars::skip(begin, end, chars::token);
  if (method_end == begin || method_end == end || *method_end != ' ') return result;
  const char* version = end;
  while (version[-1] != ' ') --version;  // stops at the blank behind the method at the latest
  if (version - 1 <= method_end + 1) return result;
  const auto version_text = chars::between(version, end);
  result.version_2 = is_version_2(version_text);
  if (!result.version_2 && !is_version(version_text)) return result;
  result.kind = Kind::request;
  result.clean = end == begin + line.size();
  result.method = chars::between(begin, method_end);
  result.uri = chars::between(method_end + 1, version - 1);
  return result;
}

}  // namespace opensips::parser
