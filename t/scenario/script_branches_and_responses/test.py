"""A script has a say in each branch before it is sent, in each response before the caller gets it, and in what the server
sends of its own; what it keeps in request.ctx is there for all of them, also when the handler of the request has ended."""
from harness import Call, CalledSide, check, equal
from harness.call import hang_up

HANDLERS = """
local sip = require "sip"
local kept
sip.on_request(function(req)
  if req.method == "OPTIONS" then
    local ok, why = pcall(function() return kept.method end)
    return req:reply(299, "Told", { content_type = "text/plain", body = tostring(ok) .. " " .. tostring(why) })
  end
  req.ctx.seen = {}
  local targets = {}
  for _, uri in ipairs(req:values("X-Targets")) do targets[#targets + 1] = uri end
  local res = req:fork(targets)
  if res.code >= 300 then
    sip.log("notice", "after fork", table.concat(req.ctx.seen, " "))
    res:forward()
  end
end)
sip.on_branch(function(req)
  kept = req
  local seen = req.ctx.seen
  seen[#seen + 1] = "branch"
  req:set_header("X-Branch", tostring(#seen))
  if req.ruri.user == "nobody" then req:drop() end
end)
sip.on_response(function(res, req)
  local seen = req.ctx.seen
  seen[#seen + 1] = res.code
  if res.code == 183 then return assert(res:drop()) end
  if res.code >= 200 then
    local dropped, why = res:drop()
    assert(not dropped and why:find("final"))
  end
  res:set_header("X-Seen", tostring(#seen))
end)
"""

FORGETFUL = """
local sip = require "sip"
local targets
sip.on_request(function(req)
  targets = {}
  for i, uri in ipairs(req:values("X-Targets")) do
    -- A text that only this table has.
    targets[i] = { uri = uri:gsub("callee", "phone" .. i), next_hop = uri:gsub("callee", "hop" .. i) }
  end
  req:fork(targets):forward()
end)
sip.on_branch(function(req)
  for i, target in ipairs(targets) do targets[i] = {} end
  targets = {}
  for i = 1, 40000 do local other = "sip:evil" .. 10000000 + i .. "@192.0.2.1:5060" end
end)
"""

RELAYED = """
local sip = require "sip"
sip.on_request(function(req)
  req.ctx.account = "a-7"
  req.on_response = function(res, req)
    res:add_header("X-Account", req.ctx.account)
    sip.log("notice", "response", res.code, req.ctx.account)
  end
  req.on_branch = function(req) req:add_header("X-Account", req.ctx.account) end
  return req:relay(req:header("X-Target"))
end)
"""

WAITING = """
local sip = require "sip"
sip.on_request(function(req) return req:relay(req:header("X-Target")) end)
sip.on_response(function(res, req) sip.sleep(1) end)
"""

OWN = """
local sip = require "sip"
sip.on_request(function(req)
  local target = req:header("X-Target")
  if req.method == "INVITE" then
    assert(req:create_dialog { lifetime = "1s" })
    return req:relay(target)
  end
  local res, why = sip.request { method = req:header("X-Method"), uri = target }
  req:reply(299, "Told", { headers = { ["X-Said"] = res and tostring(res.code) or why } })
end)
sip.on_local_request(function(req)
  assert(req.is_initial == (req.method ~= "BYE") and not req.source)
  if req.method == "NOTIFY" then return req:drop() end
  if req.method == "INFO" then error("not this one") end
  req:add_header("X-Own", req.method)
  if req.method == "MESSAGE" then req.ruri.user = "other" end
end)
"""


def test_each_branch_and_response(env):
    server, caller, a, b = env.server(HANDLERS, workers=1), env.endpoint("caller"), env.endpoint("a"), env.endpoint("b")
    targets = f"{a.uri()}, sip:nobody@{a.ip}:{a.port}, {b.uri()}"
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Targets", targets)]).start()
    at_a, at_b = CalledSide.expect(a), CalledSide.expect(b)
    equal(at_a.invite.get("X-Branch"), "1", "of the first branch")
    equal(at_b.invite.get("X-Branch"), "3", "of the third branch")
    at_a.reply(183)
    at_a.ringing()
    equal(caller.expect(180).get("X-Seen"), "5", "what the caller hears of a")
    at_a.refuse(404)
    at_b.refuse(486)
    refusal = call.fails_with(404)
    equal(refusal.get("X-Seen"), "6", "what it has been told in the end")
    server.wait_log("after fork branch branch branch 183 180 404 486")
    told = caller.transact(caller.request("OPTIONS", f"sip:x@{server.hostport}"), server.address)
    check(b"request.method: this request has ended" in told.body, told.body)


def test_what_branches_forget(env):
    server, caller, a, b = env.server(FORGETFUL), env.endpoint("caller"), env.endpoint("a"), env.endpoint("b")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Targets", ", ".join(e.uri("callee") for e in (a, b)))]).start()
    for place, endpoint in enumerate((a, b), 1):
        side = CalledSide.expect(endpoint)
        equal(side.invite.uri, endpoint.uri(f"phone{place}"), f"of branch {place}")
        side.refuse(486)
    call.fails_with(486)


def test_after_the_handler(env):
    server, caller, callee = env.server(RELAYED), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    side = CalledSide.expect(callee)
    equal(side.invite.get("X-Account"), "a-7", "in the branch")
    side.answer()
    equal(call.final().get("X-Account"), "a-7", "in the answer")
    call.dialog.ack()
    side.expect_ack()
    server.wait_log("response 200 a-7")
    hang_up(call, side)


def test_nothing_waits_there(env):
    server, caller, callee = env.server(WAITING), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    CalledSide.expect(callee).refuse(486)
    call.fails_with(486)
    server.wait_log("on_response failed .*sip.sleep cannot be used in the handler of responses")


def test_requests_of_the_servers_own(env):
    server, caller, callee = env.server(OWN), env.endpoint("caller"), env.endpoint("callee")

    def have_sent(method):
        headers = [("X-Target", callee.uri()), ("X-Method", method)]
        request = caller.request("OPTIONS", f"sip:x@{server.hostport}", headers=headers)
        caller.send(request, server)
        return request

    asked = have_sent("MESSAGE")
    message = callee.expect("MESSAGE")
    equal((message.uri, message.get("X-Own")), (f"sip:other@{callee.hostport}", "MESSAGE"), "as the handler has changed it")
    callee.reply(message, 202)
    equal(caller.expect_final(asked).get("X-Said"), "202", "its answer")
    equal(caller.expect_final(have_sent("NOTIFY")).get("X-Said"), "not sent: refused", "one that was dropped")
    asked = have_sent("INFO")
    info = callee.expect("INFO")
    equal(info.get("X-Own"), None, "one whose handler fails")
    callee.reply(info, 200)
    equal(caller.expect_final(asked).get("X-Said"), "200", "its answer")
    server.wait_log("on_local_request failed .*not this one")

    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    side = CalledSide.expect(callee)
    side.answer()
    call.answered()
    side.expect_ack()
    for phone in (caller, callee):       # its time is over
        bye = phone.expect("BYE")
        equal(bye.get("X-Own"), "BYE", "of a dialog")
        phone.reply(bye, 200)
