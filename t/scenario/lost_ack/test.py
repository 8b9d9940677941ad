"""The ACK of a 2xx is lost: the 200 is repeated by who made it, and passes each time, until an ACK arrives."""
from harness import Call, CalledSide, equal
from harness.call import hang_up


def test_of_the_callee(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    for _ in range(3):
        called.answer()
        final = caller.expect(200)
    callee.expect_silence("ACK")
    caller.expect_silence(200, "that nobody sent")
    call.dialog = call.dialog_of(final)
    for _ in range(2):  # the first one is lost behind the server, so it comes again
        call.dialog.ack()
        called.expect_ack()
    hang_up(call, called)


def test_of_the_script(env):
    """A 200 of the script's own has nobody behind it: the server repeats it."""
    server, caller = env.server("sip.on_request(function(req) req:reply(200) end)\n"), env.endpoint("caller")
    call = Call(caller, server, f"sip:me@{server.hostport}").start()
    first, second = (caller.expect(200, "again, since no ACK came") for _ in range(2))
    equal(second.raw, first.raw, "the second 200")
    ack = caller.request("ACK", call.invite.uri, call_id=first.call_id)
    ack.set("From", first.get("From")).set("To", first.get("To")).set("CSeq", f"{first.cseq} ACK")
    caller.send(ack, server)
    caller.drain(0.1)
    caller.expect_silence(200, "after its ACK", timeout=4.5)
