#include "lp_routing/lua/names.hh"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include <lua.hpp>

#include "lp_routing/lua/convert.hh"
#include "lp_routing/lua/vm.hh"

namespace opensips::routing::lua {
namespace {

/// What a table with that entry has there, by the name as Lua makes it.
std::string found(Vm& vm, const Value::Map& map, const std::string& name) {
  std::string text;
  const auto done = vm.protect([&](lua_State* state) {
    push_data(state, map);
    lua_getfield(state, -1, name.c_str());
    if (const char* const given = lua_tostring(state, -1)) text = given;
    lua_settop(state, 0);
  });
  return done ? text : done.error();
}

TEST(TableNames, OfTheServersOwnStayAsTheyAre) {
  const auto vm = Vm::make({});
  for (const char* const text : {"one", "two", "three"}) {
    EXPECT_EQ(found(*vm, {{"uri", text}}, "uri"), text);
    vm->collect();
  }
}

/// Names of four letters, as literals: the compiler makes an array of each.
template <std::size_t kNumber>
constexpr char kLiteral[] = {'n', 'a' + kNumber / 676, 'a' + kNumber / 26 % 26, 'a' + kNumber % 26,
                             '\0'};

template <std::size_t... kNumbers>
Value::Map numbered(std::index_sequence<kNumbers...>) {
  return {{Value::Name(kLiteral<kNumbers>), static_cast<std::int64_t>(kNumbers)}...};
}

/// More than are kept, and many with the same place.
TEST(TableNames, AreNotMistakenForOneAnother) {
  constexpr std::size_t kMany = 400;
  const auto vm = Vm::make({});
  const auto map = numbered(std::make_index_sequence<kMany>());
  for (const int time : {1, 2}) {
    for (const auto& [name, value] : map) {
      EXPECT_EQ(found(*vm, {{name, value}}, std::string(name)),
                std::to_string(*value.get<std::int64_t>()))
          << name << ", time " << time;
    }
    vm->collect();
  }
}

TEST(TableNames, ThatArePassedByMayChangeWhereTheyStand) {
  const auto vm = Vm::make({});
  std::string name = "aaa";
  EXPECT_EQ(found(*vm, {{name, "x"}}, "aaa"), "x");
  name = "bbb";
  EXPECT_EQ(found(*vm, {{name, "x"}}, "bbb"), "x");
  EXPECT_EQ(found(*vm, {{std::string_view("bbb").substr(1), "x"}}, "bb"), "x");
}

TEST(TableNames, AreConstantWhereTheTextIs) {
  EXPECT_TRUE(Value::Name("uri").is_constant());
  EXPECT_FALSE(Value::Name(std::string("uri")).is_constant());
  EXPECT_FALSE(Value::Name(std::string_view("uri")).is_constant());
}

}  // namespace
}  // namespace opensips::routing::lua
