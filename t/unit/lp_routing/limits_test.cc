#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

// A program that runs too long is stopped, said to be so, and the next request is served.
class Runaway : public ScriptTest, public testing::WithParamInterface<const char*> {};

TEST_P(Runaway, IsStoppedAndNamed) {
  handle(std::string("if req.cseq == 42 then ") + GetParam() + " end req:drop()");
  const std::string text = logged();
  EXPECT_NE(text.find("stopped, it ran for more than 20 ms"), std::string::npos) << text;
  std::string other(kInvite);
  other.replace(other.find("42 INVITE"), 2, "43");
  EXPECT_EQ(start(other), Progress::finished);
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, Runaway,
    testing::Values(
        "while true do end", "while true do pcall(function() while true do end end) end",
        "pcall(function() pcall(function() while true do pcall(function() while true do end end) "
        "end end) end)",
        "while true do pcall(table.sort, {3, 2, 1}, function() while true do pcall(error) end end) "
        "end",
        "table.sort({3, 2, 1}, function() while true do end end)",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "while true do pcall(coroutine.wrap(function() while true do pcall(error) end end)) end",
        "while true do local f = loadstring('while true do end') coroutine.wrap(f)() end",
        "local function f() return f() end f()",
        "while true do xpcall(error, function() while true do end end) end",
        "setmetatable({}, {__index = function() while true do end end}).x()",
        "local s = ('a'):rep(30) while true do s:gsub('a', function() while true do end end) end",
        "local s = ('a'):rep(3000) .. 'b' while true do pcall(string.find, s, '.-.-.-.-.-.-c') end",
        "(('a'):rep(5000)):match('.-.-.-.-.-.-c')", "(('a'):rep(5000)):gsub('.-.-.-.-.-.-c', '')",
        "for _ in (('a'):rep(5000)):gmatch('.-.-.-.-.-.-c') do end",
        "local t = setmetatable({}, {__concat = function() while true do end end}) local x = t .. "
        "'a'",
        "for i = 1, math.huge do tostring(req) end"));

class Limits : public ScriptTest {};

TEST_F(Limits, ARunawayTopLevelIsStopped) {
  EXPECT_EQ(load("while true do pcall(function() while true do end end) end"),
            "route.lua:1: stopped, it ran for more than 20 ms without waiting");
  write("endless.lua", "while true do pcall(error) end");
  EXPECT_EQ(load("while true do pcall(require, 'endless') end"),
            "endless.lua:1: stopped, it ran for more than 20 ms without waiting");
}

TEST_F(Limits, EachWaitGivesTheTimeAnew) {
  handle(
      "for i = 1, 5 do local stop = os.clock() + 0.012 while os.clock() < stop do end "
      "sip.sleep(0.001) end req:drop()");
  ASSERT_EQ(start(), Progress::waiting);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(engine->resume(run(), {}), Progress::waiting);
  EXPECT_EQ(engine->resume(run(), {}), Progress::finished);
}

TEST_F(Limits, AHandlerThatOverrunsAfterAWaitIsStoppedToo) {
  handle("sip.sleep(1) while true do end");
  ASSERT_EQ(start(), Progress::waiting);
  testing::internal::CaptureStderr();
  EXPECT_EQ(engine->resume(run(), {}), Progress::failed);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("/route.lua:3: stopped, it ran"),
            std::string::npos);
}

class Memory : public ScriptTest, public testing::WithParamInterface<const char*> {};

TEST_P(Memory, PastTheLimitTheHandlerFailsAndTheNextIsServed) {
  settings.limits.memory = 2 << 20;
  settings.limits.time = std::chrono::seconds(5);
  handle(std::string("if req.cseq == 42 then ") + GetParam() + " end req:drop()");
  for (int i = 0; i < 3; ++i) {
    const std::string text = logged();
    if (i == 0) {
      EXPECT_NE(text.find("memory"), std::string::npos) << text;
    }
  }
  std::string other(kInvite);
  other.replace(other.find("42 INVITE"), 2, "43");
  EXPECT_EQ(start(other), Progress::finished);
  EXPECT_LT(engine->memory(), 2U << 20);
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, Memory,
    testing::Values("local t = {} while true do t[#t + 1] = {} end", "local s = ('x'):rep(1e9)",
                    "local s = 'x' while true do s = s .. s end",
                    "local t = {} while true do t[#t + 1] = req.ruri end",
                    "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
                    "local t = {} while true do t[#t + 1] = req:headers('X-List') end",
                    "local t = {} while true do t[#t + 1] = function() return t end end"));

TEST_F(Limits, WhatTheScriptKeepsForeverFailsEachHandlerButNotTheServer) {
  settings.limits.memory = 1 << 20;
  settings.limits.time = std::chrono::seconds(5);
  ASSERT_EQ(load("local kept = {} sip.on_request(function(req) while true do kept[#kept + 1] = {} "
                 "end end)"),
            "");
  testing::internal::CaptureStderr();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(start(), Progress::failed);
  testing::internal::GetCapturedStderr();
}

TEST_F(Limits, NestingTooDeepFailsTheHandler) {
  handle("local function f() return 1 + f() end f()");
  EXPECT_NE(logged().find("stack overflow"), std::string::npos);
  handle("local t = {} for i = 1, 100 do t = {t} end sip.log(t)");
  EXPECT_NE(logged().find("is too large a table"), std::string::npos);
  handle("local t = {} t.t = t sip.log(t)");
  EXPECT_NE(logged().find("is too large a table"), std::string::npos);
}

class Sandbox : public ScriptTest, public testing::WithParamInterface<const char*> {};

TEST_P(Sandbox, WhatCouldHarmTheServerIsNotThere) {
  const std::string text = value(std::string("return ") + GetParam());
  EXPECT_NE(text.find("not available in routing scripts"), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(Functions, Sandbox,
                         testing::Values("os.exit()", "os.execute('true')", "os.remove('x')",
                                         "os.rename('a', 'b')", "os.tmpname()", "os.setlocale('C')",
                                         "io.open('x')", "io.popen('true')", "io.write('x')",
                                         "debug.sethook()", "debug.getregistry()",
                                         "debug.getmetatable(req)", "debug.setmetatable(req, {})",
                                         "debug.getupvalue(print, 1)", "jit.on()", "dofile('x')",
                                         "loadfile('x')", "newproxy(true)", "package.cpath",
                                         "package.loadlib('a', 'b')", "string.dump(print)",
                                         "module('x')", "setfenv(0, {})", "getfenv(0)"));

TEST_F(Limits, WhatIsLeftOfLuasLibrariesWorks) {
  EXPECT_EQ(value("return collectgarbage('count') > 10"), "true");
  EXPECT_NE(value("collectgarbage('stop')").find("the server collects"), std::string::npos);
  EXPECT_EQ(value("return getmetatable(req)"), "request");
  EXPECT_EQ(value("return loadstring('return 6 * 7')()"), "42");
  EXPECT_EQ(value("local f, err = loadstring('\\27LJ') return f == nil and err"),
            "attempt to load chunk with wrong mode");
  EXPECT_EQ(value("local f = setfenv(function() return x end, {x = 5}) return f()"), "5");
  EXPECT_EQ(value("return getfenv() == _G and getfenv(1) == _G and bit.band(7, 2)"), "2");
  EXPECT_EQ(
      value("return type(os.time()) .. type(os.date()) .. type(os.getenv('HOME'))").substr(0, 12),
      "numberstring");
  EXPECT_EQ(value("return debug.traceback('x'):sub(1, 1)"), "x");
}

}  // namespace
}  // namespace opensips::routing
