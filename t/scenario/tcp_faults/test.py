"""Streams that lie about lengths, drip, overflow, are not SIP, or are not read: closed in time, nobody else notices."""
import time

from harness import check, equal

BOTH = ("udp", "tcp")


def make(env, **options):
    options.setdefault("transports", BOTH)
    return env.server(**options)


def request(env, server, length, body=b"", more=b"", uri=None):
    """An OPTIONS with that Content-Length line, or without any."""
    ua = env.endpoint()
    message = ua.request("OPTIONS", uri or f"sip:nobody@{server.hostport}")
    data = message.bytes().replace(b"/UDP", b"/TCP").replace(b"Content-Length: 0\r\n", more + length)
    return data + body


def good(env, server):
    return request(env, server, b"Content-Length: 0\r\n")


def await_no_overload(env, server):
    """On a slow machine such a flood makes a worker shed load for a moment: until twenty calls, of all workers, were not."""
    probe, deadline, well = env.endpoint("probe"), time.monotonic() + 15 * env.patience, 0
    while well < 20:
        check(time.monotonic() < deadline, "it stays overloaded")
        shed = probe.transact(probe.request("OPTIONS", server.uri), server).code == 503
        well = 0 if shed else well + 1
        time.sleep(0.1 if shed else 0)


def test_content_length(env):
    """400, then closed: where the next message begins nobody knows."""
    server = make(env)
    with env.alive(server) as alive:
        for length in (b"", b"Content-Length: -1\r\n", b"Content-Length: five\r\n", b"Content-Length: 2147483648\r\n",
                       b"Content-Length: 4294967301\r\n", b"Content-Length: 18446744073709551616\r\n",
                       b"Content-Length: 0\r\nContent-Length: 0\r\n", b"Content-Length: 4\r\nl: 8\r\n",
                       b"Content-Length: \r\n"):
            peer = env.connect(server)
            peer.send(good(env, server) + request(env, server, length) + good(env, server))
            codes = {peer.expect(env).code for _ in range(2)}  # of two calls, and so of two workers perhaps
            equal(codes, {404, 400}, f"the answers to a good one and to {length}")
            peer.expect_closed(env, f"after {length}")
            equal(peer.take(), None, f"an answer to what came after {length}")
        alive.check()


def test_content_length_folded_and_short(env):
    server = make(env)
    peer = env.connect(server)
    for length, body in ((b"l: 4\r\n", b"body"), (b"Content-Length:\r\n 4\r\n", b"body"), (b"CONTENT-LENGTH : 004\r\n", b"body")):
        peer.send(request(env, server, length, body))
        peer.expect(env, 404)


def test_sizes(env):
    """Larger than max_message_size: 513 and closed. Long lines, many headers: 513, 414, and the stream goes on."""
    server = make(env, globals_={"max_message_size": 16384})
    with env.alive(server):
        peer = env.connect(server)
        peer.send(request(env, server, b"Content-Length: 20000\r\n") + b"x" * 20000)
        peer.expect(env, 513)
        peer.expect_closed(env, "after a body over the limit")
        peer = env.connect(server)
        peer.send(request(env, server, b"Content-Length: 0\r\n", more=b"X: y\r\n" * 4000))
        peer.expect(env, 513)
        peer.expect_closed(env, "after headers without an end")
        peer = env.connect(server)
        for code, options in ((513, {"more": b"X: " + b"y" * 9000 + b"\r\n"}), (513, {"more": b"X: y\r\n" * 300}),
                              (414, {"uri": f"sip:{'u' * 5000}@{server.hostport}"})):
            peer.send(request(env, server, b"Content-Length: 0\r\n", **options))
            peer.expect(env, code)
        peer.send(good(env, server))
        peer.expect(env, 404)


def test_not_sip(env):
    server = make(env)
    with env.alive(server):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"\x00\x01\x00\x00\x21\x12\xa4\x42", b"hello\r\n", b"\xff" * 100):
            peer = env.connect(server)
            peer.send(data)
            peer.expect_closed(env, f"after {data[:20]}")
            equal(peer.buffer, b"", "what came back")


def test_message_in_single_octets(env):
    server = make(env)
    peer = env.connect(server)
    for octet in request(env, server, b"Content-Length: 4\r\n", b"body"):
        peer.send(bytes([octet]))
    peer.expect(env, 404)


def test_slow_message(env):
    """An octet now and then keeps no connection: the whole of a message has its time."""
    server = make(env, globals_={"tcp_max_msg_time": 1})
    with env.alive(server) as alive:
        slow, silent, whole = env.connect(server), env.connect(server), env.connect(server)
        data = good(env, server)
        for octet in data:
            slow.send(bytes([octet]))
            if slow.closed:
                break
            slow.fill(0.05)
        check(slow.closed, "it could go on")
        alive.check()
        for _ in range(3):
            whole.send(data[:50])
            time.sleep(0.3)
            whole.send(data[50:])
            whole.expect(env, 404)
            time.sleep(0.3)
        silent.expect_open(env, "though nothing began")


def test_peer_that_does_not_read(env):
    """What waits for it is bounded, its requests fail, the others' do not."""
    server = make(env, globals_={"tcp_send_queue_limit": 65536}, modparams=[("tm", "fr_timeout", 5)])
    caller, deaf = env.endpoint("caller"), env.tcp_endpoint("deaf")
    with env.alive(server) as alive:
        before = server.rss_kb()
        sent = []
        for _ in range(600):
            message = caller.request("MESSAGE", f"sip:deaf@{server.hostport}", headers=[("X-Target", deaf.uri())],
                                     body=b"x" * 20000, content_type="text/plain")
            sent.append(message.call_id)
            caller.send(message, server)
            if len(sent) % 20 == 0:
                time.sleep(0.01)
        alive.check()
        codes = {}
        deadline = time.monotonic() + 15 * env.patience
        while len(codes) < len(sent) and time.monotonic() < deadline:
            final = caller.maybe(lambda m: m.code >= 200, 1)
            if final is not None:
                codes[final.call_id] = final.code
        check(503 in codes.values(), f"no 503 among {set(codes.values())}")
        check(set(codes.values()) <= {503, 408}, f"answers: {set(codes.values())}")
        if not env.sanitizer:
            check(server.rss_kb() - before < 60_000, f"{server.rss_kb() - before} KB more")


def test_peer_that_reads_too_slowly(env):
    """Bytes that wait for a peer that reads none of them end its connection."""
    server = make(env, modparams=[("proto_tcp", "tcp_send_timeout", 500)],
                  globals_={"tcp_send_queue_limit": 100_000_000})
    with env.alive(server) as alive:
        peer = env.connect(server)
        data, at = good(env, server) * 50, 0
        peer.socket.settimeout(0.2)
        deadline = time.monotonic() + 20 * env.patience
        while time.monotonic() < deadline:  # answers that nobody takes fill the buffers of both sides
            try:
                at = (at + peer.socket.send(data[at:])) % len(data)
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        await_no_overload(env, server)
        alive.check()
        peer.expect_closed(env, "though nothing is read")
