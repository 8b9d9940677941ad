"""Requests of a dialog go by the Route that our Record-Route made, both ways, and past the script."""
from harness import SDP, check, equal, establish
from harness.call import hang_up
from harness.message import uri_of


def start(env):
    server, caller, callee = env.server("route.lua"), env.endpoint("caller"), env.endpoint("callee")
    return (server, *establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())]))


def in_dialog(sender, receiver, method, body=b""):
    """One request and its 200, checked at both ends. Returns the request as it arrived."""
    request = sender.dialog.request(method, body=body)
    sender.dialog.send(request)
    got = receiver.endpoint.expect(method)
    equal(got.uri, receiver.endpoint.uri(), f"the Request-URI of {method}")
    equal(got.lines("Route"), [], f"Routes left on {method}")
    equal(got.body, body, "the body")
    receiver.endpoint.reply(got, 200, "OK", body=body)
    equal(sender.endpoint.expect_final(request).code, 200, f"the answer to {method}")
    return got


def test_caller_to_callee(env):
    server, call, called = start(env)
    routes = called.invite.all("Record-Route")
    equal(len(routes), 1, "Record-Routes")
    check(uri_of(routes[0]).startswith(f"sip:{server.hostport}") and ";lr" in uri_of(routes[0]),
          f"Record-Route is {routes[0]}")
    in_dialog(call, called, "INFO")
    hang_up(call, called)


def test_callee_to_caller(env):
    _, call, called = start(env)
    in_dialog(called, call, "INFO")
    hang_up(called, call)


def test_re_invite_both_ways(env):
    _, call, called = start(env)
    for sender, receiver in ((call, called), (called, call)):
        got = in_dialog(sender, receiver, "INVITE", SDP)
        sender.dialog.ack(sender.dialog.cseq)
        ack = receiver.endpoint.expect("ACK")
        equal(ack.cseq, got.cseq, "the ACK's CSeq")
    hang_up(call, called)


def test_two_calls_at_once(env):
    """Many dialogs, in-dialog requests in another order than they were set up."""
    server, caller, callee = env.server("route.lua", workers=4), env.endpoint("caller"), env.endpoint("callee")
    calls = [establish(caller, callee, server, f"sip:c{i}@{server.hostport}", [("X-Target", callee.uri())])
             for i in range(20)]
    for i, (call, called) in enumerate(reversed(calls)):
        hang_up(*((call, called) if i % 2 else (called, call)))
