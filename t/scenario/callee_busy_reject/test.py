"""486 comes back to the caller; ACKs are hop by hop; retransmissions of the 486 are stopped by the server's ACK."""
from harness import Call, CalledSide, equal


def test(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    ack = called.refuse(486, "Busy Here", [("X-Why", "in a call")])
    equal(ack.branch, called.invite.branch, "the branch of the ACK")
    equal(ack.tag("To"), called.tag, "the To tag of the ACK")
    called.refuse(486, "Busy Here")  # once more: once more an ACK
    final = call.fails_with(486)
    equal((final.reason, final.get("X-Why"), final.tag("To")), ("Busy Here", "in a call", called.tag), "the response")
    equal(len(final.all("Via")), 1, "Vias left on the response")
    caller.expect_silence()
    callee.expect_silence()
