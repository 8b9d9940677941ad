// A routing script, as its checks take it apart: what LuaJIT compiles can be checked, and what is
// found stands in the text.

#include <algorithm>
#include <string_view>

#include <lua.hpp>

#include "fuzz/target.hh"
#include "lp_routing/checks/parser.hh"

namespace opensips::routing::checks {
namespace {

bool compiles(lua_State* lua, std::string_view text) {
  const bool good = luaL_loadbufferx(lua, text.data(), text.size(), "=script", "t") == 0;
  lua_settop(lua, 0);
  return good;
}

bool is_in(Position at, std::string_view text) {
  const auto ends_line = [](char c) { return c == '\n' || c == '\r'; };
  const auto lines = 1 + std::ranges::count_if(text, ends_line);
  return at.line >= 1 && at.line <= lines && at.column >= 1 && at.column <= text.size() + 1;
}

const char* promise(lua_State* lua, std::string_view text) {
  Globals globals;
  const auto tree = parse(text, globals);
  if (!tree) {
    if (tree.error().text.empty()) return "an error says what is wrong";
    if (!is_in(tree.error().at, text)) return "an error stands in the text";
    const bool nests_too_deep = tree.error().text == kTooDeep;
    return !nests_too_deep && compiles(lua, text) ? "what compiles is parsed" : nullptr;
  }
  for (const auto& expression : tree->expressions) {
    if (!is_in(expression.at, text)) return "an expression stands in the text";
    if (expression.depth > kMaxDepth) return "nesting is bounded";
  }
  return nullptr;
}

}  // namespace
}  // namespace opensips::routing::checks

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static lua_State* const lua = luaL_newstate();
  opensips::fuzz::require(
      opensips::routing::checks::promise(lua, opensips::fuzz::text_of(data, size)));
  return 0;
}
