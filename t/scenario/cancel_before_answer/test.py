"""The caller gives up while it rings: CANCEL to the callee, 487 to the caller."""
from harness import Call, CalledSide
from harness.call import hang_up


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


def test_the_answer_crosses_the_cancel(env):
    """The callee answers before the CANCEL is there: the caller gets that 200, and no 487."""
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    call.cancel()
    cancel = called.expect_own("CANCEL")
    called.answer()
    callee.reply(cancel, 200, "OK", called.tag)
    call.answered()
    called.expect_ack()
    caller.expect_silence(487)
    hang_up(call, called)


def test_cancel_twice(env):
    """A retransmitted CANCEL is answered again and not forwarded again."""
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    call.cancel()
    call.cancel()
    called.expect_cancel()
    call.fails_with(487)
    callee.expect_silence("CANCEL")
