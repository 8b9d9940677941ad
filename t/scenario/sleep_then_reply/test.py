"""A script that sleeps holds up nobody: with one worker, whole calls go by before it wakes."""
from harness import Call, check, equal


def test(env):
    server = env.server("route.lua", workers=1)
    with env.alive(server) as alive:
        sleepers = [Call(env.endpoint(f"sleeper{i}"), server, f"sip:slow@{server.hostport}").start()
                    for i in range(20)]
        sleepers[0].endpoint.expect(100, "to the INVITE of a script that sleeps")
        alive.check()
        early = [s for s in sleepers if s.endpoint.maybe(486, 0)]
        check(len(early) < len(sleepers), "they all woke before a call went by")
        for sleeper in sleepers:
            if sleeper not in early:
                equal(sleeper.fails_with(486).reason, "Slept well", "the reason")


def test_cancelled_while_it_sleeps(env):
    server, caller = env.server("route.lua", workers=1), env.endpoint("caller")
    call = Call(caller, server, f"sip:slow@{server.hostport}").start()
    caller.expect(100)
    call.cancel()
    call.fails_with(487)
    caller.expect_silence(486, "after the 487", timeout=2.5)
