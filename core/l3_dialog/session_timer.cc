#include "l3_dialog/session_timer.hh"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "l1_parser/chars.hh"
#include "l1_parser/contact.hh"
#include "l1_parser/message_view.hh"
#include "l1_parser/name_addr.hh"

namespace opensips::dialog {

using parser::HeaderName;

namespace {

/// "1800;refresher=uac" is 1800.
std::optional<std::uint32_t> seconds_of(const parser::Message& message, HeaderName name) {
  const auto place = message.find(name);
  if (place == message.headers().size()) return std::nullopt;
  auto value = message.value(message.headers()[place]);
  value = value.substr(0, value.find(';'));
  const auto end = value.find_last_not_of(" \t");
  return parser::parse_delta_seconds(value.substr(0, end + 1));
}

bool lists_timer(const parser::Message& message, HeaderName name) {
  const auto headers = message.headers();
  for (auto i = message.find(name); i < headers.size(); i = message.find(name, i + 1)) {
    parser::ValueList values(message.value(headers[i]));
    while (const auto value = values.next()) {
      if (parser::chars::equal_fold(*value, "timer")) return true;
    }
  }
  return false;
}

std::string_view digits_of(base::Arena& arena, std::uint32_t number) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return arena.copy({digits, static_cast<std::size_t>(end - digits)});
}

/// Replaces the header's value up to its parameters, or adds the header.
void set_seconds(parser::Message& message, parser::Draft& draft, HeaderName name,
                 std::uint32_t seconds) {
  auto& arena = message.arena();
  const auto place = message.find(name);
  const auto digits = digits_of(arena, seconds);
  if (place == message.headers().size()) {
    draft.edits.insert(arena, message.find(HeaderName::content_length), to_string(name), digits);
    return;
  }
  const auto& header = message.headers()[place];
  const auto value = message.value(header);
  const auto params = value.substr(std::min(value.find(';'), value.size()));
  draft.edits.replace(arena, place, message.name(header), arena.concat({digits, params}));
}

}  // namespace

std::optional<std::uint32_t> session_expires(const parser::Message& message) {
  return seconds_of(message, HeaderName::session_expires);
}

bool supports_timer(const parser::Message& request) {
  return lists_timer(request, HeaderName::supported) || lists_timer(request, HeaderName::require);
}

bool is_session_too_short(const parser::Message& request, const SessionWish& wish) {
  const auto asked = session_expires(request);
  return wish.refuses && asked && *asked < wish.least && supports_timer(request);
}

std::string_view min_se_line(base::Arena& arena, std::uint32_t seconds) {
  return arena.concat({"Min-SE: ", digits_of(arena, seconds), "\r\n"});
}

std::uint32_t ask_for_session(parser::Message& request, parser::Draft& draft,
                              const SessionWish& wish) {
  if (wish.interval == 0 && wish.least == 0) return 0;
  const auto asked = session_expires(request);
  const auto least =
      std::max({kLeastSession, wish.least, seconds_of(request, HeaderName::min_se).value_or(0)});
  std::uint32_t wanted = asked.value_or(wish.interval);
  if (wanted == 0) return 0;
  if (wish.interval != 0) wanted = std::min(wanted, wish.interval);
  wanted = std::max(wanted, least);
  if (wanted == asked) return wanted;
  set_seconds(request, draft, HeaderName::session_expires, wanted);
  // Who cannot be told 422 did not choose it: those behind us are told what is the least here.
  if (asked && wanted > *asked) set_seconds(request, draft, HeaderName::min_se, least);
  return wanted;
}

std::uint32_t settle_session(parser::Message& response, parser::Draft& draft, std::uint32_t asked,
                             bool caller_supports) {
  if (const auto settled = session_expires(response)) return *settled;
  if (asked == 0 || !caller_supports) return 0;
  auto& arena = response.arena();
  const auto place = response.find(HeaderName::content_length);
  draft.edits.insert(arena, place, "Require", "timer");
  draft.edits.insert(arena, place, "Session-Expires",
                     arena.concat({digits_of(arena, asked), ";refresher=uac"}));
  return asked;
}

}  // namespace opensips::dialog
