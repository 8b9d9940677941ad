"""TCP on one side, UDP on the other: two Record-Routes, each with its transport, and everything in the dialog finds its
way over both."""
from harness import Call, CalledSide, check, equal, establish
from harness.call import hang_up

BOTH = ("udp", "tcp")


def bridge(env, caller, callee):
    server = env.server(transports=BOTH)
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    routes = called.invite.all("Record-Route")
    equal(["transport=tcp" in r for r in routes], [callee.transport == "TCP", caller.transport == "TCP"],
          "which Record-Route says TCP")
    vias = [via.split()[0] for via in called.invite.all("Via")]
    equal(vias, [f"SIP/2.0/{callee.transport}", f"SIP/2.0/{caller.transport}"], "the Vias at the callee")
    for sender, receiver in ((call, called), (called, call)):
        request = sender.dialog.request("INFO")
        sender.dialog.send(request)
        got = receiver.endpoint.expect("INFO")
        equal((got.lines("Route"), got.uri), ([], receiver.endpoint.uri()), "Routes and Request-URI of INFO")
        receiver.endpoint.reply(got, 200, "OK")
        equal(sender.endpoint.expect_final(request).code, 200, "the answer to INFO")
    return call, called


def test_tcp_to_udp(env):
    call, called = bridge(env, env.tcp_endpoint("caller"), env.endpoint("callee"))
    hang_up(call, called)


def test_udp_to_tcp(env):
    call, called = bridge(env, env.endpoint("caller"), env.tcp_endpoint("callee"))
    hang_up(called, call)


def test_tcp_to_tcp(env):
    server = env.server(transports=BOTH)
    caller, callee = env.tcp_endpoint("caller"), env.tcp_endpoint("callee")
    for _ in range(3):
        call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
        hang_up(call, called)
    equal(len(callee.connections), 1, "connections that the server opened")
    equal(len(caller.connections), 1, "connections of the caller")
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    hang_up(called, call)


def test_refused_and_cancelled(env):
    server = env.server(transports=BOTH)
    caller, callee = env.endpoint("caller"), env.tcp_endpoint("callee")
    target = [("X-Target", callee.uri())]
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=target).start()
    CalledSide.expect(callee).refuse(486, "Busy Here")
    call.fails_with(486)
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=target).start()
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    call.cancel()
    called.expect_cancel()
    call.fails_with(487)


def test_nothing_is_sent_twice(env):
    """Timers A, E and G belong to UDP: over TCP silence is only silence."""
    server = env.server(transports=BOTH, modparams=[("tm", "T1_timer", 50), ("tm", "fr_timeout", 2)])
    caller, callee = env.tcp_endpoint("caller"), env.tcp_endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    CalledSide.expect(callee)
    callee.expect_silence("INVITE", "(again)", 1.0)
    call.fails_with(408)


def test_content_length_is_added(env):
    """A datagram may do without; in a stream it would have no end."""
    server = env.server(transports=BOTH)
    caller, callee = env.endpoint("caller"), env.tcp_endpoint("callee")
    request = caller.request("MESSAGE", f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())],
                             body=b"hello", content_type="text/plain")
    data = request.bytes().replace(b"Content-Length: 5\r\n", b"")
    check(b"Content-Length" not in data, "it is gone")
    caller.send(data, server)
    got = callee.expect("MESSAGE")
    equal((got.get("Content-Length"), got.body), ("5", b"hello"), "Content-Length and body")
    callee.reply(got, 200, "OK")
    equal(caller.expect_final(request).code, 200, "the answer")
