"""tm's timers: no response at all (fr_timeout), nothing after ringing (fr_inv_timeout), both in seconds."""
from harness import Call, CalledSide

QUICK = [("tm", "fr_timeout", 1), ("tm", "fr_inv_timeout", 2)]


def start(env):
    server, caller, callee = env.server(modparams=QUICK), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    return call, CalledSide.expect(callee)


def test_no_response(env):
    call, called = start(env)
    call.fails_with(408)
    called.endpoint.expect_silence("CANCEL", "to somebody who never responded")


def test_rings_forever(env):
    call, called = start(env)
    called.ringing()
    call.endpoint.expect(180)
    called.expect_cancel()
    call.fails_with(408)


def test_nobody_there(env):
    """Nothing listens at the target: 408, or 503 when the network says so."""
    server, caller = env.server(modparams=QUICK), env.endpoint("caller")
    target = f"sip:callee@{env.ip}:{env.port()}"
    Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", target)]).start() \
        .fails_with({408, 500, 503})
