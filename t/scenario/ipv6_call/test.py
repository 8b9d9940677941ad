"""A call on ::1."""
from harness import Call, CalledSide, equal, establish
from harness.call import hang_up


def test_one(env):
    if not env.has_ipv6():
        env.skip("no IPv6 on the loopback")
    server = env.server(sockets=["::1"])
    caller, callee = env.endpoint("caller", "::1"), env.endpoint("callee", "::1")
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    equal(called.invite.uri, callee.uri(), "the Request-URI")
    hang_up(called, call)
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    CalledSide.expect(callee).refuse(486)
    call.fails_with(486)


def test_sipp(env):
    if not env.has_ipv6():
        env.skip("no IPv6 on the loopback")
    count = env.scaled(300, 30)
    called = env.sipp("uas_call.xml", ip="::1", values={"RING": 10}, calls=count)
    server = env.server("to_callee.lua", values={"CALLEE": called.hostport}, sockets=["::1"])
    calling = env.sipp("uac_call.xml", ip="::1", target=server, calls=count, rate=100,
                       values={"USER": "callee", "TALK": 20})
    calling.finish()
    called.finish()
