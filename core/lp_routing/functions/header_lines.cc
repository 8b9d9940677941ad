#include "lp_routing/functions/header_lines.hh"

#include <fmt/format.h>

#include "l1_parser/header_name.hh"
#include "lp_routing/functions/argument.hh"

namespace opensips::routing {
namespace {

/// What the server says by itself; the rest would only make a broken message.
bool is_own_header(std::string_view name, bool of_request) {
  using parser::HeaderName;
  switch (parser::header_name_of(name)) {
    case HeaderName::via:
    case HeaderName::from:
    case HeaderName::to:
    case HeaderName::call_id:
    case HeaderName::cseq:
    case HeaderName::content_length:
    case HeaderName::content_type:
    case HeaderName::record_route: return true;
    case HeaderName::max_forwards:
    case HeaderName::route: return of_request;
    default: return false;
  }
}

/// Adds `name: value` lines. What is wrong, if something is.
std::string add_lines(std::string& lines, std::string_view name, const Value& value) {
  if (const auto* list = value.get<Value::List>()) {
    for (const Value& one : *list) {
      if (one.get<Value::List>()) return "expected text";
      if (auto why = add_lines(lines, name, one); !why.empty()) return why;
    }
    return {};
  }
  std::string why;
  Line line;
  std::string number;
  if (const auto* whole = value.get<std::int64_t>()) {
    number = std::to_string(*whole);
    line.text = number;
  } else if (!Argument<Line>::from(value, line, why)) {
    return why.empty() ? "expected text" : why;
  }
  lines.append(name).append(": ").append(line.text).append("\r\n");
  return lines.size() > kMaxLine ? "is too long" : "";
}

}  // namespace

Value add_header_lines(const Call& call, const Value::Map& headers, bool of_request,
                       std::string& lines) {
  for (const auto& [name, value] : headers) {
    HeaderField field;
    std::string why;
    if (!Argument<HeaderField>::from(name, field, why)) {
      why = "is not the name of a header";
    } else if (is_own_header(name, of_request)) {
      why = "is written by the server itself";
    } else {
      why = add_lines(lines, name, value);
    }
    if (!why.empty()) {
      return Misuse{fmt::format("{}: header '{:.40}': {}", call.function.full_name(), name, why)};
    }
  }
  return {};
}

}  // namespace opensips::routing
