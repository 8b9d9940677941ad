#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lp_routing/value.hh"

struct lua_State;

namespace opensips::routing::lua {

/// The names of entries that are texts of the server's own, as one state has them: kept in its
/// registry, they are not looked for among all its texts whenever a table is made.
class Names {
 public:
  /// Pushes the name as text.
  void push(lua_State* state, const Value::Name& name);

 private:
  struct Place {
    const char* name = nullptr;
    int text = 0;  // its place in the registry
  };
  static constexpr std::size_t kPlaces = 512;  // twice as many as there are such names, and more
  static std::size_t hash(const char* name) {
    const auto address = reinterpret_cast<std::uintptr_t>(name);
    return (address ^ address >> 9) % kPlaces;
  }

  void keep(lua_State* state, Place& place, const char* name);

  std::array<Place, kPlaces> places_{};
  std::size_t used_ = 0;
};

}  // namespace opensips::routing::lua
