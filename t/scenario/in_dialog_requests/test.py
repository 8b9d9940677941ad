"""What the two of a call say to each other inside it passes, whichever says it: INFO, UPDATE, MESSAGE, REFER and its NOTIFY,
a re-INVITE, and the 491 of two that cross."""
from harness import equal, establish, hang_up
from harness.endpoint import ack_of_failure


def call_of_two(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    return call.dialog, called.dialog, (call, called)


def arrives(sender, receiver, method, headers=(), body=b"", code=200):
    """A request in the dialog reaches the other side as it was said; the answer comes back."""
    request = sender.request(method, headers, body)
    sender.send(request)
    got = receiver.endpoint.expect(method)
    equal(got.lines("Route"), [], f"Routes of the {method}")
    equal((got.call_id, got.cseq, got.body), (request.call_id, request.cseq, request.body), f"the {method}")
    for name, value in headers:
        equal(got.get(name), value, name)
    receiver.endpoint.reply(got, code, "Answer")
    equal(sender.endpoint.expect_final(request).code, code, f"the answer to the {method}")


def test_both_ways(env):
    caller, callee, sides = call_of_two(env)
    for sender, receiver in ((caller, callee), (callee, caller)):
        arrives(sender, receiver, "INFO", [("Info-Package", "dtmf")], b"5")
        arrives(sender, receiver, "UPDATE")
        arrives(sender, receiver, "MESSAGE", [("Subject", "hello")], b"hello", 202)
        arrives(sender, receiver, "OPTIONS", code=405)
        arrives(sender, receiver, "X-UNKNOWN", code=501)
    hang_up(*sides)


def test_refer_and_its_notify(env):
    caller, callee, sides = call_of_two(env)
    arrives(caller, callee, "REFER", [("Refer-To", "<sip:other@example.com>")], code=202)
    arrives(callee, caller, "NOTIFY", [("Event", "refer"), ("Subscription-State", "active;expires=60")],
            b"SIP/2.0 100 Trying\r\n")
    hang_up(*sides)


def test_re_invite(env):
    caller, callee, sides = call_of_two(env)
    again = callee.request("INVITE", body=b"v=0\r\n")
    callee.send(again)
    got = caller.endpoint.expect("INVITE")
    caller.endpoint.reply(got, 200, "OK", body=b"v=0\r\n")
    equal(callee.endpoint.expect_final(again).code, 200, "the answer to the re-INVITE")
    callee.ack(again.cseq)
    equal(caller.endpoint.expect("ACK").cseq, again.cseq, "its ACK")
    hang_up(*sides)


def test_glare(env):
    """Both send a re-INVITE at the same time: each gets the other's 491 (RFC 3261 14.1), and the call stands."""
    caller, callee, sides = call_of_two(env)
    requests = [(side, side.request("INVITE", body=b"v=0\r\n")) for side in (caller, callee)]
    for side, request in requests:
        side.send(request)
    for side in (caller, callee):
        got = side.endpoint.expect("INVITE")
        side.endpoint.reply(got, 491, "Request Pending")
        side.endpoint.expect(lambda m: m.is_request and m.method == "ACK" and m.cseq == got.cseq, "the ACK of the 491")
    for side, request in requests:
        final = side.endpoint.expect_final(request)
        equal(final.code, 491, "the answer to the re-INVITE")
        side.send(ack_of_failure(request, final))
    arrives(caller, callee, "INFO")
    arrives(callee, caller, "INFO")
    hang_up(*sides)
