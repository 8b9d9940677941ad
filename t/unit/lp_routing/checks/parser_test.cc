#include "lp_routing/checks/parser.hh"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <tuple>
#include <type_traits>

#include <fmt/format.h>

namespace opensips::routing::checks {
namespace {

using Kind = Expression::Kind;

/// A tree as text: names, and what belongs together in brackets.
std::string shown(const Expression* expression);

std::string shown(const Block& block) {
  const auto list = [](const auto& all) {
    std::string text;
    for (const auto* const one : all) {
      if (!text.empty()) text += ",";
      if constexpr (std::is_same_v<decltype(one), const Variable* const>) {
        text += one->name;
      } else {
        text += shown(one);
      }
    }
    return text;
  };
  constexpr const char* kNames[] = {"local", "assign", "call", "branch", "loop",
                                    "count", "each",   "do",   "leave",  "jump"};
  std::string text;
  for (const Statement* const one : block.statements) {
    text +=
        fmt::format("{}({}{}{}", kNames[static_cast<unsigned>(one->kind)], list(one->variables),
                    list(one->targets), one->variables.empty() && one->targets.empty() ? "" : "=");
    text += list(one->values);
    for (const Block& inner : one->blocks) text += "{" + shown(inner) + "}";
    text += ")";
  }
  return text;
}

std::string shown(const Expression* expression) {
  if (!expression) return "";
  if (expression->is(Kind::string)) return "'" + expression->text + "'";
  if (expression->is(Kind::rest)) return "...";
  if (expression->is(Kind::nil)) return "nil";
  if (expression->is(Kind::function)) {
    std::string text = "fn[";
    for (const Variable* const one : expression->body->parameters) text += one->name + " ";
    return text + (expression->body->takes_rest ? "..." : "") + "]{" +
           shown(expression->body->block) + "}";
  }
  if (expression->parts.empty() && !expression->is(Kind::table)) return expression->text;
  constexpr const char* kNames[] = {"",   "",     "",     "",      "", "", "",
                                    "at", "call", "send", "table", "", ""};
  std::string text = kNames[static_cast<unsigned>(expression->kind)] + expression->text + "[";
  for (std::size_t i = 0; i < expression->parts.size(); ++i) {
    text += (i > 0 ? " " : "") + shown(expression->parts[i]);
  }
  return text + "]";
}

std::string parsed(std::string_view source) {
  Globals globals;
  const auto tree = parse(source, globals);
  if (!tree) {
    return fmt::format("{}:{}: {}", tree.error().at.line, tree.error().at.column,
                       tree.error().text);
  }
  return shown(tree->bodies.front().block);
}

struct Case {
  const char* source;
  const char* tree;
};
class Grammar : public testing::TestWithParam<Case> {};

TEST_P(Grammar, IsTakenApart) {
  EXPECT_EQ(parsed(GetParam().source), GetParam().tree);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, Grammar,
    testing::Values(Case{"", ""}, Case{"#!/usr/bin/lua\nlocal a", "local(a=)"},
                    Case{"\xef\xbb\xbflocal a = 1", "local(a=1)"},
                    Case{"local a, b = 1, ...", "local(a,b=1,...)"},
                    Case{"local function f(a, b, ...) return a end",
                         "local(f=fn[a b ...]{leave(a)})"},
                    Case{"function a.b.c(x) end", "assign(at[at[a 'b'] 'c']=fn[x ]{})"},
                    Case{"function a:m() end", "assign(at[a 'm']=fn[self ]{})"},
                    Case{"function f() end", "assign(f=fn[]{})"},
                    Case{"a, b.c = 1, 2", "assign(a,at[b 'c']=1,2)"},
                    Case{"f() g{} h'x'", "call(call[f])call(call[g table[]])call(call[h 'x'])"},
                    Case{"f();;g()", "call(call[f])call(call[g])"},
                    Case{"do local a end", "do({local(a=)})"},
                    Case{"if a then f() elseif b then g() else h() end",
                         "branch(a,b{call(call[f])}{call(call[g])}{call(call[h])})"},
                    Case{"while a do break end", "loop(a{jump()})"},
                    Case{"repeat local x until x", "loop(x{local(x=)})"},
                    Case{"for i = 1, 2, 3 do end", "count(i=1,2,3{})"},
                    Case{"for k, v in pairs(t) do end", "each(k,v=call[pairs t]{})"},
                    Case{"goto out ::out::", "jump()jump()"},
                    Case{"local goto = 1 goto = 2", "local(goto=1)assign(goto=2)"},
                    Case{"return", "leave()"}, Case{"return f(), g();", "leave(call[f],call[g])"}));

INSTANTIATE_TEST_SUITE_P(
    Expressions, Grammar,
    testing::Values(
        Case{"return nil, true, false, 1", "leave(nil,true,false,1)"},
        Case{"return a.b['c'][d]", "leave(at[at[at[a 'b'] 'c'] d])"},
        Case{"return a:b(1, 2):c{}:d''", "leave(sendd[sendc[sendb[a 1 2] table[]] ''])"},
        Case{"return {1, a = 2; ['b'] = 3, [4] = 5, f(),}",
             "leave(table[ 1 'a' 2 'b' 3 4 5  call[f]])"},
        Case{"return (f())", "leave([call[f]])"}, Case{"return 1 + 2 * 3", "leave(+[1 *[2 3]])"},
        Case{"return (1 + 2) * 3", "leave(*[[+[1 2]] 3])"},
        Case{"return a - b - c", "leave(-[a b c])"}, Case{"return a - b + c", "leave(+[-[a b] c])"},
        Case{"return a .. b .. c", "leave(..[a ..[b c]])"},
        Case{"return a ^ b ^ c", "leave(^[a ^[b c]])"}, Case{"return -a ^ b", "leave(- [^[a b]])"},
        Case{"return -2 ^ -2", "leave(- [^[2 - [2]]])"},
        Case{"return not a == b", "leave(==[not [a] b])"},
        Case{"return #a + 1", "leave(+[# [a] 1])"},
        Case{"return a or b and c", "leave(or[a and[b c]])"},
        Case{"return a or b or c or d", "leave(or[a b c d])"},
        Case{"return a < b == (c ~= d)", "leave(==[<[a b] [~=[c d]]])"},
        Case{"return a <= b, a >= b, a % b / c", "leave(<=[a b],>=[a b],/[%[a b] c])"},
        Case{"return function(...) return ... end", "leave(fn[...]{leave(...)})"}));

INSTANTIATE_TEST_SUITE_P(
    Texts, Grammar,
    testing::Values(Case{R"(return "a\n\t\\\"\'\065\x41\u{20ac}\z
                          b")",
                         "leave('a\n\t\\\"'AA\xe2\x82\xac"
                         "b')"},
                    Case{"return 'a\\\nb'", "leave('a\nb')"},
                    Case{"return [[\na]b]]", "leave('a]b')"},
                    Case{"return [==[a]]b]=]c]==]", "leave('a]]b]=]c')"},
                    Case{"-- f(\n--[[ g(\n]] return 1 --[==[ ]] ]==]", "leave(1)"},
                    Case{"return 0x1F, 0xA.8p-1, 1e+5, .5, 3., 0b101",
                         "leave(0x1F,0xA.8p-1,1e+5,.5,3.,0b101)"},
                    Case{"return 42LL, 0x2aULL, 12i, 1.5i", "leave(42LL,0x2aULL,12i,1.5i)"}));

INSTANTIATE_TEST_SUITE_P(
    Mistakes, Grammar,
    testing::Values(
        Case{"local 1", "1:7: expected a name, got '1'"}, Case{"x = = 1", "1:5: unexpected '='"},
        Case{"if a then", "1:10: expected 'end' for 'if' of line 1"},
        Case{"f(", "1:3: unexpected end of the file"},
        Case{"a.b", "1:4: expected a call or an assignment"},
        Case{"f() = 1", "1:5: this cannot be assigned"},
        Case{"return 'abc", "1:8: a text without an end"},
        Case{"return [[abc", "1:8: a text without an end"},
        Case{"--[[ abc", "1:1: a comment without an end"},
        Case{"return 3x", "1:8: '3x' is no number"}, Case{"return 0x", "1:8: '0x' is no number"},
        Case{"return 1e", "1:8: '1e' is no number"},
        Case{"return 1.5LL", "1:8: '1.5LL' is no number"},
        Case{"return 0b12", "1:8: '0b12' is no number"},
        Case{"return '\\q'", "1:10: no escape in a text begins so"},
        Case{"return '\\300'", "1:13: no escape in a text begins so"},
        Case{"\n  @", "2:3: unexpected '@'"}, Case{"return a\nend", "2:1: unexpected 'end'"},
        Case{"function f() return ... end", "1:21: '...' outside of a function that takes it"},
        Case{"for a b in c do end", "1:7: expected 'in', got 'b'"}));

TEST(Parser, KnowsLocalsFromGlobals) {
  Globals globals;
  const auto tree = parse(
      "local a = b\ndo local b = a end\nlocal function f(a) return a, f end\nc = b\nrepeat local d "
      "until d\nreturn d",
      globals);
  ASSERT_TRUE(tree);
  EXPECT_TRUE(globals.contains("b"));
  EXPECT_TRUE(globals.contains("d"));
  EXPECT_FALSE(globals.contains("a"));
  EXPECT_FALSE(globals.contains("f"));
  EXPECT_TRUE(globals.at("c").is_assigned);
  EXPECT_FALSE(globals.at("b").is_assigned);
}

TEST(Parser, SaysWhereEverythingIs) {
  Globals globals;
  const auto tree = parse("local x\n  req:reply(404)\n", globals);
  ASSERT_TRUE(tree);
  for (const auto& one : tree->expressions) {
    if (!one.is(Kind::method)) continue;
    EXPECT_EQ(one.at, (Position{2, 7}));
  }
}

class Deep : public testing::TestWithParam<std::tuple<const char*, const char*, const char*>> {};

TEST_P(Deep, IsRefusedAndNeverOverflows) {
  const auto& [open, middle, close] = GetParam();
  for (const int depth : {50, 100'000}) {
    std::string source = "return ";
    for (int i = 0; i < depth; ++i) source += open;
    source += middle;
    for (int i = 0; i < depth; ++i) source += close;
    const std::string text = parsed(source);
    const bool refused = text.find("nested too deeply") != std::string::npos;
    EXPECT_EQ(refused, depth > 100) << text.substr(0, 200);
  }
}

INSTANTIATE_TEST_SUITE_P(Programs, Deep,
                         testing::Values(std::tuple{"(", "1", ")"}, std::tuple{"{", "1", "}"},
                                         std::tuple{"- ", "1", ""}, std::tuple{"a .. ", "1", ""},
                                         std::tuple{"", "a", ".b"}, std::tuple{"", "a", "()"},
                                         std::tuple{"", "a", " + 1 - 2"},
                                         std::tuple{"function() return ", "1", " end"},
                                         std::tuple{"f(", "1", ")"}, std::tuple{"a[", "1", "]"}));

TEST(Parser, TakesLongChainsOfOneOperator) {
  std::string source = "return a";
  for (int i = 0; i < 10'000; ++i) source += " or a";
  EXPECT_TRUE(parsed(source).starts_with("leave(or[a a"));
  source = "if a then";
  for (int i = 0; i < 10'000; ++i) source += " elseif a then";
  EXPECT_TRUE(parsed(source + " end").starts_with("branch("));
}

TEST(Parser, RefusesStatementsThatNestTooDeeply) {
  std::string source;
  for (int i = 0; i < 100'000; ++i) source += "do ";
  EXPECT_NE(parsed(source).find("nested too deeply"), std::string::npos);
}

/// Every beginning of a program, and every program with a byte changed, is read to its end or has
/// an error.
TEST(Parser, LivesThroughGarbage) {
  const std::string good =
      "#!x\nlocal a, b = {1, ['x'] = 0x1p4; c = \"\\x41\\u{1F600}\\z  \"}, [==[ ]] ]==]\n"
      "for i = 1, 2 do goto on ::on:: end function a.b:c(...) return ... end -- x\n"
      "repeat a = not b .. -c ^ 2 until a:m'x' {} if a then elseif b then else end --[[ y ]]";
  for (std::size_t size = 0; size <= good.size(); ++size) parsed(good.substr(0, size));
  std::mt19937 random(1);
  for (int i = 0; i < 3'000; ++i) {
    std::string bad = good;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
    }
    parsed(bad);
  }
}

}  // namespace
}  // namespace opensips::routing::checks
