"""What does not fit the dialog that it claims to be in is refused, and neither ends it nor reaches the other side."""
from harness import equal, establish, wait_for_statistic
from harness.call import hang_up

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  assert(req:create_dialog())
  return req:relay(req:header("X-Target"))
end)
"""


def start(env):
    server, caller, callee = env.server(SCRIPT), env.endpoint("caller"), env.endpoint("callee")
    return (server, *establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())]))


def refused(call, called, request, code):
    equal(call.endpoint.transact(request, call.dialog.next_hop()).code, code, f"the answer to {request.start}")
    called.endpoint.expect_silence()


def test_a_wrong_tag_is_refused_481(env):
    _, call, called = start(env)
    request = call.dialog.request("BYE")
    request.set("To", request.get("To").rsplit(";tag=", 1)[0] + ";tag=forged")
    refused(call, called, request, 481)
    call.dialog.cseq -= 1
    hang_up(call, called)


def test_an_old_cseq_is_refused_500(env):
    _, call, called = start(env)
    call.dialog.cseq = 9
    request = call.dialog.request("INFO")
    call.dialog.send(request)
    called.endpoint.reply(called.endpoint.expect("INFO"), 200, "OK")
    call.endpoint.expect_final(request)
    refused(call, called, call.dialog.request("BYE", cseq=9 - 1), 500)
    hang_up(call, called)


def test_another_way_is_refused_403(env):
    _, call, called = start(env)
    gateway = env.endpoint("gateway")
    own = list(call.dialog.routes)
    call.dialog.routes = own + [f"<sip:{gateway.hostport};lr>"]
    refused(call, called, call.dialog.request("INFO"), 403)
    call.dialog.routes = own
    refused(call, called, call.dialog.request("INVITE").with_uri(gateway.uri()), 403)
    gateway.expect_silence()
    hang_up(call, called)


def test_a_tampered_route_is_refused_403(env):
    _, call, called = start(env)
    own = list(call.dialog.routes)
    route = own[0]
    digit = route[route.rindex(">") - 1]
    call.dialog.routes = [route.replace(digit + ">", ("1" if digit == "0" else "0") + ">")]
    refused(call, called, call.dialog.request("BYE"), 403)
    call.dialog.routes = own
    hang_up(call, called)


def test_a_storm_of_byes_ends_one_call(env):
    server, call, called = start(env)
    for i in range(500):
        request = call.dialog.request("BYE", cseq=2)
        if i % 2:
            request.set("To", request.get("To").rsplit(";tag=", 1)[0] + f";tag=guess{i}")
        call.dialog.send(request)
    called.endpoint.reply(called.endpoint.expect("BYE"), 200, "OK")
    wait_for_statistic(env, server, "dialog:active_dialogs", 0)
    with env.alive(server) as alive:
        alive.check()
