"""Messages of SCTP that are no SIP, lie about lengths, are too long or come in pieces, and peers that do not read:
answered or dropped one by one, and nobody else notices."""
import time

from harness import check, equal

SCTP = True
BOTH = ("udp", "sctp")


def make(env, **options):
    options.setdefault("transports", BOTH)
    return env.server(**options)


def request(env, server, length=b"Content-Length: 0\r\n", body=b""):
    ua = env.endpoint()
    message = ua.request("OPTIONS", f"sip:nobody@{server.hostport}")
    return message.bytes().replace(b"/UDP", b"/SCTP").replace(b"Content-Length: 0\r\n", length) + body


def test_garbage(env):
    """Messages keep their ends, whatever is in them: the next one is read."""
    server = make(env)
    with env.alive(server) as alive:
        peer = env.associate(server)
        for data in (b"\0" * 100, b"x", b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 5000,
                     b"INVITE sip:x SIP/2.0\r\nVia", request(env, server)[:80]):
            peer.send(data)
        peer.send(request(env, server))
        peer.expect(env, 404)
        peer.expect_open(env, "though only messages of it are bad", 0.1)
        alive.check()


def test_lengths(env):
    """Content-Length beyond the message: 400. Less: the rest is no part of it. None: to the end."""
    server = make(env)
    peer = env.associate(server)
    for length, body, code in ((b"Content-Length: 5\r\n", b"four", 400), (b"Content-Length: five\r\n", b"", 400),
                               (b"Content-Length: -1\r\n", b"", 400), (b"Content-Length: 4294967301\r\n", b"12345", 400),
                               (b"Content-Length: 2\r\n", b"four", 404), (b"", b"four", 404)):
        peer.send(request(env, server, length, body))
        equal(peer.expect(env).code, code, f"the answer to {length} and {body}")


def test_sizes(env):
    """Larger than max_message_size: 513, and the association goes on; also what the kernel gives out in pieces."""
    server = make(env, globals_={"max_message_size": 16384})
    with env.alive(server) as alive:
        peer = env.associate(server)
        for size in (17000, 65000, 150000):
            body = b"x" * size
            for length in (b"", f"Content-Length: {size}\r\n".encode()):
                peer.send(request(env, server, length, body))
                equal(peer.expect(env).code, 513, f"the answer to {size} bytes")
        peer.send(request(env, server))
        peer.expect(env, 404)
        alive.check()


def test_largest(env):
    """max_message_size is what passes, both ways."""
    server = make(env, globals_={"max_message_size": 65535})
    caller, callee = env.sctp_endpoint("caller"), env.sctp_endpoint("callee")
    message = caller.request("MESSAGE", f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())],
                             body=b"x" * 64000, content_type="text/plain")
    caller.send(message, server)
    got = callee.expect("MESSAGE")
    equal(got.body, message.body, "the body")
    callee.reply(got, 200, "OK")
    equal(caller.expect_final(message).code, 200, "the answer")


def test_peer_that_does_not_read(env):
    """What waits for it is bounded, its requests fail, the others' do not."""
    server = make(env, globals_={"tcp_send_queue_limit": 65536}, modparams=[("tm", "fr_timeout", 5)])
    caller, deaf = env.endpoint("caller"), env.sctp_endpoint("deaf")
    with env.alive(server) as alive:
        sent = []
        for _ in range(100):
            message = caller.request("MESSAGE", f"sip:deaf@{server.hostport}", headers=[("X-Target", deaf.uri())],
                                     body=b"x" * 20000, content_type="text/plain")
            sent.append(message.call_id)
            caller.send(message, server)
            if len(sent) % 10 == 0:
                time.sleep(0.01)
        alive.check()
        codes = {}
        deadline = time.monotonic() + 20
        while len(codes) < len(sent) and time.monotonic() < deadline:
            final = caller.maybe(lambda m: m.code >= 200, 1)
            if final is not None:
                codes[final.call_id] = final.code
        check(503 in codes.values(), f"no 503 among {set(codes.values())}")
        check(set(codes.values()) <= {503, 408}, f"answers: {set(codes.values())}")


def test_peer_that_reads_too_slowly(env):
    """Bytes that wait for a peer that reads none of them end its association."""
    server = make(env, modparams=[("proto_tcp", "tcp_send_timeout", 500)],
                  globals_={"tcp_send_queue_limit": 100_000_000})
    peer = env.associate(server)
    data = request(env, server, b"Content-Length: 1000\r\n", b"x" * 1000)
    for _ in range(3000):  # answers that nobody takes fill the buffers of both sides
        peer.send(data)
        if peer.closed:
            break
    peer.expect_closed(env, "though nothing is read")
