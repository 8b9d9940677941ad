"""Browsers: the handshake, calls both ways over their connections, keepalives, and clients that misbehave."""
import time

from harness import Call, CalledSide, check, equal, establish, statistics, wait_for_statistic
from harness.call import hang_up
from harness.websocket import BINARY, CLOSE, PING, PONG, TEXT, frame, handshake

BOTH = ("udp", "ws")


def make(env, **options):
    options.setdefault("transports", BOTH)
    return env.server(**options)


def telephony(env, **options):
    """Users without passwords."""
    return make(env, script="open_users.lua", **options)


def register(phone, server, expires=600):
    request = phone.request("REGISTER", server.uri, f"sip:{phone.name}@{server.hostport}")
    request.set("From", f"<sip:{phone.name}@{server.hostport}>;tag={phone.name}").add("Expires", str(expires))
    equal(phone.transact(request, server).code, 200, "REGISTER")


def options_of(env, server):
    """An OPTIONS that common/relay.lua answers with 404."""
    request = env.endpoint().request("OPTIONS", f"sip:nobody@{server.hostport}")
    return request.bytes().replace(b"/UDP", b"/WS")


# Calls

def test_calls_both_ways(env):
    """Between a browser and a UDP telephone, and between two browsers; each side hangs up once."""
    server = telephony(env)
    browser, other, phone = env.ws_endpoint(server, "browser"), env.ws_endpoint(server, "other"), env.endpoint("phone")
    for one in (browser, other, phone):
        register(one, server)
    for caller, callee in ((browser, phone), (phone, browser), (browser, other)):
        for caller_leaves in (True, False):
            call, called = establish(caller, callee, server, f"sip:{callee.name}@{server.hostport}")
            equal(called.invite.uri, callee.uri(), "the Request-URI")
            hang_up(*((call, called) if caller_leaves else (called, call)))


def test_reinvite_from_both_sides(env):
    server = telephony(env)
    browser, phone = env.ws_endpoint(server, "browser"), env.endpoint("phone")
    register(browser, server)
    call, called = establish(phone, browser, server, f"sip:browser@{server.hostport}")
    for asks, answers in ((call, called), (called, call)):
        sent = asks.dialog.send(asks.dialog.request("INVITE"))
        got = CalledSide.expect(answers.endpoint, call_id=sent.call_id)
        got.answer()
        equal(asks.endpoint.expect_final(sent).code, 200, "the second INVITE")
        asks.dialog.ack(sent.cseq)
        got.expect_ack()
    hang_up(called, call)


def test_cancel_and_refusal(env):
    server = telephony(env)
    browser, phone = env.ws_endpoint(server, "browser"), env.endpoint("phone")
    register(browser, server)
    call = Call(phone, server, f"sip:browser@{server.hostport}").start()
    called = CalledSide.expect(browser)
    called.ringing()
    phone.expect(180)
    call.cancel()
    called.expect_cancel()
    call.fails_with(487)
    call = Call(phone, server, f"sip:browser@{server.hostport}").start()
    CalledSide.expect(browser).refuse(486, "Busy Here")
    call.fails_with(486)


def test_browser_that_has_gone_is_unavailable(env):
    """At once, and without a try to connect to it."""
    server = telephony(env)
    browser, phone = env.ws_endpoint(server, "browser"), env.endpoint("phone")
    register(browser, server)
    call, _ = establish(phone, browser, server, f"sip:browser@{server.hostport}")
    browser.close()
    wait_for_statistic(env, server, "net:ws_connections", 0)
    equal(call.dialog.transact("BYE").code, 430, "BYE to who has gone")
    Call(phone, server, f"sip:browser@{server.hostport}").start().fails_with(480)
    equal(statistics(server, "net:ws_opened"), [0], "connections that the server opened")


def test_target_without_a_connection(env):
    """A Request-URI with transport=ws leads nowhere unless its connection is there."""
    server = make(env)
    phone = env.endpoint("phone")
    for target, code in ((f"sip:x@{env.ip}:9;transport=ws", 480), ("sip:x@h.invalid;transport=ws", 503)):
        Call(phone, server, f"sip:x@{server.hostport}", headers=[("X-Target", target)]).start().fails_with(code)


def test_reply_follows_the_connection_to_its_worker(env):
    """However many workers there are, and whichever has the call."""
    server = telephony(env, workers=4)
    browser = env.ws_endpoint(server)
    for _ in range(20):
        register(browser, server)


def test_registered_tcp_phone_behind_nat(env):
    """The same for TCP: requests in a dialog take the connection, though nobody listens at the contact."""
    server = telephony(env, transports=("udp", "tcp"))
    inside, phone = env.tcp_endpoint("inside"), env.endpoint("phone")
    inside.uri = lambda user=None: f"sip:{user or 'inside'}@192.0.2.77:5060;transport=tcp"
    register(inside, server)
    for caller, callee in ((inside, phone), (phone, inside)):
        register(phone, server)
        call, called = establish(caller, callee, server, f"sip:{callee.name}@{server.hostport}")
        hang_up(*((call, called) if caller is phone else (called, call)))


# Handshakes

def test_refused_handshakes(env):
    server = make(env, modparams=[("proto_ws", "ws_allowed_origins", "https://a.example https://phone.example.com"),
                                  ("proto_ws", "ws_resource", "/sip")])
    with env.alive(server) as alive:
        for status, statistic, path, other in (
                (400, "protocol", "/sip", {"Sec_WebSocket_Protocol": None}),
                (400, "protocol", "/sip", {"Sec_WebSocket_Protocol": "mqtt"}),
                (400, "bad_request", "/sip", {"Host": None}),
                (400, "bad_request", "/sip", {"Sec_WebSocket_Key": "short"}),
                (403, "origin", "/sip", {"Origin": "https://evil.example"}),
                (403, "origin", "/sip", {"Origin": None}),
                (404, "resource", "/", {}),
                (426, "upgrade", "/sip", {"Sec_WebSocket_Version": "8"}),
                (426, "upgrade", "/sip", {"Upgrade": None, "Connection": "close"})):
            before, = statistics(server, f"net:ws_refused_{statistic}")
            client = env.websocket(server)
            client.send(handshake("sip.example.com", path, **other))
            got, headers = client.expect_http(env)
            equal(got, status, f"the answer to {path} {other}")
            equal(headers.get("sec-websocket-version"), "13" if status == 426 else None, "the version")
            client.expect_closed(env, f"after {status}")
            equal(statistics(server, f"net:ws_refused_{statistic}"), [before + 1], statistic)
        alive.check()
        server.wait_log("handshake of .* refused: 400")


def test_handshake_without_end(env):
    """Too slow, or too long: closed."""
    server = make(env, modparams=[("proto_ws", "ws_handshake_timeout", 700)])
    with env.alive(server) as alive:
        silent, slow, long_ = env.websocket(server), env.websocket(server), env.websocket(server)
        long_.send(b"GET / HTTP/1.1\r\nX: " + b"x" * 20000)
        equal(long_.expect_http(env)[0], 400, "the answer to a request without end")
        long_.expect_closed(env)
        for octet in handshake("sip.example.com"):
            slow.send(bytes([octet]))
            if slow.closed:
                break
            slow.fill(0.02)
        check(slow.closed, "it could go on")
        silent.expect_closed(env, "though nothing came")
        wait_for_statistic(env, server, "net:ws_closed_slow_message", 2)
        alive.check()


def test_sip_over_plain_tcp_is_no_handshake(env):
    server = make(env)
    client = env.websocket(server)
    client.send(options_of(env, server))
    equal(client.expect_http(env)[0], 400, "the answer")
    client.expect_closed(env)


# Frames

def test_frames(env):
    """Text, binary, fragments with a ping between them, and octet by octet."""
    server = make(env)
    client = env.websocket(server).shake_hands(env)
    message = options_of(env, server)
    for data in (frame(TEXT, message), frame(BINARY, message),
                 frame(TEXT, message[:10], final=False) + frame(PING, b"there?") + frame(0, b"", final=False)
                 + frame(0, message[10:])):
        for octets in ([data], [bytes([octet]) for octet in data]):
            for some in octets:
                client.send(some)
            while (found := client.expect_frame_of(env, (TEXT, PONG)))[0] == PONG:
                equal(found[1], b"there?", "the pong")
            check(found[1].startswith(b"SIP/2.0 404"), f"the answer is {found[1]}")
    client.send(frame(TEXT, message.replace(b"Content-Length: 0\r\n", b"")))  # RFC 7118 5
    client.expect(env, 404)


def test_keepalives(env):
    """CRLF is answered in kind, a ping with a pong; our own pings find out who has gone."""
    server = make(env, modparams=[("proto_ws", "ws_keepalive_interval", 1)])
    client, deaf = env.websocket(server).shake_hands(env), env.websocket(server).shake_hands(env)
    client.send(frame(TEXT, b"\r\n\r\n"))
    equal(client.expect_frame(env, TEXT), b"\r\n", "the answer to CRLF CRLF")
    client.send(frame(PING, b"x" * 125))
    equal(client.expect_frame(env, PONG), b"x" * 125, "the pong")
    for _ in range(3):
        client.send(frame(PONG, client.expect_frame(env, PING)))
    deaf.expect_closed(env, "though it never answers a ping")
    wait_for_statistic(env, server, "net:ws_closed_no_pong", 1)
    client.send(frame(TEXT, options_of(env, server)))
    client.expect(env, 404)


def test_close(env):
    """A Close is answered with its code; the connection ends."""
    server = make(env)
    for payload in (b"\x03\xe8", b"\x03\xe9going", b""):
        client = env.websocket(server).shake_hands(env)
        client.send(frame(CLOSE, payload))
        equal(client.expect_frame(env, CLOSE), payload, "the answer")
        client.expect_closed(env, "after both have closed")
    wait_for_statistic(env, server, "net:ws_connections", 0)
    equal(statistics(server, "net:ws_closed_by_peer", "net:ws_failed"), [3, 0], "the endings")


def test_against_the_protocol(env):
    server = make(env, globals_={"max_message_size": 4096})
    message = options_of(env, server)
    with env.alive(server) as alive:
        bad = ((1002, frame(TEXT, message, masked=False)), (1002, frame(TEXT, message, reserved=4)),
               (1002, frame(3, message)), (1002, frame(0, message)), (1002, frame(PING, b"x", final=False)),
               (1002, frame(PING, b"x" * 126)), (1002, frame(TEXT, b"a", final=False) + frame(TEXT, b"b")),
               (1002, frame(CLOSE, b"\x00\x01")), (1003, frame(TEXT, b"hello")), (1003, frame(BINARY, b"\0" * 20)),
               (1007, frame(TEXT, message + b"\xff")), (1009, frame(TEXT, b"x", length=5000)),
               (1009, frame(BINARY, b"x", length=1 << 62)),
               (1009, frame(TEXT, b"x" * 4000, final=False) + frame(0, b"x" * 4000)))
        for code, data in bad:
            client = env.websocket(server).shake_hands(env)
            client.send(data + frame(TEXT, message))
            client.expect_close(env, code)
        wait_for_statistic(env, server, "net:ws_connections", 0)
        equal(statistics(server, "net:ws_failed", "net:ws_closed_bad_input"), [len(bad)] * 2, "the endings")
        alive.check()


def test_garbage_instead_of_frames(env):
    server = make(env)
    with env.alive(server) as alive:
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 100, b"\x16\x03\x01\x02\x00" * 20, options_of(env, server)):
            client = env.websocket(server).shake_hands(env)
            client.send(data)
            client.expect_close(env, 1002)
        alive.check()


def test_slow_message(env):
    server = make(env, globals_={"tcp_max_msg_time": 1})
    slow, whole = env.websocket(server).shake_hands(env), env.websocket(server).shake_hands(env)
    data = frame(TEXT, options_of(env, server))
    slow.send(data[:50])
    for _ in range(4):  # pings within a message do not prolong it
        whole.send(data[:40])
        time.sleep(0.3)
        whole.send(data[40:])
        whole.expect(env, 404)
    slow.expect_closed(env, "though its message has no end")


def test_peer_that_does_not_read(env):
    """What waits for it is bounded, pings too; then it is closed, and nobody else notices."""
    server = make(env, globals_={"tcp_send_queue_limit": 65536}, modparams=[("proto_tcp", "tcp_send_timeout", 1000)])
    with env.alive(server) as alive:
        before = server.rss_kb()
        deaf = env.websocket(server).shake_hands(env)
        deaf.socket.settimeout(0.5)
        pings = frame(PING, b"x" * 125) * 500
        try:
            for _ in range(2000):
                deaf.socket.sendall(pings)
        except OSError:
            pass
        alive.check()
        wait_for_statistic(env, server, "net:ws_connections", 0)
        check(env.sanitizer or server.rss_kb() < before + 8192, f"{before} KB became {server.rss_kb()} KB")


def test_ping_flood(env):
    """Who reads gets an answer to each, and others their turn."""
    server = make(env)
    with env.alive(server) as alive:
        client = env.websocket(server).shake_hands(env)
        for _ in range(50):
            client.send(frame(PING) * 200)
            for _ in range(200):
                client.expect_frame(env, PONG)
        alive.check()
        client.send(frame(TEXT, options_of(env, server)))
        client.expect(env, 404)


def test_half_closed(env):
    server = make(env)
    client = env.websocket(server).shake_hands(env)
    client.socket.shutdown(1)
    client.expect_closed(env, "after the client has said its last")
    wait_for_statistic(env, server, "net:ws_connections", 0)
