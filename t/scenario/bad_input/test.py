"""What nobody should send: refused where RFC 3261 asks for it, else dropped; nothing of it reaches a callee, the server
lives, and unrelated calls before, during and after go through."""
import os
import random
import re

from harness import SDP, check, code_of, fresh
from harness.message import response


class Victim:
    """A server, somebody who sends, and a callee that must see only what is allowed."""

    def __init__(self, env, **options):
        self.env = env
        self.server = env.server(**options)
        self.sender, self.callee = env.endpoint("sender"), env.endpoint("callee")
        self.cases = []

    def request(self, method="MESSAGE", body=b"hello", **options):
        """A good request to the callee, to be spoilt."""
        return self.sender.request(method, f"sip:callee@{self.server.hostport}", body=body, content_type="text/plain",
                                   headers=[("X-Target", self.callee.uri())], **options)

    def case(self, name, data, codes=(400,), silence=False, relayed=False, key=None):
        """Sends the datagram; what may come of it is checked by verify()."""
        data = data.bytes() if hasattr(data, "bytes") else data
        key = key or re.search(rb"branch=(z9hG4bK[\w.-]+)", data).group(1).decode()
        self.cases.append((name, key, {codes} if isinstance(codes, int) else set(codes), silence, relayed))
        self.sender.send(data, self.server)

    def verify(self):
        relayed = set()
        for message in self.callee.drain():
            if message.is_request and message.method != "ACK":
                relayed.add(message.raw)
                self.callee.reply(message, 200, "OK")
        answers = self.sender.drain()
        for name, key, codes, silence, may_relay in self.cases:
            finals = [m.code for m in answers if m.code >= 200 and key in (m.get("Via") or "")]
            there = any(key.encode() in raw for raw in relayed)
            check(may_relay or not there, f"{name}: it reached the callee")
            if finals:
                check(finals[0] in codes or may_relay, f"{name}: got {finals[0]}, not one of {sorted(codes)}")
            else:
                check(silence or there, f"{name}: no answer, where {sorted(codes)} was due")
        self.cases = []


def header_line(message, name, line):
    """The bytes of a message with that header's line replaced by other bytes."""
    return re.sub(rb"(?m)^" + name.encode() + rb": [^\r\n]*\r\n", lambda _: line, message.bytes(), count=1)


# What a length says and what is there

def test_content_length(env):
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for value in ("6", "100000", "-1", "five", "", "5 5", "0x5", "5.0", str(2**31), str(2**31 + 5), str(2**32 + 5),
                      str(2**63), str(2**64), str(2**64 + 5), "9" * 400):
            victim.case(f"Content-Length {value[:30]!r}", victim.request().set("Content-Length", value))
        victim.case("two Content-Lengths", victim.request().add("Content-Length", "5").add("Content-Length", "4"))
        victim.case("two Content-Lengths, one compact", victim.request().add("Content-Length", "4").add("l", "5"))
        victim.case("+5", victim.request().set("Content-Length", "+5"))
        victim.verify()
        alive.check()


def test_content_length_shorter_than_the_datagram(env):
    """What is behind the body is cut off (RFC 3261 18.3)."""
    victim = Victim(env)
    request = victim.request(body=b"hello, and more").set("Content-Length", "5")
    victim.sender.send(request, victim.server)
    got = victim.callee.expect("MESSAGE")
    check(got.body == b"hello", f"the body became {got.body!r}")
    victim.callee.reply(got, 200)
    victim.sender.expect_final(request)


def test_no_content_length(env):
    """On UDP the body then goes to the end of the datagram."""
    victim = Victim(env)
    data = header_line(victim.request(), "Content-Length", b"")
    victim.sender.send(data, victim.server)
    got = victim.callee.expect("MESSAGE")
    check(got.body == b"hello", f"the body became {got.body!r}")
    victim.callee.reply(got, 200)
    victim.sender.expect(200)


# Cut off at each octet

def test_truncated_request(env):
    victim = Victim(env)
    whole = victim.request("INVITE", SDP).bytes()
    step = 1 if env.scale >= 0.3 else 5
    with env.alive(victim.server) as alive:
        for size in range(1, len(whole), step):
            unique = fresh()
            data = re.sub(rb"branch=z9hG4bK\w+", b"branch=z9hG4bK" + unique.encode(), whole[:size])
            data = re.sub(rb"(?m)^Call-ID: \w+@", b"Call-ID: " + unique.encode() + b"@", data)
            victim.case(f"cut at {size}: …{whole[:size][-25:]!r}", data, 400, silence=True, key=unique)
            if size % 100 < step:
                victim.verify()
        victim.verify()
        alive.check()


def test_truncated_response(env):
    """Of a live transaction: what is cut is not taken for the response."""
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        request = victim.request()
        victim.sender.send(request, victim.server)
        got = victim.callee.expect("MESSAGE")
        whole = response(got, 404, "Not Found", "t", body=b"twelve bytes").add("Content-Length", "12").bytes()
        for size in range(1, len(whole)):
            victim.callee.send(whole[:size], victim.server)
        victim.sender.expect_silence(404)
        alive.check()
        victim.callee.reply(got, 200)
        check(victim.sender.expect_final(request).code == 200, "a cut 404 was taken")


# Broken headers

BROKEN = [
    ("Via", b"Via: SIP/2.0/UDP\r\n"), ("Via", b"Via: \r\n"), ("Via", b"Via: SIP/2.0/UDP ;branch=z9hG4bKx\r\n"),
    ("Via", b"Via: SIP/2.0/UDP [::1;branch=z9hG4bKx\r\n"), ("Via", b"Via: SIP/2.0/UDP host:99999;branch=z9hG4bKx\r\n"),
    ("Via", b"Via: HTTP/1.1/TCP host;branch=z9hG4bKx\r\n"), ("Via", b"Via: ,,,\r\n"), ("Via", b""),
]
BROKEN_400 = [
    ("To", b""), ("To", b"To: \r\n"), ("To", b"To: <sip:callee@example.org\r\n"),
    ("To", b'To: "open <sip:c@example.org>\r\n'), ("To", b"To: <sip:a@example.org>;tag=\r\n"), ("To", b"To: <>\r\n"),
    ("To", b"To: <sip:a@example.org>, <sip:b@example.org>\r\n"), ("From", b""), ("From", b"From: <sip:\r\n"),
    ("From", b"From: sip:a@\r\n"), ("From", b"From: <sip:a@b>;tag=x;tag=y\r\n"),
    ("From", b'From: "\\" <sip:a@b>;tag=x\r\n'),
    ("CSeq", b""), ("CSeq", b"CSeq: MESSAGE\r\n"), ("CSeq", b"CSeq: 1\r\n"),
    ("CSeq", b"CSeq: -1 MESSAGE\r\n"), ("CSeq", b"CSeq: 1 INVITE\r\n"), ("CSeq", b"CSeq: 4294967296 MESSAGE\r\n"),
    ("CSeq", b"CSeq: 99999999999999999999 MESSAGE\r\n"), ("Call-ID", b"Call-ID: \r\n"), ("Call-ID", b""),
    ("Max-Forwards", b"Max-Forwards: many\r\n"), ("Max-Forwards", b"Max-Forwards: -1\r\n"),
    ("Max-Forwards", b"Max-Forwards: 300\r\n"), ("Max-Forwards", b"Max-Forwards: 99999999999\r\n"),
    ("To", b"To: <sip:a@example.org>\r\nTo: <sip:b@example.org>\r\n"),
    ("From", b"From: <sip:a@example.org>;tag=1\r\nFrom: <sip:b@example.org>;tag=2\r\n"),
    ("CSeq", b"CSeq: 1 MESSAGE\r\nCSeq: 2 MESSAGE\r\n"),
]


def test_broken_headers(env):
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for name, line in BROKEN_400:
            # A request without a Call-ID has no owner: it may be dropped before it is looked at.
            victim.case(f"{name}: {line!r}", header_line(victim.request(), name, line), 400, silence=name == "Call-ID")
        victim.case("a header without a colon", header_line(victim.request(), "Max-Forwards", b"Max-Forwards 70\r\n"))
        victim.case("a header without a name", header_line(victim.request(), "Max-Forwards", b": 70\r\n"))
        victim.verify()
        alive.check()


def test_broken_via(env):
    """Nobody to answer: dropped."""
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for _, line in BROKEN:
            victim.case(repr(line), header_line(victim.request(), "Via", line), 400, silence=True, key=fresh())
        victim.verify()
        alive.check()


def test_broken_request_line(env):
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for line, codes in (("MESSAGE  sip:a@b SIP/2.0", 400), ("MESSAGE sip:a@b  SIP/2.0", 400),
                            ("MESSAGE sip:a@b SIP/2.0 ", 400), ("MESSAGE sip:a b@c SIP/2.0", 400),
                            ("MESSAGE <sip:a@b> SIP/2.0", (400, 416)), ("MESSAGE sip:a@b:99999 SIP/2.0", 400),
                            ("MESSAGE sip:a@[::1 SIP/2.0", 400), ("MESSAGE sip: SIP/2.0", 400),
                            ("MESSAGE  SIP/2.0", 400),
                            ("MESSAGE sip:a@b", 400), ("MESSAGE sip:a%@b SIP/2.0", 400),
                            ("ME\\SSAGE sip:a@b SIP/2.0", 400), ("MESSAGE sip:a@b SIP/7.0", 505),
                            ("MESSAGE sip:a@b SIP/2.1", (505, 400)), ("MESSAGE sip:a@b HTTP/1.1", 400)):
            message = victim.request()
            message.start = line
            victim.case(line, message, codes, silence=codes == 400)
        victim.verify()
        alive.check()


# What broke others where they read more than they had to: nobody here reads it, so it goes on as it is.
NOT_READ = [
    ("Authorization", "Digest"), ("Authorization", "Digest username"), ("Authorization", 'Digest username="'),
    ("Authorization", "Digest u=,=,"), ("Proxy-Authorization", 'Digest nonce="a", nonce="b", ' + "x" * 500 + "="),
    ("Contact", "<sip:a@b"), ("Expires", "9" * 100), ("Date", "yesterday"), ("Refer-To", "<<>>"),
    ("Content-Type", ";;="), ("Session-Expires", "-1"), ("RAck", "x y z"), ("Identity", "," * 300),
]
NOT_READ_SDP = [
    b"v", b"=", b"v=0\r\na=\r\n", b"a=rtpmap:\r\na=fmtp:\r\n", b"c=IN IP4 " + b"1" * 300, b"m=audio 99999999999 RTP/AVP",
    b"m=\r\n" * 100, b"v=0\r\nc=IN IP6 [::\r\na=rtpmap:0\ra=inactive", b"\0" * 50, b"m=audio 1 RTP/AVP 0 8\r\na=fmtp:8",
]


def test_what_is_not_read_goes_on(env):
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for name, value in NOT_READ:
            request = victim.request().remove(name)
            victim.sender.send(request.add(name, value), victim.server)
            got = victim.callee.expect("MESSAGE", f"with {name}: {value[:30]}")
            check(value in got.lines(name), f"{name} became {got.lines(name)}")
            victim.callee.reply(got, 200)
            victim.sender.expect_final(request)
        for body in NOT_READ_SDP:
            request = victim.request(body=body).set("Content-Type", "application/sdp")
            victim.sender.send(request, victim.server)
            got = victim.callee.expect("MESSAGE", f"with {body[:30]!r}")
            check(got.body == body, f"{body!r} became {got.body!r}")
            victim.callee.reply(got, 200)
            victim.sender.expect_final(request)
        alive.check()


def test_twice(env):
    """Headers of which there is one: a Call-ID twice, the same one or another."""
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for value in (None, fresh("other")):
            request = victim.request()
            victim.case("Call-ID twice", request.add("Call-ID", value or request.call_id), 400)
            request = victim.request()
            victim.case("Call-ID twice, compact", request.add("i", value or request.call_id), 400)
        victim.verify()
        alive.check()


# Too much

def test_too_long(env):
    victim = Victim(env)
    refusals = 513
    with env.alive(victim.server) as alive:
        victim.case("a URI of 5 KiB", victim.request().with_uri("sip:" + "a" * 5120 + "@example.org"), 414)
        victim.case("a URI of 30 KiB", victim.request().with_uri("sip:" + "a" * 30720 + "@example.org"), 414)
        victim.case("a line of 9 KiB", victim.request().add("X-Long", "x" * 9000), refusals)
        victim.case("a header of 64 KiB", victim.request().add("X-Long", "x" * 64500), refusals)
        victim.case("a Call-ID of 20 KiB", victim.request(call_id="c" * 20000), refusals, silence=True)
        victim.case("a tag of 20 KiB", victim.request().set("From", f"<sip:a@b>;tag={'t' * 20000}"), refusals)
        many = victim.request()
        for i in range(300):
            many.add(f"X-{i}", "x")
        victim.case("300 headers", many, refusals)
        victim.case("a folded line of 20 KiB", victim.request().add("X-Folded", "\r\n x" * 7000), refusals)
        victim.verify()
        alive.check()


def test_many_vias(env):
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for count in (71, 100, 1000):
            lines, commas = victim.request(), victim.request()
            for i in range(count):
                lines.insert("Via", f"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{i}", 1)
            commas.insert("Via", ", ".join(f"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{i}" for i in range(count)), 1)
            victim.case(f"{count} Via lines", lines, 513)
            victim.case(f"{count} Vias in a line", commas, 513)
        victim.verify()
        alive.check()


def test_as_much_as_is_allowed(env):
    """At each limit, not beyond it: relayed."""
    victim = Victim(env)
    for name, request in (
            ("a URI of 4 KiB", victim.request().with_uri("sip:" + "a" * (4096 - len("sip:@example.org")) + "@example.org")),
            ("a line of 8 KiB", victim.request().add("X-Long", "x" * (8192 - len("X-Long: \r\n")))),
            ("256 headers", victim.request()), ("70 Vias", victim.request())):
        while name == "256 headers" and len(request.headers) < 255:  # and Content-Length
            request.add("X-More", "x")
        while name == "70 Vias" and len(request.all("Via")) < 70:
            request.insert("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKmore", 1)
        victim.sender.send(request, victim.server)
        got = victim.callee.expect("MESSAGE", name)
        victim.callee.reply(got, 200)
        check(victim.sender.expect_final(request).code == 200, f"{name}: no 200")


def test_large_datagrams(env):
    """As large as UDP carries: relayed or refused."""
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for size in (8000, 30000, 60000, 64000):
            victim.case(f"a body of {size}", victim.request(body=os.urandom(size)), (400, 413, 513, 500, 503),
                        relayed=True)
            victim.verify()
        room = 65507 - len(victim.request(body=b"x" * 10000).bytes()) + 10000
        victim.case("65507 bytes", victim.request(body=b"x" * room), (400, 413, 513, 500, 503), relayed=True,
                    silence=True)
        victim.sender.send(b"x" * 65507, victim.server)
        victim.verify()
        alive.check()


def test_max_message_size(env):
    victim = Victim(env, globals_={"max_message_size": 4096})
    victim.case("more than max_message_size", victim.request(body=b"x" * 5000), (413, 513))
    victim.verify()
    victim.case("less", victim.request(body=b"x" * 3000), (), relayed=True)
    victim.verify()


# Noise

def test_garbage(env):
    victim = Victim(env)
    dice = random.Random(20)
    whole = victim.request("INVITE", SDP).bytes()
    with env.alive(victim.server) as alive:
        for size in (0, 1, 2, 3, 4, 20, 100, 1000, 9000):
            for _ in range(10):
                victim.sender.send(dice.randbytes(size), victim.server)
        for noise in (b"\r\n", b"\r\n\r\n", b"\r\n" * 500, b"\0", b"\0" * 100, b"SIP/2.0", b"SIP/2.0 200 OK\r\n\r\n",
                      b"SIP/2.0 200\r\n\r\n", b"SIP/2.0 999999 OK\r\n\r\n", b"INVITE",
                      b"INVITE sip:a@b SIP/2.0\r\n\r\n", b":\r\n\r\n", b"\xff" * 200,
                      b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"<xml/>", b"Call-ID: x\r\n\r\n",
                      b"\x00\x01\x00\x08\x21\x12\xa4\x42" + b"\0" * 12, b"\x00\x01\xff\xff\x21\x12\xa4\x42"):
            victim.sender.send(noise, victim.server)
        for _ in range(500 if env.scale >= 0.3 else 100):
            spoilt = bytearray(whole.replace(b"X-Target", b"X-Nothing"))
            for _ in range(dice.randint(1, 8)):
                spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
            victim.sender.send(bytes(spoilt), victim.server)
            victim.sender.drain(0)
        victim.sender.drain()
        victim.callee.expect_silence()
        alive.check()


def test_refusals_are_sent_once(env):
    """A forged source gets one small answer, not a series: nobody acknowledges it."""
    victim = Victim(env)
    for value in ("-1", "100000"):
        request = victim.request("INVITE").set("Content-Length", value)
        victim.sender.send(request, victim.server)
        answer = victim.sender.expect(400)
        check(len(answer.raw) < 1.5 * len(request.bytes()), "the answer is larger than the request")
    victim.sender.expect_silence(timeout=1.5)


def test_nul_bytes(env):
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for name in ("Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards"):
            data = re.sub(rb"(?m)^(" + name.encode() + rb": [^\r\n])", rb"\1\0", victim.request().bytes(), count=1)
            key = re.search(rb"z9hG4bK(\w+)", data).group(1).decode()
            victim.case(f"NUL in {name}", data, 400, silence=name in ("Via", "Call-ID"), key=key)
        victim.case("NUL in the Request-URI", victim.request().with_uri("sip:a\0b@example.org"), 400, silence=True)
        victim.case("NUL in the method", victim.request().bytes().replace(b"MESSAGE", b"MESS\0AGE", 1), 400,
                    silence=True)
        victim.case("NUL in another header", victim.request().add("X-Zero", "a\0b"), 400, relayed=True)
        victim.case("NUL in a header name", victim.request().add("X-Ze\0ro", "a"), 400)
        victim.verify()
        alive.check()
    request = victim.request(body=b"\0a\0b\0")
    victim.sender.send(request, victim.server)
    got = victim.callee.expect("MESSAGE")
    check(got.body == b"\0a\0b\0", f"a body with NULs became {got.body!r}")
    victim.callee.reply(got, 200)
    victim.sender.expect_final(request)


def test_bare_line_feeds(env):
    """LF without CR ends no line: refused, or taken for what it means, but the same everywhere."""
    victim = Victim(env)
    with env.alive(victim.server):
        victim.case("LF for CRLF", victim.request().bytes().replace(b"\r\n", b"\n"), 400, silence=True, relayed=True)
        victim.case("CR for CRLF", victim.request().bytes().replace(b"\r\n", b"\r"), 400, silence=True)
        victim.case("a lone CR in a value", victim.request().add("X-Odd", "a\rX-Target: sip:b@example.org"), 400,
                    relayed=True)
        victim.verify()


def test_responses_nobody_waits_for(env):
    victim = Victim(env)
    with env.alive(victim.server) as alive:
        for code in (100, 180, 200, 404, 503, 699):
            for via in (f"SIP/2.0/UDP {victim.server.hostport};branch=z9hG4bK{fresh()}",
                        f"SIP/2.0/UDP {victim.server.hostport}", victim.callee.via()):
                stray = response(victim.request(), code, "Stray", "t")
                stray.headers = [h for h in stray.headers if h[0] != "Via"]
                stray.insert("Via", victim.callee.via()).insert("Via", via)
                victim.sender.send(stray, victim.server)
        alive.check()
        victim.callee.expect_silence(code_of(range(100, 700)))
        victim.sender.expect_silence()
