"""Calls over SCTP (RFC 4168) on one side or both: by SIPp, and a step at a time."""
from harness import Call, CalledSide, check, equal, establish
from harness.call import hang_up

SCTP = True
LIMIT = 120
BOTH = ("udp", "sctp")


def calls(env, caller_mode, callee_mode, count=200, rate=50, ip=None):
    """SIPp's modes: u1 is UDP, s1 one association, sn one for each call. A guest is slow: with UDP, go slowly."""
    by = "sctp" if callee_mode.startswith("s") else "udp"
    called = env.sipp("uas_call.xml", values={"RING": 20}, calls=count, ip=ip, transport=callee_mode)
    server = env.server("to_callee_by.lua", values={"CALLEE": called.hostport, "BY": by}, transports=BOTH,
                        sockets=[ip or env.ip], modparams=[("tm", "T1_timer", 2000)])
    calling = env.sipp("uac_call.xml", target=server, calls=count, rate=rate, ip=ip, transport=caller_mode,
                       values={"USER": "callee", "TALK": 50}, options=["-max_socket", "1000"])
    has_udp = "u1" in (caller_mode, callee_mode)
    calling.finish(90, repeated=has_udp)
    called.finish(30, repeated=has_udp)


def test_sctp_to_sctp(env):
    calls(env, "s1", "s1")


def test_many_associations(env):
    calls(env, "sn", "s1", 100, 20)


def test_sctp_to_udp(env):
    calls(env, "s1", "u1", 50, 10)


def test_udp_to_sctp(env):
    calls(env, "u1", "s1", 50, 10)


def test_ipv6(env):
    if not env.has_ipv6():
        env.skip("no IPv6 on the loopback")
    calls(env, "s1", "s1", 50, 25, "::1")


def bridge(env, caller, callee):
    """A call through one server, with a request each way; what its headers say of SCTP."""
    server = env.server(transports=BOTH)
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    routes = called.invite.all("Record-Route")
    sides = [callee, caller][:len(routes)]
    equal(["transport=sctp" in r for r in routes], [side.transport == "SCTP" for side in sides],
          "which Record-Route says SCTP")
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


def test_headers_between_sctp_and_udp(env):
    hang_up(*bridge(env, env.sctp_endpoint("caller"), env.endpoint("callee")))


def test_headers_between_udp_and_sctp(env):
    hang_up(*reversed(bridge(env, env.endpoint("caller"), env.sctp_endpoint("callee"))))


def test_headers_over_sctp_alone(env):
    hang_up(*bridge(env, env.sctp_endpoint("caller"), env.sctp_endpoint("callee")))


def test_cancelled(env):
    server = env.server(transports=BOTH)
    caller, callee = env.endpoint("caller"), env.sctp_endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    call.cancel()
    called.expect_cancel()
    call.fails_with(487)


def test_nothing_is_sent_twice(env):
    """Timers A, E and G belong to UDP: over SCTP silence is only silence."""
    server = env.server(transports=BOTH, modparams=[("tm", "T1_timer", 50), ("tm", "fr_timeout", 2)])
    caller, callee = env.sctp_endpoint("caller"), env.sctp_endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    CalledSide.expect(callee)
    callee.expect_silence("INVITE", "(again)", 1.0)
    call.fails_with(408)


def test_message_without_content_length(env):
    """Where a message ends, SCTP says."""
    server = env.server(transports=BOTH)
    caller, callee = env.sctp_endpoint("caller"), env.endpoint("callee")
    request = caller.request("MESSAGE", f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())],
                             body=b"hello", content_type="text/plain")
    data = request.bytes().replace(b"Content-Length: 5\r\n", b"")
    check(b"Content-Length" not in data, "it is gone")
    caller.send(data, server)
    got = callee.expect("MESSAGE")
    equal(got.body, b"hello", "the body")
    callee.reply(got, 200, "OK")
    equal(caller.expect_final(request).code, 200, "the answer")
