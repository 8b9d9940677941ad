#include <fmt/format.h>

#include "lp_routing/lua/report.hh"
#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

class LuaEngine : public ScriptTest {};

TEST_F(LuaEngine, ASyntaxErrorHasFileLineAndColumn) {
  EXPECT_EQ(load("local a = 1\nlocal b = = 2\n"), "route.lua:2: unexpected symbol near '='");
  EXPECT_EQ(load("local a = 1\n  local b 2\n"), "route.lua:2:11: unexpected symbol near '2'");
  EXPECT_EQ(load("if true then"), "route.lua:1:13: 'end' expected near '<eof>'");
  EXPECT_EQ(load("\x1bLua"), "route.lua: attempt to load chunk with wrong mode");
}

TEST_F(LuaEngine, AnErrorAtTheTopLevelHasFileAndLine) {
  EXPECT_EQ(load("\nerror('no')").substr(0, 15), "route.lua:2: no");
  EXPECT_EQ(load("sip.on_request(1)").substr(0, 78),
            "route.lua:1: sip.on_request: argument 1 (handler): expected function, got numb");
  EXPECT_NE(load("sip.on_request(print) sip.on_request(print)").find("a second time"),
            std::string::npos);
  EXPECT_NE(load("sip.sleep(1)").find("sip.sleep cannot be used at the top level of the script"),
            std::string::npos);
  EXPECT_NE(load("sip.is_local('a')").find("cannot be used at the top level"), std::string::npos);
}

TEST_F(LuaEngine, AScriptWithoutARequestHandlerIsAnError) {
  EXPECT_EQ(
      load("local x = 1"),
      "route.lua: the script handles no requests, expected sip.on_request(function(req) … end)");
  settings.script += ".not";
  EXPECT_NE(load("").find("No such file"), std::string::npos);
}

TEST_F(LuaEngine, CheckFindsTheSameWithoutAServer) {
  write("route.lua",
        "sip.on_request(function(req) end) sip.on_startup(function() error('not now') end)");
  EXPECT_FALSE(lua::check(settings).failed);
  write("route.lua", "x = = 1");
  EXPECT_TRUE(lua::check(settings).failed);
}

TEST_F(LuaEngine, CheckBelievesWhatRanAtTheTopLevel) {
  write("optional.lua", "sip.nothing()");
  write("route.lua",
        "local char = utf8 and utf8.char\n"
        "local x if utf8 then x = utf8.char(65) end if table.pack then x = table.pack(1) end\n"
        "if jit then x = require 'bit' else x = require 'bit32' end\n"
        "local fast = false x = fast and require 'cjson' or require 'string'\n"
        "x = pcall(require, 'optional')\n"
        "local function never() sip.nothing() end if char then never() end\n"
        "sip.on_request(function(req) end)");
  const auto report = lua::check(settings);
  EXPECT_FALSE(report.failed) << fmt::format("{}", fmt::join(report.lines, "\n"));
  EXPECT_EQ(report.lines.size(), 9U) << fmt::format("{}", fmt::join(report.lines, "\n"));
  write("route.lua", "if utf8 then utf8.char(65) end sip.on_request(function() sip.nothing() end)");
  EXPECT_TRUE(lua::check(settings).failed);
}

TEST_F(LuaEngine, TheStartupHandlerRunsWhenItIsLoaded) {
  EXPECT_EQ(load("local up sip.on_startup(function() up = sip.is_local('example.com') end) "
                 "sip.on_request(function(req) assert(up) req:drop() end)"),
            "");
  EXPECT_EQ(start(), Progress::finished);
  EXPECT_NE(load("sip.on_request(print) sip.on_startup(function() sip.sleep(1) end)")
                .find("cannot be used in the startup handler"),
            std::string::npos);
}

TEST_F(LuaEngine, HandlesOnlyWhatIsRegistered) {
  ASSERT_EQ(load("sip.on_request(print)"), "");
  EXPECT_TRUE(engine->handles(Handler::request));
  EXPECT_FALSE(engine->handles(Handler::in_dialog));
}

TEST_F(LuaEngine, AnErrorInAHandlerIsLoggedWithItsPlaceAndTraceback) {
  ASSERT_EQ(load("local function deep(req)\n  return req.nothing.more\nend\n"
                 "sip.on_request(function(req)\n  deep(req)\n  req:drop()\nend)"),
            "");
  const std::string text = logged();
  EXPECT_NE(text.find("script: on_request failed for INVITE, call call-1: route.lua:2: request has "
                      "no field 'nothing' "
                      "(at route.lua:2 in function 'deep' < route.lua:5"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("opensips:"), std::string::npos) << text;
}

TEST_F(LuaEngine, AnErrorNeedNotBeText) {
  handle("error({})");
  EXPECT_NE(logged().find("an error that is a table"), std::string::npos);
  handle("error()");
  EXPECT_NE(logged().find("an error that is a nil"), std::string::npos);
}

TEST_F(LuaEngine, AfterAFailureTheNextRequestIsServed) {
  handle("if req.cseq == 42 then error('no') end req:drop()");
  logged();
  std::string other(kInvite);
  other.replace(other.find("42 INVITE"), 2, "43");
  EXPECT_EQ(start(other), Progress::finished);
}

TEST_F(LuaEngine, ARequestKeptPastItsEndIsAnErrorNotACrash) {
  ASSERT_EQ(load("local kept, uri sip.on_request(function(req) if kept then "
                 "local ok, err = pcall(function() return kept.method end) "
                 "local ok2, err2 = pcall(function() kept:reply(200) end) "
                 "local ok3, err3 = pcall(function() return uri.user end) "
                 "assert(not ok and not ok2 and not ok3) "
                 "req:reply(200, 'x', {content_type = 'text/plain', body = err .. '|' .. err2 .. "
                 "'|' .. tostring(kept)}) "
                 "else kept, uri = req, req.ruri req:drop() end end)"),
            "");
  ASSERT_EQ(start(), Progress::finished);
  ASSERT_EQ(start(), Progress::finished);
  EXPECT_EQ(without_folder(services.replies.at(0).body),
            "route.lua:1: request.method: this request has ended|route.lua:1: request:reply: this "
            "request has ended|"
            "request (ended)");
}

TEST_F(LuaEngine, WaitingInACoroutineOfTheScriptsIsAnError) {
  EXPECT_EQ(
      value("return select(2, coroutine.resume(coroutine.create(function() sip.sleep(1) end)))"),
      "route.lua:4: sip.sleep waits, which only the handler itself can do, not a coroutine that "
      "the script made");
  EXPECT_EQ(value("local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(req.cseq + "
                  "i) end end) "
                  "return co() .. co()"),
            "4344");
}

TEST_F(LuaEngine, AYieldOfTheHandlerItselfFails) {
  handle("coroutine.yield(1)");
  EXPECT_NE(logged().find("coroutine.yield outside"), std::string::npos);
  EXPECT_EQ(value("return coroutine.running()"), "nil");
}

TEST_F(LuaEngine, ACoroutineIsUsedAgainAndKeepsNothing) {
  ASSERT_EQ(load("sip.on_request(function(req, ...) assert(select('#', ...) == 0) assert(req.ctx.x "
                 "== nil) "
                 "req.ctx.x = 1 req:drop() return 1, 2, 3 end)"),
            "");
  const auto run_often = [&](int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(start(), Progress::finished);
      engine->release(run());
      runs.clear();
    }
  };
  run_often(1000);
  const auto before = engine->memory();
  run_often(50'000);
  EXPECT_LT(engine->memory(), before + 500'000);  // with garbage
}

TEST_F(LuaEngine, ManyHandlersWaitAtTheSameTime) {
  handle(
      "local mine = req.call_id req.ctx.cseq = req.cseq sip.sleep(1) "
      "assert(mine == req.call_id and req.ctx.cseq == req.cseq) req:drop()");
  for (int i = 0; i < 500; ++i) {
    std::string bytes(kInvite);
    bytes.replace(bytes.find("42 INVITE"), 2, std::to_string(100 + i));
    ASSERT_EQ(start(bytes), Progress::waiting);
  }
  for (auto& one : runs) ASSERT_EQ(engine->resume(one, {}), Progress::finished);
  EXPECT_EQ(services.drops, 500);
}

TEST_F(LuaEngine, AnAbandonedHandlerLeavesNothing) {
  handle("sip.sleep(1) error('never')");
  ASSERT_EQ(start(), Progress::waiting);
  engine->abandon(run());
  EXPECT_EQ(run().engine_state, nullptr);
  ASSERT_EQ(start(), Progress::waiting);
}

TEST_F(LuaEngine, RequireFindsFilesAtTheTopLevelOnly) {
  write("helper.lua", "return {answer = 42}");
  write("deep/er.lua", "return 'deep'");
  write("package_/init.lua", "return 'init'");
  EXPECT_EQ(load("local h = require 'helper' assert(h.answer == 42 and require 'helper' == h) "
                 "assert(require 'deep.er' == 'deep' and require 'package_' == 'init' and require "
                 "'sip' == sip) "
                 "sip.on_request(function(req) assert(require 'helper' == h) "
                 "local ok, err = pcall(require, 'other') req:reply(200, 'x', {content_type = "
                 "'t/p', body = err}) end)"),
            "");
  ASSERT_EQ(start(), Progress::finished);
  EXPECT_NE(services.replies.at(0).body.find("files are read at the top level"), std::string::npos);
}

TEST_F(LuaEngine, RequireSaysWhatIsWrong) {
  write("broken.lua", "x = = 1");
  write("fails.lua", "error('inside')");
  write("loop.lua", "require 'loop'");
  write("compiled.lua", "\x1bLJ");
  EXPECT_EQ(load("require 'broken'").find("broken.lua:1: unexpected symbol"), 0U);
  EXPECT_EQ(load("require 'fails'").find("fails.lua:1: inside"), 0U);
  EXPECT_NE(load("require 'loop'").find("requires itself"), std::string::npos);
  EXPECT_NE(load("require 'compiled'").find("wrong mode"), std::string::npos);
  EXPECT_NE(load("require 'nowhere'")
                .find("module 'nowhere' not found: expected loadmodule \"nowhere.so\" in "
                      "opensips.cfg, or a Lua file (looked for nowhere.lua, nowhere/init.lua)"),
            std::string::npos);
  EXPECT_NE(load("require '../etc/passwd'").find("is not the name of a module"), std::string::npos);
  EXPECT_NE(load("require 'ffi'").find("module 'ffi' is not available"), std::string::npos);
}

}  // namespace
}  // namespace opensips::routing
