"""A UDP socket that speaks SIP byte by byte: what is sent is what the test wrote."""
import ipaddress
import socket
import time

from .message import Message, address_of, fresh, param_of, response

PATIENCE = 10.0  # seconds until an expected message counts as missing
QUIET = 0.4      # seconds without an unexpected message that count as silence


def code_of(code, method=None):
    """A predicate: a response of that code (or one of several), to that method."""
    codes = {code} if isinstance(code, int) else set(code)
    return lambda m: m.code in codes and (method is None or m.method == method)


def _predicate(what):
    if callable(what):
        return what
    if isinstance(what, str):
        return lambda m: m.is_request and m.method == what
    return code_of(what)


class Endpoint:
    """Sends and receives. What expect() looks past is kept for a later expect(). Provisional 100s are put aside
    in `trying` unless asked for."""

    transport = "UDP"

    def __init__(self, env, ip=None, port=0, name="ua"):
        self.name = name
        self.ip = ip or env.ip
        self.env = env
        self.socket = self._open(socket.AF_INET6 if ":" in self.ip else socket.AF_INET, port)
        self.port = self.socket.getsockname()[1]
        self.kept = []    # received, not yet expected
        self.log = []     # everything, as (seconds, "<" or ">", Message or bytes)
        self.proxy = None  # where send() sends by default

    def _open(self, family, port):
        bound = socket.socket(family, socket.SOCK_DGRAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        bound.bind((self.ip, port))
        return bound

    @property
    def address(self):
        return (self.ip, self.port)

    @property
    def hostport(self):
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{host}:{self.port}"

    def uri(self, user=None):
        return f"sip:{user or self.name}@{self.hostport}"

    def close(self):
        self.socket.close()

    # Sending

    def send(self, message, to=None):
        """Sends a Message or bytes; to an (ip, port), a Server, or the proxy."""
        to = to or self.proxy
        to = getattr(to, "address", to)
        data = message.bytes() if isinstance(message, Message) else message
        self.log.append((time.monotonic(), ">", message))
        self._transmit(data, to)
        return message

    def _transmit(self, data, to):
        self.socket.sendto(data, to)

    def via(self, branch=None):
        return f"SIP/2.0/{self.transport} {self.hostport};branch=z9hG4bK{branch or fresh()}"

    def request(self, method, uri, to=None, headers=(), body=b"", content_type="application/sdp", call_id=None):
        """A complete out-of-dialog request; nothing is sent."""
        message = Message(f"{method} {uri} SIP/2.0")
        message.add("Via", self.via()).add("Max-Forwards", "70")
        message.add("From", f"<{self.uri()}>;tag={fresh('f')}").add("To", f"<{to or uri}>")
        message.add("Call-ID", call_id or fresh("c") + "@" + self.ip.strip("[]")).add("CSeq", f"1 {method}")
        if method in ("INVITE", "SUBSCRIBE", "REGISTER", "OPTIONS"):
            message.add("Contact", f"<{self.uri()}>")
        for name, value in headers:
            message.add(name, value)
        if body:
            message.add("Content-Type", content_type)
            message.body = body
        return message

    def reply(self, request, code, reason="", tag=None, headers=(), body=b"", contact=True):
        """Answers a request to where its top Via says. Returns what was sent."""
        answer = response(request, code, reason, tag or f"t{self.port}", headers)
        if contact and request.method == "INVITE" and 100 < code < 300:
            answer.add("Contact", f"<{self.uri()}>")
        if body:
            if not answer.get("Content-Type"):
                answer.add("Content-Type", "application/sdp")
            answer.body = body
        return self.send(answer, self._way_back(request))

    def _way_back(self, request):
        return reply_address(request)

    # Receiving

    def _receive(self, deadline):
        left = deadline - time.monotonic()
        self.socket.settimeout(max(left, 0.0001))
        try:
            data, source = self.socket.recvfrom(65536)
        except (TimeoutError, BlockingIOError):
            return None
        except ConnectionRefusedError:  # an ICMP error of an earlier send
            return False
        if not data.strip(b"\r\n"):
            return False
        message = Message.parse(data, source[:2])
        self.log.append((time.monotonic(), "<", message))
        return message

    def receive(self, timeout=PATIENCE):
        """The next message, whatever it is, or None."""
        if self.kept:
            return self.kept.pop(0)
        deadline = time.monotonic() + timeout
        while (message := self._receive(deadline)) is False:
            pass
        return message

    def maybe(self, what, timeout):
        """The first message that is what was asked for (a method, a code, codes, a predicate), or None."""
        wanted = _predicate(what)
        for i, message in enumerate(self.kept):
            if wanted(message):
                return self.kept.pop(i)
        deadline = time.monotonic() + timeout
        while True:
            message = self._receive(deadline)
            if message is None:
                return None
            if message and wanted(message):
                return message
            if message:
                self.kept.append(message)

    def expect(self, what, why="", timeout=PATIENCE):
        message = self.maybe(what, timeout * self.env.patience)
        if message is None:
            what = what if isinstance(what, (str, int, tuple, set)) else "the message"
            seen = ", ".join(repr(m) for m in self.kept) or "nothing else"
            self.env.fail(f"{self.name}: expected {what}{' ' + why if why else ''}; there was {seen}")
        return message

    def expect_final(self, request, timeout=PATIENCE):
        """The final response to a request that was sent; provisional ones are dropped."""
        key = (request.call_id, request.cseq)
        final = self.expect(lambda m: m.code >= 200 and (m.call_id, m.cseq) == key and m.method == request.method,
                            f"(a final response to {request.method})", timeout)
        self.kept = [m for m in self.kept if not (100 <= m.code < 200 and (m.call_id, m.cseq) == key)]
        return final

    def expect_silence(self, what=None, why="", timeout=QUIET):
        """Nothing (nothing of that kind) arrives, or has arrived unasked."""
        unwanted = _predicate(what) if what is not None else lambda m: m.code != 100
        message = self.maybe(unwanted, timeout)
        if message is not None:
            self.env.fail(f"{self.name}: unexpected {message!r} {why}")

    def drain(self, timeout=QUIET):
        """All that is there and still comes before it is quiet."""
        messages, self.kept = self.kept, []
        while (message := self.receive(timeout)) is not None:
            messages.append(message)
        return messages

    # Both

    def transact(self, request, to=None, timeout=PATIENCE):
        """Sends a request, returns its final response; acknowledges that of a failed INVITE."""
        self.send(request, to)
        final = self.expect_final(request, timeout)
        if request.method == "INVITE" and final.code >= 300:
            self.send(ack_of_failure(request, final), to)
        return final


def reply_address(request):
    """Where RFC 3261 18.2.2 and RFC 3581 send the response."""
    via = request.all("Via")[0]
    host, port = address_of("sip:" + via.split(None, 1)[1].split(";")[0].strip())
    received, rport = param_of(via, "received"), param_of(via, "rport")
    if rport is not None and rport.isdigit():
        port = int(rport)
    host = (received or host).strip("[]")
    ipaddress.ip_address(host)
    return (host, port)


def ack_of_failure(invite, final):
    """The ACK that belongs to the INVITE's transaction (RFC 3261 17.1.1.3)."""
    ack = Message(f"ACK {invite.uri} SIP/2.0")
    ack.add("Via", invite.lines("Via")[0]).add("Max-Forwards", "70")
    ack.add("From", invite.get("From")).add("To", final.get("To"))
    ack.add("Call-ID", invite.call_id).add("CSeq", f"{invite.cseq} ACK")
    for route in invite.lines("Route"):
        ack.add("Route", route)
    return ack


def cancel_of(invite):
    """The CANCEL of an INVITE (RFC 3261 9.1)."""
    cancel = Message(f"CANCEL {invite.uri} SIP/2.0")
    cancel.add("Via", invite.lines("Via")[0]).add("Max-Forwards", "70")
    cancel.add("From", invite.get("From")).add("To", invite.get("To"))
    cancel.add("Call-ID", invite.call_id).add("CSeq", f"{invite.cseq} CANCEL")
    for route in invite.lines("Route"):
        cancel.add("Route", route)
    return cancel
