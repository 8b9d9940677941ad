"""A Route in an initial request: ours is taken off, anybody else's is refused with 403."""
from harness import Call, CalledSide, equal
from harness.call import hang_up


def test_foreign_is_refused(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    stranger = env.endpoint("stranger")
    foreign, own = f"<sip:{stranger.hostport};lr>", f"<sip:{server.hostport};lr>"
    for routes in ([foreign], [own, foreign], [f"{own},{foreign}"], [f"<sip:{stranger.hostport}>"]):
        call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())])
        for route in reversed(routes):
            call.invite.insert("Route", route, 1)
        call.start().fails_with(403)
    stranger.expect_silence()
    callee.expect_silence()


def test_our_own_is_taken_off(env):
    """As phones send it that have the server as their outbound proxy."""
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())])
    call.invite.insert("Route", f"<sip:{server.hostport};lr>", 1)
    call.start()
    called = CalledSide.expect(callee)
    equal(called.invite.lines("Route"), [], "Routes at the callee")
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(call, called)
