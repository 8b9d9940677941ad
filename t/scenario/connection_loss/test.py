"""What waits for an answer over a connection need not wait any more when it is gone."""
import time

from harness import Call, CalledSide, check, equal
from harness.call import hang_up
BOTH = ("udp", "tcp")


def make(env, **options):
    options.setdefault("transports", BOTH)
    return env.server("route.lua", **options)


def test_requests_fail_at_once_when_the_peer_resets(env):
    """Long before timers B and F; a call to somebody else goes on."""
    server = make(env)
    with env.alive(server) as alive:
        for method in ("OPTIONS", "INVITE"):
            caller, callee = env.endpoint("caller"), env.tcp_endpoint("callee")
            request = caller.request(method, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())])
            caller.send(request, server)
            callee.expect(method)
            began = time.monotonic()
            callee.connections[0].close()
            equal(caller.expect_final(request, 20).code, 503, f"the answer to the {method}")
            check(time.monotonic() - began < 10, "it waited for a timer")
        alive.check()


def test_ringing_call_outlives_the_connection(env):
    """The callee may answer over another one."""
    server = make(env)
    caller, callee = env.endpoint("caller"), env.tcp_endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    callee.connections.pop().close()
    again = callee.connect(server)
    called.invite.connection = again
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(call, called)


def test_half_closed_caller_gets_its_answers(env):
    """It sends its request, shuts down its side, and reads."""
    server = make(env)
    ua, callee = env.endpoint("ua"), env.endpoint("callee")
    peer = env.connect(server)
    request = ua.request("OPTIONS", f"sip:x@{server.hostport}", headers=[("X-Target", callee.uri())])
    peer.send(request.bytes().replace(b"/UDP", b"/TCP"))
    got = callee.expect("OPTIONS")
    peer.socket.shutdown(1)
    time.sleep(0.3)
    callee.reply(got, 200)
    equal(peer.expect(env).code, 200, "the answer")
    peer.expect_closed(env, "(nothing more is owed)")


def register(server, phone, contact_host):
    request = phone.request("REGISTER", server.uri, f"sip:phone@{server.hostport}", headers=[("Expires", "600")])
    request = request.set("Contact", f"<sip:phone@{contact_host};transport=tcp>")
    equal(phone.transact(request, server).code, 200, "REGISTER")


def test_no_connection_is_opened_to_a_client_behind_nat(env):
    """Its contact is an address of its own network: once its connection is gone nobody tries to reach that."""
    server = make(env, globals_={"tcp_connect_timeout": 20_000})
    phone, caller = env.tcp_endpoint("phone"), env.endpoint("caller")
    register(server, phone, "10.255.255.1:5060")
    request = caller.request("OPTIONS", f"sip:phone@{server.hostport}")
    caller.send(request, server)
    phone.reply(phone.expect("OPTIONS"), 200)
    equal(caller.expect_final(request).code, 200, "over its connection")
    phone.connections[0].close()
    time.sleep(0.3)
    began = time.monotonic()
    request = caller.request("OPTIONS", f"sip:phone@{server.hostport}")
    caller.send(request, server)
    code = caller.expect_final(request, 15).code
    check(code in (480, 503), f"the answer is {code}")
    check(time.monotonic() - began < 10, "it tried to connect")


def test_target_without_a_new_connection(env):
    server = make(env)
    caller, callee = env.endpoint("caller"), env.tcp_endpoint("callee")
    headers = [("X-Target", callee.uri()), ("X-No-Connect", "yes")]
    final = caller.transact(caller.request("OPTIONS", f"sip:x@{server.hostport}", headers=headers), server)
    equal(final.code, 480, "the answer without a connection")


def test_alias(env):
    """Off unless it is asked for; then what is for the Via's address goes over the connection it came by."""
    for allowed in (False, True):
        server = make(env, globals_={"tcp_accept_aliases": "yes" if allowed else "no"})
        ua, peer, listening = env.endpoint("ua"), env.connect(server), env.tcp_endpoint("listening")
        request = ua.request("OPTIONS", f"sip:x@{server.hostport}").bytes()
        via = request.split(b"\r\n")[1]
        request = request.replace(via, f"Via: SIP/2.0/TCP {env.ip}:{listening.port};branch=z9hG4bKalias{allowed};alias"
                                  .encode())
        peer.send(request)
        equal(peer.expect(env).code, 404, "the answer")
        out = ua.request("OPTIONS", f"sip:x@{server.hostport}", headers=[("X-Target", listening.uri())])
        ua.send(out, server)
        if allowed:
            equal(peer.expect(env).method, "OPTIONS", "what comes over the connection")
        else:
            listening.expect("OPTIONS")


def test_pings_are_sent_where_it_is_asked(env):
    """CRLF CRLF on a connection that we opened when nothing comes; it ends unless it is answered."""
    server = make(env, globals_={"tcp_crlf_ping_interval": 1})
    caller, callee = env.endpoint("caller"), env.tcp_endpoint("callee")
    request = caller.request("OPTIONS", f"sip:x@{server.hostport}", headers=[("X-Target", callee.uri())])
    caller.send(request, server)
    callee.reply(callee.expect("OPTIONS"), 200)
    caller.expect_final(request)
    connection = callee.connections[0]
    for _ in range(2):
        connection.expect_bytes(env, b"\r\n\r\n", 20)  # not before a pong would have been late
        connection.send(b"\r\n")
    connection.expect_bytes(env, b"\r\n\r\n", 20)
    connection.expect_closed(env, "(no pong in 10 s)", 15)
