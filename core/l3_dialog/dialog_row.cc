#include "l3_dialog/dialog_row.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <tuple>

#include <fmt/format.h>

#include "storage/schema.hh"

namespace opensips::dialog {
namespace {

using storage::integer_of;
using storage::Row;
using storage::text_of;
using storage::text_or_null;
using storage::Value;

/// The places of columns in a row: those of the table.
enum Place : std::uint8_t {
  dlg_id,
  callid,
  from_uri,
  from_tag,
  to_uri,
  to_tag,
  mangled_from_uri,
  mangled_to_uri,
  caller_cseq,
  callee_cseq,
  caller_ping_cseq,
  callee_ping_cseq,
  caller_route_set,
  callee_route_set,
  caller_contact,
  callee_contact,
  caller_sock,
  callee_sock,
  state,
  start_time,
  timeout,
  vars,
  profiles,
  script_flags,
  module_flags,
  flags,
  rt_on_answer,
  rt_on_timeout,
  rt_on_hangup,
  kPlaces,
};

/// A variable that is none of a program: what was asked for when the dialog was made, and has no
/// column of its own.
constexpr std::string_view kOptions = "opensips:options";

constexpr std::string_view kInvite = "INVITE";

bool is_special(char c) {
  return c == '#' || c == '|' || c == '\\';
}

void append_escaped(std::string& to, std::string_view text) {
  for (const char c : text) {
    if (is_special(c)) to += '\\';
    to += c;
  }
}

/// A number of each option, in this order; then where each side is seen, "-" for nowhere else, and
/// the method of pings.
std::string options_of(const DialogSnapshot& dialog) {
  const auto& from = dialog.options;
  const auto seen = [](const std::string& address) { return address.empty() ? "-" : address; };
  return fmt::format("{} {} {:d} {:d} {} {} {:d} {} {} {} {}", from.lifetime, from.ping_interval,
                     from.ping_caller, from.ping_callee, from.session_interval, from.min_session,
                     from.shows_requests, dialog.session_ends, seen(dialog.caller.seen),
                     seen(dialog.callee.seen), from.ping_by_invite ? kInvite : "OPTIONS");
}

/// The next word of a text, which is taken off; empty if there is none.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

void set_options(std::string_view text, DialogSnapshot& dialog) {
  std::array<std::int64_t, 8> numbers{};
  for (auto& number : numbers) {
    const auto word = take_word(text);
    const auto* const end = word.data() + word.size();
    const auto [stopped, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc() || stopped != end || number < 0) return;
  }
  for (auto* const side : {&dialog.caller, &dialog.callee}) {
    const auto word = take_word(text);
    if (word != "-") side->seen = word;
  }
  auto& to = dialog.options;
  to.ping_by_invite = take_word(text) == kInvite;
  to.lifetime = static_cast<std::uint64_t>(numbers[0]);
  to.ping_interval = static_cast<std::uint32_t>(numbers[1]);
  to.ping_caller = numbers[2] != 0;
  to.ping_callee = numbers[3] != 0;
  to.session_interval = static_cast<std::uint32_t>(numbers[4]);
  to.min_session = static_cast<std::uint32_t>(numbers[5]);
  to.shows_requests = numbers[6] != 0;
  dialog.session_ends = numbers[7];
}

Pairs vars_of(const DialogSnapshot& dialog) {
  Pairs pairs{{std::string(kOptions), options_of(dialog)}};
  for (const auto& var : dialog.vars) {
    if (var.name != kOptions) pairs.emplace_back(var.name, var.value);
  }
  return pairs;
}

std::string profiles_of(const DialogSnapshot& dialog) {
  Pairs pairs;
  for (const auto& one : dialog.profiles) pairs.emplace_back(one.name, one.value);
  return join_pairs(pairs);
}

std::uint32_t number_in(const Value& value) {
  return static_cast<std::uint32_t>(integer_of(value).value_or(0));
}

}  // namespace

std::string join_pairs(const Pairs& pairs) {
  std::string text;
  for (const auto& [name, value] : pairs) {
    append_escaped(text, name);
    text += '#';
    append_escaped(text, value);
    text += '|';
  }
  return text;
}

Pairs split_pairs(std::string_view text) {
  Pairs pairs;
  std::string name, part;
  bool has_name = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      part += text[++i];
    } else if (c == '#' && !has_name) {
      name = std::exchange(part, {});
      has_name = true;
    } else if (c == '|') {
      // A profile without values may stand there without its '#'.
      if (!has_name) name = std::exchange(part, {});
      pairs.emplace_back(std::exchange(name, {}), std::exchange(part, {}));
      has_name = false;
    } else {
      part += c;
    }
  }
  return pairs;
}

const std::string& dialog_columns() {
  static const std::string columns = [] {
    std::string text;
    for (const auto& column : storage::find_table("dialog")->columns) {
      text += fmt::format("{}{}", text.empty() ? "" : ", ", column.name);
    }
    return text;
  }();
  return columns;
}

Row row_of(const DialogSnapshot& dialog) {
  const auto& [caller, callee] = std::tie(dialog.caller, dialog.callee);
  Row row(kPlaces);
  row[dlg_id] = static_cast<std::int64_t>(dialog.did);
  row[callid] = dialog.call_id;
  row[from_uri] = caller.uri;
  row[from_tag] = caller.tag;
  row[to_uri] = callee.uri;
  row[to_tag] = callee.tag;
  row[caller_cseq] = std::to_string(caller.cseq);
  row[callee_cseq] = std::to_string(callee.cseq);
  row[caller_ping_cseq] = std::int64_t{caller.sent};
  row[callee_ping_cseq] = std::int64_t{callee.sent};
  row[caller_route_set] = text_or_null(caller.routes);
  row[callee_route_set] = text_or_null(callee.routes);
  row[caller_contact] = text_or_null(caller.contact);
  row[callee_contact] = text_or_null(callee.contact);
  row[caller_sock] = caller.socket;
  row[callee_sock] = callee.socket;
  row[state] = static_cast<std::int64_t>(dialog.state);
  row[start_time] = dialog.started;
  row[timeout] = dialog.life_ends;
  row[vars] = storage::Blob{join_pairs(vars_of(dialog))};
  row[profiles] = text_or_null(profiles_of(dialog));
  row[module_flags] = std::int64_t{0};
  row[flags] = std::int64_t{0};
  return row;
}

std::optional<DialogSnapshot> snapshot_from(const Row& row) {
  if (row.size() != kPlaces) return std::nullopt;
  const auto text = [&](Place place) { return std::string(text_of(row[place])); };
  DialogSnapshot dialog;
  dialog.did = static_cast<std::uint64_t>(integer_of(row[dlg_id]).value_or(0));
  dialog.call_id = text(callid);
  const auto fill = [&](DialogSnapshot::Side& side, Place uri, Place tag, Place contact,
                        Place routes, Place socket, Place cseq, Place sent) {
    side.uri = text(uri);
    side.tag = text(tag);
    side.contact = text(contact);
    side.routes = text(routes);
    side.socket = text(socket);
    side.cseq = number_in(row[cseq]);
    side.sent = number_in(row[sent]);
  };
  fill(dialog.caller, from_uri, from_tag, caller_contact, caller_route_set, caller_sock,
       caller_cseq, caller_ping_cseq);
  fill(dialog.callee, to_uri, to_tag, callee_contact, callee_route_set, callee_sock, callee_cseq,
       callee_ping_cseq);
  const auto number = integer_of(row[state]).value_or(0);
  dialog.state = static_cast<State>(number);
  dialog.started = integer_of(row[start_time]).value_or(0);
  dialog.life_ends = integer_of(row[timeout]).value_or(0);
  for (auto& [name, value] : split_pairs(text_of(row[vars]))) {
    if (name == kOptions) {
      set_options(value, dialog);
    } else {
      dialog.vars.push_back({std::move(name), std::move(value)});
    }
  }
  for (auto& [name, value] : split_pairs(text_of(row[profiles]))) {
    dialog.profiles.push_back({std::move(name), std::move(value)});
  }
  const bool is_known = number > 0 && number <= static_cast<std::int64_t>(State::ended);
  if (!is_known || dialog.did == 0 || dialog.call_id.empty() || dialog.caller.tag.empty()) {
    return std::nullopt;
  }
  return dialog;
}

}  // namespace opensips::dialog
