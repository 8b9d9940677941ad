"""The first phone rings in vain and gets CANCEL; then the second one rings. The script sleeps in between."""
from harness import Call, CalledSide
from harness.call import hang_up


def start(env):
    a, b, caller = env.endpoint("a"), env.endpoint("b"), env.endpoint("caller")
    server = env.server("route.lua", values={"A": a.uri(), "B": b.uri()})
    call = Call(caller, server, f"sip:anyone@{server.hostport}").start()
    first = CalledSide.expect(a)
    first.ringing()
    caller.expect(180)
    b.expect_silence()
    return server, call, first, b


def test_second_answers(env):
    server, call, first, b = start(env)
    first.expect_cancel()
    second = CalledSide.expect(b)
    second.ringing()
    second.answer()
    call.answered()
    second.expect_ack()
    server.wait_log("first a gave (408|487), then b gave 200")
    hang_up(call, second)
    first.endpoint.expect_silence()


def test_first_refuses(env):
    server, call, first, b = start(env)
    first.refuse(486, "Busy Here")
    CalledSide.expect(b).refuse(480, "Temporarily Unavailable")
    server.wait_log("first a gave 486, then b gave 480")
    call.fails_with({480, 486})


def test_caller_gives_up_during_the_first(env):
    _, call, first, b = start(env)
    call.cancel()
    first.expect_cancel()
    call.fails_with(487)
    b.expect_silence("INVITE")
