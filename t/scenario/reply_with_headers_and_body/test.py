"""A script's answer with headers and a body of its own."""
from harness import equal

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  if req.method == "OPTIONS" then
    return req:reply(200, "All well", { headers = { Accept = "application/sdp", ["X-Answer"] = "42" } })
  end
  return req:reply(200, "Have a body", {
    headers = { Warning = { '399 a "one"', '399 b "two"' } }, content_type = "text/plain",
    body = "line one\\r\\nline two\\r\\n" })
end)
"""


def test(env):
    server, caller = env.server(SCRIPT), env.endpoint("caller")
    final = caller.transact(caller.request("OPTIONS", server.uri), server)
    equal((final.code, final.reason), (200, "All well"), "the answer")
    equal((final.get("Accept"), final.get("X-Answer")), ("application/sdp", "42"), "its headers")
    equal((final.get("Content-Length"), final.body), ("0", b""), "its body")
    final = caller.transact(caller.request("MESSAGE", server.uri), server)
    equal(final.body, b"line one\r\nline two\r\n", "the body")
    equal(final.lines("Content-Length"), [str(len(final.body))], "Content-Length")
    equal(final.lines("Content-Type"), ["text/plain"], "Content-Type")
    equal(final.all("Warning"), ['399 a "one"', '399 b "two"'], "a header with two values")


def test_every_kind_of_code(env):
    script = """
local sip = require "sip"
sip.on_request(function(req)
  return req:reply(tonumber(req:header("X-Code") or 404))
end)
"""
    server, caller = env.server(script), env.endpoint("caller")
    for code in (200, 202, 302, 404, 486, 500, 603):
        for method in ("MESSAGE", "INVITE") if code >= 300 else ("MESSAGE",):
            request = caller.request(method, server.uri, headers=[("X-Code", str(code))])
            equal(caller.transact(request, server).code, code, f"the answer to {method}")


def test_what_must_not_go_out(env):
    """Line breaks in what a script gives: an error of the script, and nothing of it is sent."""
    script = """
local sip = require "sip"
sip.on_request(function(req)
  local user = req.ruri.user
  if user == "reason" then
    req:reply(200, "Fine\\r\\nX-Injected: yes")
  elseif user == "value" then
    req:reply(200, "Fine", { headers = { ["X-Mine"] = "a\\r\\nX-Injected: yes" } })
  elseif user == "name" then
    req:reply(200, "Fine", { headers = { ["X-Mine: a\\r\\nX-Injected"] = "yes" } })
  elseif user == "null" then
    req:reply(200, "Fine\\0")
  elseif user == "target" then
    req:relay("sip:a@127.0.0.1:9\\r\\nX-Injected: yes")
  end
end)
"""
    server, caller = env.server(script), env.endpoint("caller")
    for user in ("reason", "value", "name", "null", "target"):
        final = caller.transact(caller.request("OPTIONS", f"sip:{user}@{server.hostport}"), server)
        equal((final.code, final.get("X-Injected")), (500, None), f"the answer to {user}")
