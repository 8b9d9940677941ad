"""A handler that ends without having answered or relayed: 500, and a log line that names it."""
from harness import Call

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then
    return req:relay(target)
  end
  if req.ruri.user == "slept" then
    sip.sleep("10ms")
  end
end)
"""


def test(env):
    server, caller = env.server(SCRIPT), env.endpoint("caller")
    with env.alive(server):
        for user in ("forgot", "slept"):
            Call(caller, server, f"sip:{user}@{server.hostport}").start().fails_with(500)
        server.wait_log("handler .*without an answer", "(what went wrong)")
