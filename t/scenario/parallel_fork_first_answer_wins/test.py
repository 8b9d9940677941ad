"""Two phones ring; one answers: it has the call, the other gets CANCEL."""
from harness import Call, CalledSide
from harness.call import hang_up


def ring_both(env):
    a, b, caller = env.endpoint("a"), env.endpoint("b"), env.endpoint("caller")
    server = env.server("fork_two.lua", values={"A": a.uri(), "B": b.uri()})
    call = Call(caller, server, f"sip:family@{server.hostport}").start()
    phones = [CalledSide.expect(a), CalledSide.expect(b)]
    for phone in phones:
        phone.ringing()
        caller.expect(180)
    return call, phones


def test_the_second_answers(env):
    call, (loser, winner) = ring_both(env)
    winner.answer()
    call.answered()
    winner.expect_ack()
    loser.expect_cancel()
    hang_up(call, winner)
    loser.endpoint.expect_silence()
    call.endpoint.expect_silence()


def test_one_refuses_the_other_answers(env):
    call, (busy, winner) = ring_both(env)
    busy.refuse(486, "Busy Here")
    call.endpoint.expect_silence(None, "while the other phone rings")
    winner.answer()
    call.answered()
    winner.expect_ack()
    hang_up(winner, call)
    busy.endpoint.expect_silence()


def test_the_caller_gives_up(env):
    call, phones = ring_both(env)
    call.cancel()
    for phone in phones:
        phone.expect_cancel()
    call.fails_with(487)
