"""What a script does with dialogs: it is told what becomes of them, counts them, keeps things with them, sends requests
inside them; and what it does wrong is an error of its own and nobody else's."""
from harness import Call, CalledSide, check, equal, establish
from harness.call import hang_up

EVENTS = """
local sip = require "sip"
sip.on_request(function(req)
  local dialog = assert(req:create_dialog())
  dialog.vars.account = "a-7"
  assert(dialog:set_profile("calls", "alice"))
  return req:relay(req:header("X-Target"))
end)
sip.on_dialog(function(dialog, state)
  sip.log("notice", "told", state, dialog.vars.account, dialog.ending or "-", sip.dialog.profile_size("calls", "alice"))
end)
"""

WRONG = """
local sip = require "sip"
local kept
sip.on_request(function(req)
  if req.method == "MESSAGE" then
    local ok, why = pcall(function() return kept:bye() end)
    return req:reply(299, "Told", { content_type = "text/plain", body = tostring(ok) .. " " .. tostring(why) })
  end
  local first, second = req:create_dialog(), req:create_dialog()
  kept = first
  sip.log("notice", "twice", first.id == second.id)
  return req:relay(req:header("X-Target"))
end)
"""

CALLED_OFF = """
local sip = require "sip"
sip.on_request(function(req)
  req:create_dialog()
  return req:relay(req:header("X-Target"))
end)
sip.on_dialog(function(dialog, state)
  if state == "early" then
    sip.log("notice", "called off", dialog:bye(), select(2, dialog:bye()))
  elseif state == "ended" then
    sip.log("notice", "over", dialog.ending)
  end
end)
"""

KEPT_REQUEST = """
local sip = require "sip"
local kept
sip.on_request(function(req)
  kept = req
  req:create_dialog()
  return req:relay(req:header("X-Target"))
end)
sip.on_dialog(function(dialog, state)
  if state == "ended" then kept:reply(200) end
end)
"""

INSIDE = """
local sip = require "sip"
sip.on_request(function(req)
  req:create_dialog { show_requests = true }
  return req:relay(req:header("X-Target"))
end)
sip.on_dialog_request(function(req)
  if req.method == "INFO" then return req:reply(488, "Not Here") end
  if req.method == "MESSAGE" then return req:drop() end
  if req.method == "UPDATE" then req:add_header("X-Seen", "yes") end
end)
sip.on_dialog(function(dialog, state)
  if state ~= "confirmed" then return end
  local res = dialog:request("callee", "INFO", { headers = { ["X-From"] = "script" } })
  sip.log("notice", "answered", res.code)
  dialog:bye()
end)
"""

COUNTED = """
local sip = require "sip"
sip.on_request(function(req)
  local dialog = req:create_dialog()
  if not dialog:set_profile("calls", "alice", { limit = 2 }) then return req:reply(486, "Too Many") end
  return req:relay(req:header("X-Target"))
end)
"""


def start(env, script, workers=1):
    server, caller, callee = env.server(script, workers=workers), env.endpoint("caller"), env.endpoint("callee")
    return server, lambda: establish(caller, callee, server, f"sip:callee@{server.hostport}",
                                     [("X-Target", callee.uri())])


def test_is_told_of_every_state(env):
    server, set_up = start(env, EVENTS)
    hang_up(*set_up())
    for line in ("unconfirmed nil - 0", "early a-7 - 1", "unacknowledged a-7 - 1", "confirmed a-7 - 1", "ended a-7 caller 0"):
        server.wait_log(f"told {line}" if not line.startswith("unconfirmed") else "told unconfirmed")


def test_is_told_that_the_callee_refused(env):
    server, caller, callee = env.server(EVENTS), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    CalledSide.expect(callee).refuse(486, "Busy Here")
    call.fails_with(486)
    server.wait_log("told ended a-7 failed 0")


def test_a_dialog_made_twice_is_one_and_one_that_is_gone_is_an_error(env):
    server, set_up = start(env, WRONG)
    call, called = set_up()
    server.wait_log("twice true")
    hang_up(call, called)
    told = call.endpoint.transact(call.endpoint.request("MESSAGE", server.uri), server)
    check(b"false" in told.body and b"this dialog has ended" in told.body, told.body)


def test_calls_off_a_call_that_rings(env):
    server, caller, callee = env.server(CALLED_OFF), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    called.expect_cancel()
    call.fails_with(487)
    server.wait_log("called off true it has ended already")
    server.wait_log("over script")


def test_a_request_kept_past_its_life_is_an_error(env):
    server, set_up = start(env, KEPT_REQUEST)
    hang_up(*set_up())
    server.wait_log("request:reply: this request has ended")
    hang_up(*set_up())


def test_sees_the_requests_inside_that_it_asked_for(env):
    server, set_up = start(env, INSIDE.split("sip.on_dialog(function")[0])
    call, called = set_up()
    equal(call.dialog.transact("INFO").code, 488, "the script's own answer")
    update = call.dialog.request("UPDATE")
    call.dialog.send(update)
    got = called.endpoint.expect("UPDATE")
    equal(got.get("X-Seen"), "yes", "what the script added")
    called.endpoint.reply(got, 200, "OK")
    equal(call.endpoint.expect_final(update).code, 200, "the answer")
    hang_up(called, call)


def test_sends_a_request_inside_and_ends_it(env):
    server, set_up = start(env, INSIDE)
    call, called = set_up()
    info = called.endpoint.expect("INFO")
    equal((info.get("X-From"), info.get("From")), ("script", call.dialog.local), "the script's INFO")
    called.endpoint.reply(info, 200, "OK")
    server.wait_log("answered 200")
    call.endpoint.reply(call.endpoint.expect("BYE"), 200, "OK")
    called.endpoint.reply(called.endpoint.expect("BYE"), 200, "OK")


def test_a_limit_holds_over_all_workers(env):
    server, caller, callee = env.server(COUNTED, workers=4), env.endpoint("caller"), env.endpoint("callee")
    uri, headers = f"sip:callee@{server.hostport}", [("X-Target", callee.uri())]
    calls = [establish(caller, callee, server, uri, headers) for _ in range(2)]
    for _ in range(8):
        Call(caller, server, uri, headers=headers).start().fails_with(486)
    hang_up(*calls[0])
    establish(caller, callee, server, uri, headers)
