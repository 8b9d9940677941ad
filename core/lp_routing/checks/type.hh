#pragma once

#include <cstdint>
#include <string>

#include "lp_routing/checks/syntax.hh"
#include "lp_routing/functions/function.hh"
#include "lp_routing/object.hh"

namespace opensips::routing::checks {

/// What is known of a value.
struct Type {
  enum class Kind : std::uint8_t {
    none,     ///< nothing has been seen to get there, or only nil
    object,   ///< one of the server's, or a table of functions: `object`
    library,  ///< of Lua: `name`
    builtin,  ///< a function of Lua's: `name`, with its library
    row,      ///< a function of the server's, or a field: `row`
    body,     ///< a function of the script's: `body`
    unknown,  ///< it may be anything
  };
  Kind kind = Kind::none;
  ObjectKind object = ObjectKind::sip;
  const Function* row = nullptr;
  const Body* body = nullptr;
  std::string name = {};
  bool is_guess = false;  ///< from what a parameter is called

  bool is(Kind other) const { return kind == other; }
  bool is_object(ObjectKind other) const { return is(Kind::object) && object == other; }
  bool is_builtin(std::string_view other) const { return is(Kind::builtin) && name == other; }
  bool operator==(const Type&) const = default;

  static Type of(ObjectKind kind) { return {.kind = Kind::object, .object = kind}; }
  static Type unknown() { return {.kind = Kind::unknown}; }
};

/// What is known of a value that is one or the other.
Type join(const Type& a, const Type& b);

}  // namespace opensips::routing::checks
