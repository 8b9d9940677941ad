"""The caller gives up while it rings: CANCEL to the callee, 487 to the caller."""
from harness import Call, CalledSide


def test_while_it_rings(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    call.cancel()
    called.expect_cancel()
    call.fails_with(487)
    callee.expect_silence()
    caller.expect_silence()


def test_before_the_callee_said_anything(env):
    """The CANCEL has to wait for a provisional response (RFC 3261 9.1)."""
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    call.cancel()
    callee.expect_silence("CANCEL", "before a provisional response")
    called.ringing()
    called.expect_cancel()
    call.fails_with(487)


def test_too_late(env):
    """The answer crosses the CANCEL: the call stands."""
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    called.answer()
    call.answered()
    called.expect_ack()
    call.cancel()
    callee.expect_silence("CANCEL")
    bye = call.dialog.request("BYE")
    call.dialog.send(bye)
    called.expect_bye()
    caller.expect_final(bye)
