"""Requests in an early dialog go to the phone that has it: PRACK, UPDATE; of forked phones to each its own."""
from harness import Call, CalledSide, equal
from harness.call import hang_up

RELIABLE = [("Require", "100rel"), ("RSeq", "1")]


def progress(called, caller):
    """A reliable 183, as the caller gets it."""
    called.reply(183, "Session Progress", RELIABLE)
    return caller.expect(lambda m: m.code == 183 and m.tag("To") == called.tag, f"183 of {called.tag}")


def exchange(dialog, called, method, headers=()):
    """A request of the caller's in that dialog reaches the phone, and its answer comes back."""
    request = dialog.request(method, headers)
    dialog.send(request)
    got = called.expect_own(method)
    equal(got.tag("To"), called.tag, f"whose {method} it is")
    equal(got.lines("Route"), [], f"Routes of the {method}")
    called.endpoint.reply(got, 200, "OK")
    equal(dialog.endpoint.expect_final(request).code, 200, f"the answer to the {method}")


def test_prack_and_update(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}",
                headers=[("X-Target", callee.uri()), ("Supported", "100rel")]).start()
    called = CalledSide.expect(callee)
    equal(called.invite.get("Supported"), "100rel", "Supported")
    early = call.dialog_of(progress(called, caller))
    exchange(early, called, "PRACK", [("RAck", "1 1 INVITE")])
    exchange(early, called, "UPDATE")
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(called, call)


def test_forked(env):
    a, b, caller = env.endpoint("a"), env.endpoint("b"), env.endpoint("caller")
    server = env.server("fork_two.lua", values={"A": a.uri(), "B": b.uri()})
    call = Call(caller, server, f"sip:family@{server.hostport}", headers=[("Supported", "100rel")]).start()
    phones = [CalledSide.expect(a), CalledSide.expect(b)]
    early = [call.dialog_of(progress(phone, caller)) for phone in phones]
    for dialog, phone in zip(early, phones):
        exchange(dialog, phone, "PRACK", [("RAck", "1 1 INVITE")])
    winner, loser = phones
    winner.answer()
    call.answered()
    winner.expect_ack()
    equal(loser.expect_cancel().get("Reason"), 'SIP;cause=200;text="Call completed elsewhere"', "why it stops")
    hang_up(call, winner)
