#include "config/parameter.hh"

#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/settings.hh"
#include "config/tls.hh"
#include "config/value.hh"

namespace opensips::config {

using std::chrono::milliseconds;

namespace {

/// The value of a parameter of that type, wherever it is kept.
template <class T>
const T* current(const Parameter& parameter, Settings& settings) {
  if (const auto* member = std::get_if<Member<T>>(&parameter.target)) return &(*member)(settings);
  const auto* address = std::get_if<T*>(&parameter.target);
  return address ? *address : nullptr;
}

}  // namespace

std::string default_text(const Parameter& parameter) {
  Settings defaults;
  if (parameter.no_effect) return "no effect";
  if (parameter.type == Type::tls || parameter.type == Type::tls_path) {
    return std::string(default_tls_text(parameter.name));
  }
  for (const auto name : {"lua_path", "mpath", "control_socket", "fifo_name", "reply_dir"}) {
    if (parameter.name == name) return "as installed";
  }
  if (const auto* number = current<int>(parameter, defaults)) {
    const bool octal = parameter.type == Type::mode;
    return fmt::format(fmt::runtime(octal ? "{:04o}" : "{}"), *number);
  }
  if (const auto* flag = current<bool>(parameter, defaults)) return *flag ? "yes" : "no";
  if (const auto* time = current<milliseconds>(parameter, defaults)) return duration_text(*time);
  const auto* text = current<std::string>(parameter, defaults);
  return text && !text->empty() ? *text : "none";
}

std::string expectation(const Parameter& parameter) {
  switch (parameter.type) {
    case Type::integer:
      if (parameter.no_effect) return "an integer";
      return fmt::format("an integer from {} to {}", parameter.min, parameter.max);
    case Type::boolean: return "yes or no";
    case Type::duration:
      return fmt::format("a duration from {} to {}", duration_text(parameter.min * parameter.unit),
                         duration_text(parameter.max * parameter.unit));
    case Type::mode: return "permissions in octal digits, as 0600";
    case Type::text:
      if (parameter.prefix.empty()) return fmt::format("a text of up to {} bytes", parameter.max);
      return fmt::format("one line of up to {} bytes that begins with \"{} \"", parameter.max,
                         parameter.prefix);
    case Type::path:
    case Type::path_list: return "a path in quotes";
    case Type::choice: return fmt::format("one of {}", fmt::join(parameter.choices, ", "));
    case Type::socket: return "TRANSPORT:ADDRESS:PORT as in udp:192.0.2.1:5060";
    case Type::alias: return "a domain name";
    case Type::prefix: return "an IP address or a range of them, as \"192.0.2.0/24\"";
    case Type::tls:
    case Type::tls_path: return "[DOMAIN]VALUE in quotes";
    case Type::any: break;
  }
  return "an integer or a string";
}

}  // namespace opensips::config
