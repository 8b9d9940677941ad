#include "lp_routing/checks/checks.hh"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace opensips::routing::checks {
namespace {

using Files = std::map<std::string, std::string>;

/// What is found in "route.lua" of these files, a line each, without that name.
std::string found(const Files& files) {
  Sources sources{"route.lua", "?.lua", &FunctionTable::core(),
                  [&](const std::string& file) -> const std::string* {
                    const auto known = files.find(file);
                    return known == files.end() ? nullptr : &known->second;
                  }};
  std::string text;
  for (const Finding& one : look_at(sources)) {
    std::string line = one.line();
    if (line.starts_with("route.lua:")) line.erase(0, 10);
    text += (text.empty() ? "" : "\n") + line;
  }
  return text;
}

std::string found(const std::string& script) {
  return found(Files{{"route.lua", script}});
}

struct Case {
  const char* script;
  const char* findings;
};
class Checks : public testing::TestWithParam<Case> {};

TEST_P(Checks, Find) {
  EXPECT_EQ(found(GetParam().script), GetParam().findings);
}

/// Programs without a mistake that could be seen.
class Silent : public testing::TestWithParam<const char*> {};

TEST_P(Silent, AreAboutWhatCannotBeKnown) {
  EXPECT_EQ(found(GetParam()), "");
}

INSTANTIATE_TEST_SUITE_P(
    Fields, Checks,
    testing::Values(
        Case{"sip.on_request(function(req) return req.methd end)",
             "1:41: error: request has no field 'methd': did you mean 'method'? (certain)"},
        Case{"sip.on_request(function(r) r:repyl(404) end)",
             "1:30: error: request has no field 'repyl': did you mean 'reply'? (certain)"},
        Case{"sip.on_reqest(print)",
             "1:5: error: sip has no field 'on_reqest': did you mean 'on_request'? (certain)"},
        Case{"local s = require 'sip'\ns.on_request(function(req) s.location:lokup(req) end)",
             "2:39: error: location has no field 'lokup': did you mean 'lookup'? (certain)"},
        Case{"sip.on_request(function(req) local u = req.ruri; return u.hst end)",
             "1:59: error: uri has no field 'hst': did you mean 'host'? (certain)"},
        Case{"sip.on_request(function(req) local res = req:fork('sip:a@b') return res and res.cod "
             "end)",
             "1:81: error: response has no field 'cod': did you mean 'code'? (certain)"},
        Case{"sip.on_response(function(res, req) res.code = 3 req.x = 1 end)",
             "1:40: error: response.code cannot be assigned (certain)\n"
             "1:53: error: request has no field 'x' (certain)"},
        Case{"sip.on_dialog(function(dialog) dialog.vars.x = 1 dialog.agee = 1 end)",
             "1:57: error: dialog has no field 'agee': did you mean 'age'? (certain)"},
        Case{
            "sip.on_request(function(req) local d = req:create_dialog() d:set_profil('x') end)",
            "1:62: error: dialog has no field 'set_profil': did you mean 'set_profile'? (certain)"},
        Case{"sip.on_request(function() return sip.hash.md6('') end)",
             "1:43: error: sip.hash has no field 'md6': did you mean 'md5'? (certain)"},
        Case{"local t = sip.shared 't' sip.every('1s', function() t:increse('x') end)",
             "1:55: error: shared has no field 'increse': did you mean 'increase'? (certain)"},
        Case{"sip.every('1s', function() local db = sip.sql() db:qury('x') end)",
             "1:52: error: sql has no field 'qury': did you mean 'query'? (certain)"},
        Case{"sip.on_request(function(req) req.method() end)",
             "1:34: error: request.method is no function, but a string (certain)"}));

INSTANTIATE_TEST_SUITE_P(
    Propagation, Checks,
    testing::Values(
        Case{"local function f(r) return r.methd end\nsip.on_request(function(req) f(req) end)",
             "1:30: error: request has no field 'methd': did you mean 'method'? (certain)"},
        Case{"local function f(u) return u.hst end\nsip.on_request(function(req) f(req.ruri) end)",
             "1:30: error: uri has no field 'hst': did you mean 'host'? (certain)"},
        Case{"local function last(r) return r end\nlocal function f(r) return last(r) end\n"
             "sip.on_request(function(req) f(req):x() end)",
             "3:37: error: request has no field 'x' (certain)"},
        Case{"function handle(r) r:x() end\nsip.on_request(handle)",
             "1:22: error: request has no field 'x' (certain)"},
        Case{"local handle\nhandle = function(r) r:x() end\nsip.on_request(function(r) handle(r) "
             "end)",
             "2:24: error: request has no field 'x' (certain)"},
        Case{"sip.on_request(function(req) local best for i = 1, 2 do local res = "
             "req:fork('sip:a@b')\n"
             "best = res or best end best:x() end)",
             "2:29: error: response has no field 'x' (certain)"},
        Case{"sip.on_request(function(req) sip.spawn(function(u) u:x() end, req.ruri) end)",
             "1:54: error: uri has no field 'x' (certain)"},
        Case{"sip.on_request(function(req) req.on_response = function(res) res:x() end end)",
             "1:66: error: response has no field 'x' (certain)"},
        Case{
            "local log = sip.log local s = sip s.on_request(function(req) s.lgo('x') log('x') end)",
            "1:64: error: sip has no field 'lgo': did you mean 'log'? (certain)"},
        Case{"sip.on_request(function(req) pcall(function() req:x() end) end)",
             "1:51: error: request has no field 'x' (likely)"},
        Case{"local function f(r) r:x() end sip.on_request(function(req) pcall(f, req) end)",
             "1:23: error: request has no field 'x' (likely)"},
        Case{"local function never(r) sip.x() end sip.on_request(print)",
             "1:29: error: sip has no field 'x' (likely)"},
        Case{"local M = {} function M.f(req) req:repyl(1) req:other() end return M",
             "1:36: error: request has no field 'repyl': did you mean 'reply'? (likely)"},
        Case{"sip.on_request(function(req) if sip.version > '3' then sip.news() end end)",
             "1:60: error: sip has no field 'news': did you mean 'now'? (likely)"}));

/// What a script looks at before it uses it: it knows more of that than is to be seen here.
INSTANTIATE_TEST_SUITE_P(
    Guarded, Checks,
    testing::Values(
        Case{"local function f(t) if table.unpack then return table.unpack(t) end end "
             "sip.on_request(function() f({}) end)",
             "1:55: error: table has no function 'unpack' (likely)"},
        Case{"sip.on_request(function(req) return utf8 and utf8.len(req.method) end)",
             "1:37: warning: the global 'utf8' is assigned nowhere (likely)\n"
             "1:46: error: the global 'utf8' is assigned nowhere (likely)"},
        Case{"sip.on_request(function(req) return not utf8 or req.methd or utf8.len('') end)",
             "1:41: warning: the global 'utf8' is assigned nowhere (likely)\n"
             "1:53: error: request has no field 'methd': did you mean 'method'? (likely)\n"
             "1:62: error: the global 'utf8' is assigned nowhere (likely)"},
        Case{"local function f(t) if type(t) == 'table' then return t.address end return t end "
             "sip.on_request(function(req) f(req.ruri) end)",
             "1:57: error: uri has no field 'address' (likely)"},
        Case{"local type = type local function f(t) return type(t) == 'table' and t.address or t.x "
             "end sip.on_request(function(req) f(req.ruri) end)",
             "1:71: error: uri has no field 'address' (likely)\n"
             "1:84: error: uri has no field 'x' (likely)"},
        Case{"local function f(t) if type(t) ~= 'table' then return t end return t.address end "
             "sip.on_request(function(req) f(req.ruri) req:x() end)",
             "1:70: error: uri has no field 'address' (likely)\n"
             "1:127: error: request has no field 'x' (certain)"},
        // Not behind it, or nothing that is looked at.
        Case{"sip.on_request(function(req) local one = utf8 and 1 req:x() end)",
             "1:42: warning: the global 'utf8' is assigned nowhere (likely)\n"
             "1:57: error: request has no field 'x' (certain)"},
        Case{"sip.on_request(function(req) if req.source and req.ruri.hst then req:x() end end)",
             "1:57: error: uri has no field 'hst': did you mean 'host'? (certain)\n"
             "1:70: error: request has no field 'x' (certain)"},
        Case{"sip.on_request(function(req) if string.trim('x') == '' then req:x() end end)",
             "1:40: error: string has no function 'trim' (certain)\n"
             "1:65: error: request has no field 'x' (certain)"},
        Case{"sip.on_request(function(req) if tostrng(1) == '' then req:x() end end)",
             "1:33: error: the global 'tostrng' is assigned nowhere: did you mean 'tostring'? "
             "(certain)\n"
             "1:59: error: request has no field 'x' (certain)"}));

/// A function in a table is called by whoever has the table.
INSTANTIATE_TEST_SUITE_P(
    Kept, Checks,
    testing::Values(
        Case{"local M = {} function M.f() sip.x() end sip.on_request(function() M.f() end)",
             "1:33: error: sip has no field 'x' (certain)"},
        Case{"local M = {} function M.f() sip.x() end sip.on_request(function() "
             "pcall(function() M.f() end) end)",
             "1:33: error: sip has no field 'x' (likely)"},
        Case{"local M = {} function M.f() sip.x() end sip.on_request(function() "
             "coroutine.resume(coroutine.create(function() M.f() end)) end)",
             "1:33: error: sip has no field 'x' (likely)"}));

INSTANTIATE_TEST_SUITE_P(
    Calls, Checks,
    testing::Values(
        Case{
            "sip.on_request(function(req) req:reply() end)",
            "1:34: error: request:reply: argument 1 (code) is missing, expected integer (certain)"},
        Case{"sip.on_request(function(req) req:reply(200, 'OK', {}, 1) end)",
             "1:34: error: request:reply: takes 3 arguments, got 4 (certain)"},
        Case{"sip.on_request(function(req) sip.now(1) sip.is_local() end)",
             "1:34: error: sip.now: takes 0 arguments, got 1 (certain)\n"
             "1:45: error: sip.is_local: argument 1 (host) is missing, expected string (certain)"},
        Case{
            "sip.on_request(function(req) req:relay('sip:a@b', { timeot = '2s' }) end)",
            "1:53: error: request:relay has no option 'timeot': did you mean 'timeout'? (certain)"},
        Case{"sip.on_request(function(req) req.reply(200) end)",
             "1:34: error: request:reply: call it with a colon: request:reply(…) (certain)"},
        Case{"sip:on_request(function(req) end)",
             "1:5: error: sip.on_request: call it with a dot: sip.on_request(…) (certain)"},
        Case{"local relay sip.on_request(function(req) relay = req.relay relay('sip:a@b') end)",
             "1:60: error: request:relay: call it with a colon: request:relay(…) (certain)"}));

INSTANTIATE_TEST_SUITE_P(
    Handlers, Checks,
    testing::Values(
        Case{"sip.sleep(1)",
             "1:5: error: sip.sleep cannot be used at the top level of the script (certain)"},
        Case{"sip.on_request(function(req) sip.on_startup(print) end)",
             "1:34: error: sip.on_startup cannot be used in a handler (certain)"},
        Case{"sip.on_response(function(res, req) sip.sleep(1) end)",
             "1:40: error: sip.sleep cannot be used in the handler of responses (certain)"},
        Case{"sip.on_branch(function(req) req:reply(404) end)",
             "1:33: error: request:reply cannot be used in the handler of branches (certain)"},
        Case{"local function wait() sip.sleep(1) end sip.on_response(function() wait() end)",
             "1:27: error: sip.sleep cannot be used in the handler of responses (certain)"},
        Case{"local function wait() sip.sleep(1) end sip.on_response(wait) sip.on_request(wait)",
             "1:27: error: sip.sleep cannot be used in the handler of responses, where this "
             "function "
             "runs too (likely)"},
        Case{"sip.on_startup(function() sip.spawn(print) end)",
             "1:31: error: sip.spawn cannot be used in the startup handler (certain)"},
        Case{"sip.on_request(function() coroutine.wrap(function() sip.sleep(1) end)() end)",
             "1:57: error: sip.sleep waits, which only the handler itself can do, not a coroutine "
             "that "
             "the script made (certain)"},
        Case{"sip.on_request(function(req) req.on_branch = function(r) r.on_response = print end "
             "end)",
             "1:60: error: request.on_response cannot be used in the handler of branches "
             "(certain)"}));

INSTANTIATE_TEST_SUITE_P(
    Globals, Checks,
    testing::Values(
        Case{"sip.on_request(function(req) handle(req) end)",
             "1:30: error: the global 'handle' is assigned nowhere (certain)"},
        Case{"local x = tostrng(1)",
             "1:11: error: the global 'tostrng' is assigned nowhere: did you mean 'tostring'? "
             "(certain)"},
        Case{"sip.on_request(function(req) if debug_all then sip.log 'x' end end)",
             "1:33: warning: the global 'debug_all' is assigned nowhere (likely)"},
        Case{"sip.on_request(function(req) count = (count or 0) + 1 count = 2 end)",
             "1:30: warning: the global 'count' is assigned in a function: each worker has its "
             "own, and "
             "all calls of the worker share it; write local, or keep what all workers need in "
             "sip.shared (likely)"}));

INSTANTIATE_TEST_SUITE_P(
    Refused, Checks,
    testing::Values(
        Case{"sip.on_request(function() os.exit(1) end)",
             "1:30: error: os.exit is not available in routing scripts: return from the handler "
             "(certain)"},
        Case{"io.popen('ls')",
             "1:4: error: io.popen is not available in routing scripts: it would hold up every "
             "call of "
             "this worker (certain)"},
        Case{"os.execute('ls')",
             "1:4: error: os.execute is not available in routing scripts: it would hold up every "
             "call "
             "of this worker (certain)"},
        Case{"loadfile('x')",
             "1:1: error: loadfile is not available in routing scripts: use require at the top "
             "level "
             "(certain)"},
        Case{"debug.sethook()",
             "1:7: error: debug.sethook is not available in routing scripts: it would reach behind "
             "the "
             "server's back (certain)"},
        Case{"string.trim('x')", "1:8: error: string has no function 'trim' (certain)"},
        Case{"collectgarbage()", ""},
        Case{"collectgarbage('collect')",
             "1:1: error: collectgarbage: only \"count\" is available in routing scripts: the "
             "server "
             "collects (certain)"}));

INSTANTIATE_TEST_SUITE_P(
    Modules, Checks,
    testing::Values(
        Case{"local auth = require 'auth'",
             "1:14: error: module 'auth' not found: expected loadmodule \"auth.so\" in "
             "opensips.cfg, or "
             "a Lua file (looked for auth.lua) (certain)"},
        Case{"local ok, x = pcall(require, 'more')",
             "1:15: error: module 'more' not found: expected loadmodule \"more.so\" in "
             "opensips.cfg, or "
             "a Lua file (looked for more.lua) (likely)"},
        Case{"require '../x'", "1:1: error: require: '../x' is not the name of a module (certain)"},
        Case{
            "require 'ffi'",
            "1:1: error: module 'ffi' is not available in routing scripts: it could end the server "
            "(certain)"}));

INSTANTIATE_TEST_SUITE_P(
    Programs, Silent,
    testing::Values(
        // Fields that are named at run time, or that scripts may have.
        "sip.on_request(function(req) local f = 'methd' return req[f] end)",
        "sip.on_request(function(req) req.ctx.anything = 1 return req.ctx.other end)",
        "sip.on_dialog(function(dialog) return dialog.vars.anything end)",
        // Other things called so.
        "local sip = { on_reqest = print } sip.on_reqest(1)",
        "local function f(sip) sip.x() end f({ x = print })", "sip = nil",
        "sip = { x = print } sip.x()", "local string = { trim = print } string.trim('x')",
        "string.trim = function(s) return s end string.trim('x')",
        "local s = string s.trim = print string.trim('x')",
        "local function add(t) t.trim = print end add(string) string.trim('x')",
        "for _, sip in pairs({}) do sip.x() end", "local require = print require('nothing')",
        // Values that may be one thing or another.
        "sip.on_request(function(req) local x = req if req.cancelled then x = {} end return x.any "
        "end)",
        "local function f(x) return x.any end sip.on_request(function(req) f(req) f({}) end)",
        "local function f(x) return x.any end local t = { f } sip.on_request(function(req) f(req) "
        "end)",
        "local function f(x) return x.any end sip.on_request(function(req) unknown_to(f) f(req) "
        "end) "
        "function unknown_to(g) g({ any = 1 }) end",
        "local f = print sip.on_request(function(req) (f or print)(req) end)",
        "sip.on_request(function(req) local u = req u = u.ruri return u.host, u.any end)",
        // Methods of a class of the script's own.
        "local C = {} C.__index = C function C.new() return setmetatable({}, C) end function "
        "C:any() return self.other end sip.on_request(function(req) C.new():any() end)",
        "local o = setmetatable({}, { __index = function(t, k) return k end }) return o.any.thing",
        // Calls whose arguments nobody can count.
        "sip.on_request(function(req) local function args() return 200, 'OK' end "
        "req:reply(args()) end)",
        "local t = {} sip.on_request(function(...) local req = ... req:any(unpack(t)) end)",
        "sip.on_request(function(req) req.reply(req, 200) end)",
        "sip.on_request(function(req) local o = { timeot = nil } req:relay('sip:a@b', o) end)",
        // Globals by other ways than their names.
        "_G.count = 1 sip.on_request(function(req) return count.x end)",
        "setfenv(1, setmetatable({}, { __index = _G })) anything()",
        "loadstring('x = 1')() return x.y",
        "local count = 0 sip.on_request(function(req) count = count + 1 end)",
        "limit = 20 function handle(req) return limit end sip.on_request(handle)",
        // Functions that wait, where they may.
        "sip.on_request(function(req) sip.sleep(1) end) sip.every('1s', function() sip.sleep(1) "
        "end)",
        "local M = {} function M.f() sip.sleep(1) end return M",
        "sip.on_response(function(res) sip.spawn(function() sip.sleep(1) end) end)",
        "local function f() sip.sleep(1) end sip.on_response(function() sip.spawn(f) end)",
        "sip.on_request(function(req) table.sort({}, function(a, b) return a.any < b.any end) "
        "end)"));

TEST(CheckedFiles, AreAllThatTheScriptRequires) {
  EXPECT_EQ(
      found(Files{{"route.lua", "local a = require 'a' sip.on_request(function(req) a.f(req) end)"},
                  {"a.lua", "local b = require 'b.c'\nsip.lgo('x') return { f = b }"},
                  {"b/c.lua", "local a = require 'a'\n\nreturn os.exit()"}}),
      "a.lua:2:5: error: sip has no field 'lgo': did you mean 'log'? (certain)\n"
      "b/c.lua:3:11: error: os.exit is not available in routing scripts: return from the "
      "handler (certain)");
}

TEST(CheckedFiles, ShareTheirGlobals) {
  EXPECT_EQ(found(Files{{"route.lua", "require 'a' sip.on_request(function(req) handle(req) end)"},
                        {"a.lua", "function handle(r) r:x() end"}}),
            "a.lua:1:22: error: request has no field 'x' (certain)");
}

TEST(CheckedFiles, AreFoundWhateverRequireIsCalled) {
  for (const char* const script :
       {"local require = require require 'a' handle() other()",
        "local pcall, load_file = pcall, require pcall(load_file, 'a') handle() other()"}) {
    const auto text = found(Files{{"route.lua", script}, {"a.lua", "function handle() end"}});
    EXPECT_TRUE(text.ends_with(": error: the global 'other' is assigned nowhere (certain)") &&
                text.find('\n') == std::string::npos)
        << script << ": " << text;
  }
}

TEST(CheckedFiles, ThatCannotBeReadMakeWhatIsElseFoundLessSure) {
  EXPECT_EQ(found("require(name()) other()"),
            "1:9: error: the global 'name' is assigned nowhere (likely)\n"
            "1:17: error: the global 'other' is assigned nowhere (likely)");
  for (const char* const script :
       {"xpcall(require, print, 'helpers') other()",
        "local function try(f) f('helpers') end "
        "try(require) other()",
        "local load_file load_file = require load_file 'helpers' other()",
        "local t = { require } t[1]('helpers') other()",
        "local a = require local b = a b('helpers') other()"}) {
    EXPECT_TRUE(found(script).ends_with(": error: the global 'other' is assigned nowhere (likely)"))
        << script << ": " << found(script);
  }
  std::string deep = "return ";
  for (int i = 0; i < 10'000; ++i) deep += "(";
  EXPECT_EQ(found(deep), "1:207: warning: the file cannot be checked: nested too deeply (likely)");
}

/// Functions that call the one before, the first of which makes a mistake.
std::string chain(int functions) {
  std::string script = "local function f0(r) r:x() end\n";
  for (int i = 1; i < functions; ++i) {
    script +=
        "local function f" + std::to_string(i) + "(r) f" + std::to_string(i - 1) + "(r) end\n";
  }
  return script + "sip.on_request(function(req) f" + std::to_string(functions - 1) + "(req) end)";
}

TEST(CheckedFiles, AreFollowedSoFarAndNoFurther) {
  EXPECT_EQ(found(chain(50)), "1:24: error: request has no field 'x' (certain)");
  EXPECT_EQ(found(chain(500)), "");
}

TEST(CheckedFiles, AreReadAtTheTopLevelOnly) {
  EXPECT_EQ(
      found(Files{{"route.lua", "sip.on_request(function(req) require 'a' end)"}, {"a.lua", ""}}),
      "1:30: error: require 'a': files are read at the top level of the script only (likely)");
}

}  // namespace
}  // namespace opensips::routing::checks
