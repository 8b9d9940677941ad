"""Two phones answer at the same moment: the caller gets both 2xx, and ends one of the calls (RFC 3261 13.2.2.4)."""
from harness import Call, CalledSide, equal
from harness.call import hang_up


def test(env):
    a, b, caller = env.endpoint("a"), env.endpoint("b"), env.endpoint("caller")
    server = env.server("fork_two.lua", values={"A": a.uri(), "B": b.uri()})
    call = Call(caller, server, f"sip:family@{server.hostport}").start()
    phones = [CalledSide.expect(a), CalledSide.expect(b)]
    for phone in phones:
        phone.ringing()
    for phone in phones:
        phone.answer()
    legs = {}
    for _ in phones:
        final = caller.expect(200)
        leg = Call.__new__(Call)
        leg.endpoint, leg.server, leg.invite = caller, call.server, call.invite
        leg.dialog = call.dialog_of(final)
        legs[final.tag("To")] = leg
        leg.dialog.ack()
    equal(sorted(legs), sorted(p.tag for p in phones), "the To tags of the answers")
    for phone in phones:
        phone.expect_ack()
        hang_up(legs[phone.tag], phone)
