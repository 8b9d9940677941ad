"""Nobody answers: one response goes back, chosen by RFC 3261 16.7 steps 5 to 7."""
from harness import Call, CalledSide, check, equal


class Fork:
    def __init__(self, env):
        self.a, self.b, self.caller = env.endpoint("a"), env.endpoint("b"), env.endpoint("caller")
        self.server = env.server("fork_two.lua", values={"A": self.a.uri(), "B": self.b.uri()})

    def call(self, first, second, headers=((), ())):
        """One phone refuses with `first`, then the other with `second`; the caller's final response."""
        call = Call(self.caller, self.server, f"sip:family@{self.server.hostport}").start()
        phones = [CalledSide.expect(self.a), CalledSide.expect(self.b)]
        for phone, code, extra in zip(phones, (first, second), headers):
            phone.refuse(code, "Reason", extra)
        final = call.final()
        self.caller.expect_silence(timeout=0.1)
        return final


def test_lowest_class(env):
    fork = Fork(env)
    for codes, wanted in (((500, 404), {404}), ((404, 500), {404}), ((302, 404), {302}), ((486, 302), {302}),
                          ((404, 486), {404, 486}), ((503, 480), {480})):
        check(fork.call(*codes).code in wanted, f"of {codes}, one of {wanted} should have been chosen")


def test_what_tells_the_caller_how_to_go_on(env):
    fork = Fork(env)
    for codes, wanted in (((404, 407), 407), ((401, 486), 401), ((404, 415), 415), ((420, 404), 420),
                          ((404, 484), 484)):
        equal(fork.call(*codes).code, wanted, f"chosen of {codes}")


def test_challenges_of_all_branches(env):
    fork = Fork(env)
    final = fork.call(407, 401, ([("Proxy-Authenticate", 'Digest realm="a", nonce="1"')],
                                 [("WWW-Authenticate", 'Digest realm="b", nonce="2"')]))
    check(final.code in (401, 407), f"{final.code} was chosen")
    equal(final.lines("Proxy-Authenticate"), ['Digest realm="a", nonce="1"'], "Proxy-Authenticate")
    equal(final.lines("WWW-Authenticate"), ['Digest realm="b", nonce="2"'], "WWW-Authenticate")


def test_6xx_ends_all(env):
    """603 cancels what still rings, and is what the caller gets."""
    fork = Fork(env)
    call = Call(fork.caller, fork.server, f"sip:family@{fork.server.hostport}").start()
    ringing, declining = CalledSide.expect(fork.a), CalledSide.expect(fork.b)
    ringing.ringing()
    fork.caller.expect(180)
    declining.refuse(603, "Decline")
    ringing.expect_cancel()
    call.fails_with(603)


def test_6xx_goes_before_4xx(env):
    equal(Fork(env).call(404, 600).code, 600, "chosen of 404, 600")
