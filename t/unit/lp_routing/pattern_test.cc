#include <gtest/gtest.h>

#include <lua.hpp>
#include <memory>
#include <random>
#include <string>

#include "lp_routing/lua/patterns.hh"
#include "lp_routing/lua/vm.hh"

namespace opensips::routing::lua {
namespace {

/// Lua's own string functions beside ours.
class Patterns : public testing::Test {
 protected:
  Patterns() {
    luaL_openlibs(own_.get());
    EXPECT_TRUE(vm_->protect([](lua_State* state) {
      luaL_openlibs(state);
      bound_patterns(state);
    }));
  }

  /// What a chunk that gets the subject and the pattern gives, as text; "error" if it fails.
  static std::string run(lua_State* state, const std::string& chunk, const std::string& subject,
                         const std::string& pattern) {
    lua_settop(state, 0);
    EXPECT_EQ(luaL_loadstring(
                  state, ("local s, p = ... local r = {" + chunk +
                          "} for i = 1, 5 do r[i] = tostring(r[i]) end return table.concat(r, '|')")
                             .c_str()),
              0);
    lua_pushlstring(state, subject.data(), subject.size());
    lua_pushlstring(state, pattern.data(), pattern.size());
    if (lua_pcall(state, 2, 1, 0) != 0) return "error";
    std::size_t size = 0;
    const char* const text = lua_tolstring(state, -1, &size);
    return {text, size};
  }

  void compare(const std::string& chunk, const std::string& subject, const std::string& pattern) {
    vm_->start_clock();
    const auto ours = run(vm_->state(), chunk, subject, pattern);
    // A capture that is not closed is always an error here, in Lua only when it is asked for.
    if (ours == "error" && run(own_.get(), "s:match(p)", subject, pattern) == "error") return;
    EXPECT_EQ(ours, run(own_.get(), chunk, subject, pattern))
        << chunk << " of '" << subject << "' with '" << pattern << "'";
  }

  std::unique_ptr<lua_State, void (*)(lua_State*)> own_{luaL_newstate(), lua_close};
  std::unique_ptr<Vm> vm_ = Vm::make({});
};

constexpr const char* kChunks[] = {
    "s:find(p)",
    "s:match(p)",
    "s:find(p, 3)",
    "s:match(p, -2)",
    "s:find(p, 1, true)",
    "s:find(p, 99)",
    "s:gsub(p, '<%0>')",
    "s:gsub(p, '%1')",
    "s:gsub(p, '%%x', 2)",
    "s:gsub(p, string.upper)",
    "s:gsub(p, {a = 'A', b = false, ['1'] = 7})",
    "s:gsub(p, function(a, b) if b then return b .. a end end)",
    "(function() local t = {} for a, b in s:gmatch(p) do t[#t + 1] = tostring(a) .. tostring(b) "
    "if #t > 20 then break end end return table.concat(t, ',') end)()"};

TEST_F(Patterns, AreLuas) {
  for (const char* const pattern :
       {"",       "a",         "a*",    "a-b",      ".-",     "^a",           "b$",    "^$",
        "(a)(b)", "()",        "()b()", "(a*)(b*)", "((a)b)", "[ab]",         "[^ab]", "[a-c]+",
        "[]]",    "[^]]",      "[a-]",  "[%a_]",    "%a+",    "%S+",          "%d%d?", "%bab",
        "%b()",   "%f[%w]%w+", "(.)%1", "%.",       "a?b?c?", "^%s*(.-)%s*$", "%",     "[a",
        "(a",     "a)",        "%1",    "%b",       "%f",     "[%",           "%0",    "a**",
        "^^a",    "a$b",       "*a",    "-"}) {
    for (const char* const subject :
         {"", "a", "ab", "aabbcc", "  trim me  ", "(a(b)c)", "]-[", "hello world 123",
          "sip:bob@example.com;tag=1", "THE (quick) fox", "aa11bb", "$1%"}) {
      for (const char* const chunk : kChunks) compare(chunk, subject, pattern);
    }
  }
}

TEST_F(Patterns, AreLuasForWhateverComes) {
  std::mt19937 random(1);
  const auto text_of = [&](std::string_view letters, unsigned longest) {
    std::string text;
    for (unsigned i = random() % (longest + 1); i > 0; --i)
      text += letters[random() % letters.size()];
    return text;
  };
  for (int i = 0; i < 20000; ++i) {
    const auto subject = text_of("abc1 ().]-%", 12);
    const auto pattern = text_of("ab1.%()[]^$*+-?dwsfb", 8);
    compare(kChunks[random() % std::size(kChunks)], subject, pattern);
  }
}

TEST_F(Patterns, TakeNulBytes) {
  EXPECT_EQ(
      run(vm_->state(), "s:find(p)", std::string("a\0b", 3), std::string("\0b", 2)).substr(0, 3),
      "2|3");
  EXPECT_EQ(run(vm_->state(), "(s:gsub('%z', '0'))", std::string("a\0b", 3), "").substr(0, 3),
            "a0b");
}

TEST_F(Patterns, RepeatNothingAtOnce) {
  EXPECT_EQ(run(vm_->state(), "(''):rep(1e12), ('ab'):rep(3), ('a'):rep(-1)", "", "").substr(0, 8),
            "|ababab|");
}

}  // namespace
}  // namespace opensips::routing::lua
