#include "l1_parser/params.hh"

#include "l1_parser/chars.hh"
#include "l1_parser/scan_bytes.hh"

namespace opensips::parser {

namespace {

const char* skip_name(const char* at, const char* end) {
  for (;;) {
    at = chars::skip(at, end, chars::param);
    if (at == end || *at != '%') return at;
    ++at;
  }
}

}  // namespace

std::optional<Param> ParamScanner::next() {
  const char* const end = rest_.data() + rest_.size();
  const char* at = chars::skip_blanks(rest_.data(), end);
  rest_ = {};
  if (at == end) return std::nullopt;

  Param param;
  const char* begin = at;
  at = skip_name(at, end);
  param.name = chars::between(begin, at);
  failed_ = at == begin;
  at = chars::skip_blanks(at, end);
  if (at != end && *at == '=') {
    begin = at = chars::skip_blanks(at + 1, end);
    param.has_value = true;
    at = at != end && *at == '"' ? chars::skip_quoted(at, end)
                                 : chars::skip(leap_value(at, end), end, chars::value);
    if (!at) {
      failed_ = true;
      return std::nullopt;
    }
    param.value = chars::between(begin, at);
    at = chars::skip_blanks(at, end);
  }
  if (at != end) {
    // A ';' has to have something behind it.
    if (*at != ';' || chars::skip_blanks(++at, end) == end) failed_ = true;
    rest_ = chars::between(at, end);
  }
  if (failed_) {
    rest_ = {};
    return std::nullopt;
  }
  return param;
}

std::optional<Param> find_param(std::string_view params, std::string_view name) {
  ParamScanner scanner(params);
  while (auto param = scanner.next()) {
    if (chars::equal_fold(param->name, name)) return param;
  }
  return std::nullopt;
}

}  // namespace opensips::parser
