#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace opensips::config {

struct Settings;

enum class Type : std::uint8_t {
  integer,
  boolean,
  duration,   ///< an integer in `unit`, or "500ms", "20s", "5m", "4h"
  text,       ///< one line
  path,       ///< relative to the directory of the file that says it
  path_list,  ///< a path; may be given several times
  mode,       ///< the permissions of a file, in octal digits
  choice,     ///< one of `choices`
  socket,     ///< may be given several times
  alias,      ///< may be given several times
  prefix,     ///< a range of IP addresses; may be given several times
  tls,        ///< a text for a TLS domain: "[DOMAIN]VALUE"; may be given several times
  tls_path,   ///< likewise a path
  any,        ///< an integer or a text, not looked at
};

template <class T>
using Member = T& (*)(Settings&);

/// Takes a text, or says what was expected instead: "expected NAME=FILE".
struct Setter {
  std::optional<std::string> (*set)(void* object, const std::string& text);
  void* object;
};

/// Where the value goes; `monostate`: nowhere (no effect), or into one of the lists of Settings.
/// Modules give the address of a variable of their own; each value of a parameter with a vector or
/// a setter counts, of others the last one.
using Target =
    std::variant<std::monostate, Member<int>, Member<bool>, Member<std::chrono::milliseconds>,
                 Member<std::string>, int*, bool*, std::chrono::milliseconds*, std::string*,
                 std::vector<std::string>*, Setter>;

/// What the configuration may say in one place: for reading it, for its errors and for the manual.
struct Parameter {
  std::string_view module = {};  ///< empty: a global parameter
  std::string_view name = {};
  Type type = Type::any;
  std::string_view doc = {};  ///< one line
  Target target = {};
  long long min = 0;  ///< of a duration: in `unit`
  long long max = 0;  ///< of a text: bytes
  std::chrono::milliseconds unit{0};
  std::string_view prefix = {};  ///< a text begins with it
  std::span<const std::string_view> choices = {};
  std::string_view instead_of = {};  ///< another name of that parameter
  bool no_effect = false;            ///< taken for the sake of existing files; `doc` says why

  /// Each time it is given counts, not the last one alone.
  bool is_list() const {
    return type == Type::path_list || type == Type::tls || type == Type::tls_path ||
           std::holds_alternative<std::vector<std::string>*>(target) ||
           std::holds_alternative<Setter>(target);
  }
};

/// The default as the manual writes it: "32s", "yes", "none".
std::string default_text(const Parameter& parameter);
/// What a value has to look like: "an integer from 0 to 64".
std::string expectation(const Parameter& parameter);

}  // namespace opensips::config
