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
        "for i = 1, math.huge do tostring(req) end",
        "tostring(setmetatable({}, {__tostring = tostring}))",
        "local t = {} for i = 1, 1e4 do t[i] = -i end while true do pcall(table.sort, t) end",
        "local t = {} for i = 1, 1e4 do t[i] = i end while true do pcall(table.concat, t) end"));

// A program whose calls nest until the thread's stack would end is stopped.
class Nesting : public ScriptTest, public testing::WithParamInterface<const char*> {};

TEST_P(Nesting, IsStoppedBeforeTheStackEnds) {
  settings.limits.time = std::chrono::seconds(10);
  handle(std::string("if req.cseq == 42 then ") + GetParam() + " end req:drop()");
  const std::string text = logged();
  EXPECT_TRUE(text.find("route.lua:3: stopped, its calls nest too deeply") != std::string::npos ||
              text.find("overflow") != std::string::npos)
      << text;
  std::string other(kInvite);
  other.replace(other.find("42 INVITE"), 2, "43");
  EXPECT_EQ(start(other), Progress::finished);
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, Nesting,
    testing::Values("local function f() coroutine.wrap(f)() end f()",
                    "local function f() coroutine.resume(coroutine.create(f)) end f()",
                    "local function f() pcall(coroutine.wrap(f)) f() end f()",
                    "local function f(s) return (s:gsub('.', f)) end f('x')",
                    "local function f(s) pcall(string.gsub, s, '.', f) f(s) end f('x')",
                    "local function f(a, b) table.sort({3, 2, 1}, f) return a < b end f(1, 2)",
                    "local x = setmetatable({}, {__tostring = print}) print(x)",
                    "local m = {} local x = setmetatable({}, m) m.__tostring = function() return "
                    "string.format('%s', x) end tostring(x)",
                    "local x = setmetatable({}, {__call = pcall}) x() error('overflow')"));

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

TEST_F(Limits, ASmallHeapMayHaveMoreGarbageThanALargeOne) {
  settings.limits.time = settings.load_time = std::chrono::seconds(5);
  // The most that a heap comes to over many handlers, in hundredths of the least.
  const auto swing = [&](int kept) {
    EXPECT_EQ(load("local kept = {} for i = 1, " + std::to_string(kept) +
                   " do kept[i] = ('x'):rep(1000) .. i end sip.on_request(function(req) "
                   "for i = 1, 100 do local t = {kept} end req:drop() end)"),
              "");
    std::size_t least = SIZE_MAX, most = 0;
    for (int i = 0; i < 6000; ++i) {
      EXPECT_EQ(start(), Progress::finished);
      runs.clear();
      least = std::min(least, engine->memory());
      most = std::max(most, engine->memory());
    }
    return most * 100 / least;
  };
  EXPECT_GT(swing(0), 250U);
  EXPECT_LT(swing(4000), 200U);
}

TEST_F(Limits, ASmallHeapThatGrowsByOneTextIsALargeOneAtOnce) {
  settings.limits.time = settings.load_time = std::chrono::seconds(5);
  settings.limits.memory = 18 << 20;  // with the pause of a small heap it takes 24
  handle(
      "for i = 1, 20 do local s = ('x'):rep(4000000 + i) for j = 1, 20000 do local t = {} end end "
      "req:drop()");
  EXPECT_EQ(start(), Progress::finished);
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

TEST_F(Limits, ChainsOfProtectedCallsAreBounded) {
  settings.limits.time = std::chrono::seconds(10);
  EXPECT_EQ(value("local p = {} for i = 1, 200 do p[i] = pcall end return (pcall(unpack(p)))"),
            "true");
  EXPECT_EQ(value("local p = {} for i = 1, 7000 do p[i] = pcall end return (pcall(unpack(p)))"),
            "true");
  EXPECT_EQ(value("return select('#', xpcall(function() return 1, nil, nil end, print))"), "4");
}

TEST_F(Limits, LargeTablesAreSortedAndJoined) {
  const std::string table = "local t = {} for i = 1, 5000 do t[i] = 5001 - i end ";
  EXPECT_EQ(value(table + "table.sort(t) return t[1] .. t[2] .. t[4999] .. t[5000]"), "1249995000");
  EXPECT_EQ(value(table + "local s = table.concat(t, ', ') return s:sub(1, 10) .. s:sub(-4)"),
            "5000, 49992, 1");
  EXPECT_EQ(value(table + "return #table.concat(t) .. table.concat(t, '', 4999)"), "1889321");
  EXPECT_EQ(value(table + "t[4990] = {} return select(2, pcall(table.concat, t))"),
            "invalid value (table) at index 4990 in table for 'concat'");
  EXPECT_NE(value(table + "t[4990] = {} return select(2, pcall(table.sort, t))")
                .find("attempt to compare"),
            std::string::npos);
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
  EXPECT_EQ(value("return debug.getinfo(1, 'l').currentline"), "4");
  EXPECT_EQ(value("return debug.getinfo(1).func or debug.getinfo(print).func"), "nil");
  EXPECT_NE(value("return select(2, pcall(loadstring, (' '):rep(2^20 + 1)))").find("1 MB"),
            std::string::npos);
}

}  // namespace
}  // namespace opensips::routing
