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


def test_a_loose_router_after_us(env):
    _, call, called = start(env)
    other = env.endpoint("other")
    call.dialog.routes = [call.dialog.routes[0], f"<sip:{other.hostport};lr>", "<sip:192.0.2.7;lr>"]
    request = call.dialog.request("INFO")
    call.dialog.send(request)
    got = other.expect("INFO")
    equal(got.all("Route"), call.dialog.routes[1:], "Routes left")
    equal(got.uri, call.dialog.target, "the Request-URI")
    other.reply(got, 200, "OK")
    equal(call.endpoint.expect_final(request).code, 200, "the answer")
    called.endpoint.expect_silence()


def test_a_strict_router_after_us(env):
    """It gets itself as the Request-URI, and the target as the last Route (RFC 3261 16.6 step 6)."""
    _, call, _ = start(env)
    strict = env.endpoint("strict")
    call.dialog.routes = [call.dialog.routes[0], f"<sip:{strict.hostport}>"]
    request = call.dialog.request("INFO")
    call.dialog.send(request)
    got = strict.expect("INFO")
    equal(got.uri, f"sip:{strict.hostport}", "the Request-URI")
    equal([uri_of(r) for r in got.all("Route")], [call.dialog.target], "the Routes")
    strict.reply(got, 200, "OK")
    equal(call.endpoint.expect_final(request).code, 200, "the answer")


def test_a_strict_router_before_us(env):
    """Our Record-Route has become the Request-URI: the last Route is the target (RFC 3261 16.4)."""
    server, call, called = start(env)
    request = call.dialog.request("INFO").with_uri(uri_of(call.dialog.routes[0]))
    request.set("Route", f"<{call.dialog.target}>")
    call.endpoint.send(request, server)
    got = called.endpoint.expect("INFO")
    equal((got.uri, got.lines("Route")), (called.endpoint.uri(), []), "the Request-URI and Routes")
    called.endpoint.reply(got, 200, "OK")
    equal(call.endpoint.expect_final(request).code, 200, "the answer")


def test_a_strict_router_before_us_and_another_proxy_after(env):
    server, call, called = start(env)
    other = env.endpoint("other")
    request = call.dialog.request("INFO").with_uri(uri_of(call.dialog.routes[0]))
    request.set("Route", f"<sip:{other.hostport};lr>, <{call.dialog.target}>")
    call.endpoint.send(request, server)
    got = other.expect("INFO")
    equal((got.uri, got.all("Route")), (called.endpoint.uri(), [f"<sip:{other.hostport};lr>"]),
          "the Request-URI and Routes")
    other.reply(got, 200, "OK")
    equal(call.endpoint.expect_final(request).code, 200, "the answer")


def test_its_requests_can_run_out_of_hops(env):
    server, call, called = start(env)
    final = call.endpoint.transact(call.dialog.request("INFO").set("Max-Forwards", "0"), server)
    equal(final.code, 483, "Max-Forwards 0")
    called.endpoint.expect_silence()
