"""Compact names, folded lines, odd case and blanks, several values in a line: the same call as any other."""
from harness import CalledSide, SDP, check, equal
from harness.call import Dialog
from harness.message import uri_of


def test(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    data = (f"INVITE sip:callee@{server.hostport} SIP/2.0\r\n"
            f"v:  SIP / 2.0 / UDP\r\n {caller.hostport};branch=z9hG4bKodd1;\r\n\trport,"
            f" SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKodd0\r\n"
            f"MAX-forwards : 68\r\n"
            f"f:\"Odd \\\"one\\\"\" <{caller.uri()}> ; x=y;tag=odd\r\n"
            f"t\t: <sip:callee@{server.hostport}>\r\n"
            f"i: odd-{caller.port}@{caller.ip}\r\n"
            f"cseq: 0007\r\n   INVITE\r\n"
            f"M: <{caller.uri()}>\r\n"
            f"x-TARGET: {callee.uri()}\r\n"
            f"X-Fold: one\r\n two\r\n\tthree\r\n"
            f"c: application/sdp\r\nl: {len(SDP)}\r\n\r\n").encode() + SDP
    caller.send(data, server)
    called = CalledSide.expect(callee)
    got = called.invite
    equal(got.get("Max-Forwards"), "67", "Max-Forwards")
    equal(len(got.all("Via")), 3, "Vias")
    equal(got.body, SDP, "the body")
    check(b"X-Fold: one\r\n two\r\n\tthree\r\n" in got.raw, "an unknown folded header is not as it was")
    called.ringing()
    ringing = caller.expect(180)
    equal(len(ringing.all("Via")), 2, "Vias of the response")
    called.answer()
    final = caller.expect(200)
    dialog = Dialog(caller, final.call_id, final.get("From"), final.get("To"), uri_of(final.get("Contact")),
                    list(reversed(final.all("Record-Route"))), 7)
    dialog.ack()
    equal(called.expect_ack().cseq, 7, "the ACK's CSeq")
    bye = dialog.request("BYE")
    dialog.send(bye)
    called.expect_bye()
    equal(caller.expect_final(bye).code, 200, "the answer to BYE")
