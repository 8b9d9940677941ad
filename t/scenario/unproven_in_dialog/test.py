"""A To tag alone is no free call: what does not prove that it belongs to a dialog we routed is refused, unless the
script asks for it. The callee sees nothing of it."""
from harness import check, equal, establish, fresh
from harness.call import hang_up
from harness.endpoint import ack_of_failure
from harness.message import uri_of

OPT_IN = """
local sip = require "sip"
sip.on_request(function(req)
  local target = req:header("X-Target")
  return req:relay(target)
end)
sip.on_in_dialog(function(req)
  if req.method ~= "ACK" then
    return req:reply(488, "Asked for it")
  end
end)
"""


def start(env, script="route.lua"):
    server, caller, callee = env.server(script), env.endpoint("caller"), env.endpoint("callee")
    return server, establish(caller, callee, server, f"sip:callee@{server.hostport}",
                             [("X-Target", callee.uri())])


def forged(env, server, method="BYE", target=None, routes=(), call_id=None, tags=("x", "y")):
    """A request of a dialog that never was."""
    mallory = env.endpoint("mallory")
    request = mallory.request(method, target or f"sip:callee@{server.hostport}", call_id=call_id)
    request.set("From", f"<{mallory.uri()}>;tag={tags[0]}").set("To", f"<{server.uri}>;tag={tags[1]}")
    for route in routes:
        request.insert("Route", route, 1)
    return mallory, request


def refused(mallory, request, server, codes=(403, 481)):
    final = mallory.transact(request, server)
    check(final.code in codes, f"{request.method} {request.uri} got {final.start}")


def test_no_route(env):
    server, (call, called) = start(env)
    for method in ("BYE", "INVITE", "INFO", "NOTIFY"):
        refused(*forged(env, server, method), server)
    called.endpoint.expect_silence()
    hang_up(call, called)


def test_forged_route(env):
    server, (call, called) = start(env)
    victim = called.endpoint
    for route in (f"<sip:{server.hostport};lr>", f"<sip:{server.hostport};lr;did=1.2>", f"<sip:{server.hostport}>"):
        for method in ("INVITE", "BYE"):
            refused(*forged(env, server, method, victim.uri(), [route]), server)
    victim.expect_silence()
    hang_up(call, called)


def test_changed_route(env):
    """Each character of the proof in our Record-Route changed, and the proof cut off anywhere."""
    server, (call, called) = start(env)
    uri = uri_of(call.dialog.routes[0])
    begin = uri.index("=") + 1
    changed = [uri[:i] + ("7" if uri[i] != "7" else "8") + uri[i + 1:] for i in range(begin, len(uri))]
    changed += [uri[:i] for i in range(begin, len(uri))] + [uri + "0"]
    sent = []
    for bad in changed:
        request = call.dialog.request("INFO").set("Route", f"<{bad}>")
        sent.append((bad, call.dialog.endpoint.send(request, server)))
    for bad, request in sent:
        final = call.dialog.endpoint.expect_final(request)
        check(final.code in (400, 403, 481), f"Route {bad} got {final.start}")
    called.endpoint.expect_silence()
    hang_up(call, called)


def test_route_of_another_call(env):
    server, (call, called) = start(env)
    victim = called.endpoint
    routes = [call.dialog.routes[0]]
    refused(*forged(env, server, "INVITE", victim.uri(), routes, fresh("other")), server)
    victim.expect_silence()
    hang_up(call, called)


def test_tags_of_nobody(env):
    """The right Call-ID and Route, but not the tag of who called."""
    server, (call, called) = start(env)
    refused(*forged(env, server, "BYE", called.endpoint.uri(), [call.dialog.routes[0]], call.invite.call_id), server)
    called.endpoint.expect_silence()
    hang_up(call, called)


def test_ack_that_proves_nothing(env):
    server, (call, called) = start(env)
    mallory, ack = forged(env, server, "ACK", called.endpoint.uri(), [f"<sip:{server.hostport};lr>"])
    mallory.send(ack, server)
    mallory.send(ack_of_failure(forged(env, server, "INVITE")[1], ack), server)
    mallory.expect_silence()
    called.endpoint.expect_silence()
    hang_up(call, called)


def test_script_asked_for_them(env):
    server, (call, called) = start(env, OPT_IN)
    mallory, request = forged(env, server, "INFO")
    equal(mallory.transact(request, server).reason, "Asked for it", "the answer")
    mallory, request = forged(env, server, "INFO", called.endpoint.uri(), [f"<sip:{server.hostport};lr>"])
    final = mallory.transact(request, server)
    check(final.reason == "Asked for it" or final.code in (403, 481), f"a forged Route got {final.start}")
    called.endpoint.expect_silence()
    mallory, ack = forged(env, server, "ACK")
    mallory.send(ack, server)
    mallory.expect_silence()
    hang_up(call, called)
