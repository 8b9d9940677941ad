#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/settings.hh"
#include "config/syntax.hh"

/// What the configuration may say: one table for reading it, for its errors and for the manual.
namespace opensips::config {

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
  any,        ///< an integer or a text, not looked at
};

template <class T>
using Member = T& (*)(Settings&);

/// Where the value goes; `monostate`: nowhere (no effect), or into one of the lists.
using Target = std::variant<std::monostate, Member<int>, Member<bool>,
                            Member<std::chrono::milliseconds>, Member<std::string>>;

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
};

/// Every parameter: globals, then those of the built-in modules.
std::span<const Parameter> parameters();
const Parameter* find_parameter(std::string_view module, std::string_view name);
/// Names that a module (empty: the globals) has.
std::vector<std::string_view> parameter_names(std::string_view module);

/// The default as the manual writes it: "32s", "yes", "none".
std::string default_text(const Parameter& parameter);
/// What a value has to look like: "an integer from 0 to 64".
std::string expectation(const Parameter& parameter);

/// Modules of OpenSIPS whose work the core does.
bool is_built_in(std::string_view module);
std::span<const std::string_view> built_in_modules();

/// What an old name of OpenSIPS is called now; empty when it is no such name.
std::string_view renamed(std::string_view name);

}  // namespace opensips::config
