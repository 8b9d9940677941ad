"""Calls between two endpoints, one step at a time, and the unrelated call that proves a server alive."""
from .endpoint import ack_of_failure, cancel_of
from .message import Message, SDP, address_of, fresh, split_values, uri_of


class Dialog:
    """One side's state of a dialog (RFC 3261 12): makes in-dialog requests, sends them by the route set."""

    def __init__(self, endpoint, call_id, local, remote, target, routes, cseq):
        self.endpoint, self.call_id = endpoint, call_id
        self.local, self.remote = local, remote  # From and To values, with tags
        self.target, self.routes, self.cseq = target, routes, cseq
        self.invite_cseq = cseq

    def request(self, method, headers=(), body=b"", cseq=None):
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        message = Message(f"{method} {self.target} SIP/2.0")
        message.add("Via", self.endpoint.via()).add("Max-Forwards", "70")
        for route in self.routes:
            message.add("Route", route)
        message.add("From", self.local).add("To", self.remote)
        message.add("Call-ID", self.call_id).add("CSeq", f"{cseq} {method}")
        if method == "INVITE":
            message.add("Contact", f"<{self.endpoint.uri()}>")
        for name, value in headers:
            message.add(name, value)
        if body:
            message.add("Content-Type", "application/sdp")
            message.body = body
        return message

    def next_hop(self):
        return address_of(uri_of(self.routes[0]) if self.routes else self.target)

    def send(self, message):
        return self.endpoint.send(message, self.next_hop())

    def transact(self, method, headers=(), body=b""):
        """Sends a request in the dialog; returns its final response."""
        message = self.request(method, headers, body)
        return self.endpoint.transact(message, self.next_hop())

    def ack(self, cseq=None):
        """The ACK of a 2xx."""
        return self.send(self.request("ACK", cseq=self.invite_cseq if cseq is None else cseq))

    def bye(self):
        final = self.transact("BYE")
        if final.code != 200:
            self.endpoint.env.fail(f"BYE of {self.endpoint.name} got {final!r}")
        return final


class Call:
    """The calling side. server: where the INVITE goes (a Server, or an (ip, port))."""

    def __init__(self, endpoint, server, uri, to=None, headers=(), body=SDP):
        self.endpoint, self.server = endpoint, getattr(server, "address", server)
        self.invite = endpoint.request("INVITE", uri, to, headers, body)
        self.dialog = None

    def start(self):
        self.endpoint.send(self.invite, self.server)
        return self

    def final(self, timeout=10.0):
        """The final response; a failure is acknowledged, a 2xx makes the dialog (not yet its ACK)."""
        final = self.endpoint.expect_final(self.invite, timeout)
        if final.code >= 300:
            self.endpoint.send(ack_of_failure(self.invite, final), self.server)
        else:
            self.dialog = self.dialog_of(final)
        return final

    def dialog_of(self, final):
        return Dialog(self.endpoint, final.call_id, final.get("From"), final.get("To"),
                      uri_of(final.get("Contact")), list(reversed(final.all("Record-Route"))), final.cseq)

    def fails_with(self, codes, timeout=10.0):
        """The call fails with that code (one of those); returns the response."""
        final = self.final(timeout)
        wanted = {codes} if isinstance(codes, int) else set(codes)
        if final.code not in wanted:
            self.endpoint.env.fail(f"{self.endpoint.name}: INVITE {self.invite.uri} got {final.start!r}, not {codes}")
        return final

    def answered(self, timeout=10.0):
        """The call is answered; sends the ACK."""
        self.fails_with(200, timeout)
        self.dialog.ack()
        return self

    def cancel(self):
        """Sends the CANCEL; its own 200 is expected."""
        cancel = self.endpoint.send(cancel_of(self.invite), self.server)
        return self.endpoint.expect(lambda m: m.code == 200 and m.method == "CANCEL"
                                    and m.call_id == cancel.call_id, "(the 200 of the CANCEL)")

    def bye(self):
        return self.dialog.bye()


class CalledSide:
    """The called side: made from the INVITE that came."""

    def __init__(self, endpoint, invite, tag=None):
        self.endpoint, self.invite, self.tag = endpoint, invite, tag or fresh("t")
        self.dialog = None

    @classmethod
    def expect(cls, endpoint, why="", call_id=None):
        return cls(endpoint, endpoint.expect(
            lambda m: m.is_request and m.method == "INVITE" and call_id in (None, m.call_id), f"INVITE {why}"))

    def reply(self, code, reason="", headers=(), body=b""):
        return self.endpoint.reply(self.invite, code, reason, self.tag, headers, body)

    def ringing(self):
        return self.reply(180, "Ringing")

    def answer(self, body=SDP):
        """200 and the dialog; the ACK is not waited for."""
        sent = self.reply(200, "OK", body=body)
        routes = [v for line in self.invite.lines("Record-Route") for v in split_values(line)]
        self.dialog = Dialog(self.endpoint, sent.call_id, sent.get("To"), sent.get("From"),
                             uri_of(self.invite.get("Contact")), routes, 0)
        return sent

    def expect_ack(self):
        return self.expect_own("ACK")

    def expect_own(self, method):
        return self.endpoint.expect(
            lambda m: m.is_request and m.method == method and m.call_id == self.invite.call_id,
            f"{method} of the call")

    def refuse(self, code, reason="", headers=()):
        """A failure, and its hop-by-hop ACK."""
        self.reply(code, reason, headers)
        return self.expect_ack()

    def expect_cancel(self):
        """CANCEL came: 200 to it, 487 to the INVITE, its ACK."""
        cancel = self.expect_own("CANCEL")
        self.endpoint.reply(cancel, 200, "OK", self.tag)
        self.refuse(487, "Request Terminated")
        return cancel

    def expect_bye(self):
        bye = self.expect_own("BYE")
        self.endpoint.reply(bye, 200, "OK")
        return bye


def establish(caller, callee, server, uri, headers=()):
    """A call set up: INVITE 180 200 ACK. Returns both sides."""
    call = Call(caller, server, uri, headers=headers).start()
    called = CalledSide.expect(callee, call_id=call.invite.call_id)
    called.ringing()
    caller.expect(lambda m: m.code == 180 and m.call_id == call.invite.call_id, "180 Ringing")
    called.answer()
    call.answered()
    called.expect_ack()
    return call, called


def hang_up(leaver, stayer):
    """BYE from one side of an established call, 200 from the other."""
    bye = leaver.dialog.request("BYE")
    leaver.dialog.send(bye)
    stayer_endpoint = stayer.endpoint
    got = stayer_endpoint.expect(lambda m: m.is_request and m.method == "BYE" and m.call_id == bye.call_id, "BYE")
    stayer_endpoint.reply(got, 200, "OK")
    final = leaver.endpoint.expect_final(bye)
    if final.code != 200:
        leaver.endpoint.env.fail(f"BYE got {final.start!r}")


class Alive:
    """Unrelated calls before, during and after something bad: `with env.alive(server) as alive: …; alive.check()`.
    The server's script has to relay by the header X-Target, as common/relay.lua does."""

    def __init__(self, env, server, ip=None):
        self.env, self.server = env, server
        self.caller = env.endpoint("alive-caller", ip)
        self.callee = env.endpoint("alive-callee", ip)
        self.first = None

    def _establish(self):
        return establish(self.caller, self.callee, self.server, f"sip:alive@{self.server.hostport}",
                         [("X-Target", self.callee.uri())])

    def __enter__(self):
        self.first = self._establish()
        return self

    def check(self):
        """A whole call, now."""
        call, called = self._establish()
        hang_up(call, called)

    def __exit__(self, kind, *_):
        if kind is None:
            self.check()
            hang_up(self.first[1], self.first[0])
            self.check()
        return False
