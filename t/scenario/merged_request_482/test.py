"""The same request by two ways (RFC 3261 8.2.2.2): the second is refused, the first goes on."""
from harness import Call, CalledSide
from harness.call import hang_up


def test(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    again = call.invite.copy().set("Via", caller.via())
    other_way = env.endpoint("forker")
    again.set("Via", other_way.via())
    other_way.send(again, server)
    other_way.expect(482)
    callee.expect_silence("INVITE")
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(call, called)
