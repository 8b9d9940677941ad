"""A Request-URI of a scheme that nobody here knows cannot be forwarded: 416. (A script may still answer it.)"""
from harness import check, equal

RELAY = """
local sip = require "sip"
sip.on_request(function(req)
  return req:relay()
end)
"""


def test(env):
    server, caller = env.server(RELAY), env.endpoint("caller")
    for uri in ("nobodyKnowsThisScheme:totallyopaquecontent", "soap.beep://192.0.2.103:3002", "http://example.org/"):
        for method in ("OPTIONS", "INVITE"):
            request = caller.request(method, uri, to=server.uri)
            equal(caller.transact(request, server).code, 416, f"{method} {uri}")


def test_target_of_the_script(env):
    """A script that relays there: its mistake, not the caller's."""
    server, caller = env.server(), env.endpoint("caller")
    request = caller.request("MESSAGE", f"sip:x@{server.hostport}", headers=[("X-Target", "gopher:192.0.2.1")])
    final = caller.transact(request, server)
    check(final.code in (416, 500, 503), f"relay to gopher: got {final.start}")
