"""What comes again is not forwarded again, and gets the last response again; a 2xx goes through each time."""
from harness import Call, CalledSide, equal


def start(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    return server, caller, callee, [("X-Target", callee.uri())]


def test_invite(env):
    server, caller, callee, headers = start(env)
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=headers).start()
    caller.send(call.invite, server)
    caller.send(call.invite, server)
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    callee.expect_silence("INVITE", "(a retransmission)")
    caller.send(call.invite, server)
    caller.expect(180, "again, to a retransmission")
    callee.expect_silence("INVITE", "(a retransmission)")
    for _ in range(3):
        called.answer()
        caller.expect(lambda m: m.code == 200, "each 200")
    call.dialog = call.dialog_of(_with_contact(call, called))
    call.dialog.ack()
    called.expect_ack()
    caller.expect_silence(200)


def _with_contact(call, called):
    """The 200 as the caller got it last, from its log."""
    return [m for _, way, m in call.endpoint.log if way == "<" and m.code == 200][-1]


def test_failure_until_its_ack(env):
    server, caller, callee, headers = start(env)
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=headers).start()
    CalledSide.expect(callee).refuse(480)
    caller.expect(480)
    caller.expect(480, "again, since no ACK came")
    caller.drain(0.05)
    caller.send(call.invite, server)
    call.fails_with(480)  # to a retransmission, too; sends the ACK
    caller.drain(0.1)
    caller.expect_silence(480, "after its ACK", timeout=1.5)
    callee.expect_silence()


def test_non_invite(env):
    server, caller, callee, headers = start(env)
    request = caller.request("MESSAGE", f"sip:callee@{server.hostport}", headers=headers, body=b"hello",
                             content_type="text/plain")
    caller.send(request, server)
    caller.send(request, server)
    got = callee.expect("MESSAGE")
    callee.reply(got, 200, "OK", headers=[("X-Answer", "first")])
    equal(caller.expect_final(request).get("X-Answer"), "first", "the response")
    for _ in range(2):
        caller.send(request, server)
        equal(caller.expect_final(request).get("X-Answer"), "first", "the response to a retransmission")
    callee.expect_silence("MESSAGE", "(a retransmission)")
