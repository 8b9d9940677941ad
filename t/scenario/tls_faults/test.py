"""Handshakes that go wrong, each in its way: an alert, the end of the connection, one line in the log and a count; and
nobody else notices."""
import os
import re
import socket
import ssl
import struct
import time

from harness import Stream, check, equal
from harness.stream import Connection
from harness.tls import TlsConnection, client_context

PING = b"\r\n\r\n"


def make(env, require="0", **options):
    ca = env.authority()
    own = ca.issue("server", f"IP:{env.ip}", "DNS:sip.example.com")
    tls = [("server_domain", "front"), ("match_sip_domain", "[front]none, sip.example.com"),
           ("certificate", f"[front]{own.certificate}"), ("private_key", f"[front]{own.key}"),
           ("ca_list", f"[front]{ca.ca}"), ("require_cert", f"[front]{require}")]
    options.setdefault("transports", ("udp", "tcp"))
    return env.server(tls=tls, **options), ca


def plain(env, server):
    """The TCP connection below, for what is no TLS."""
    return env.connect(server.tls_address)


def statistics(server):
    with Stream(server.control_socket) as control:
        found = control.call("get_statistics", {"statistics": ["net:"]})["result"]
    return {name.removeprefix("net:"): int(value) for name, value in found.items()}


def fails(env, server, reason, pattern, action):
    """The server counts one more handshake that failed for that reason, and says so."""
    name = f"tls_handshake_failed_{reason}"
    before = statistics(server)[name]
    time.sleep(0.06)  # the log has no more than one in 50 ms
    action()
    deadline = time.monotonic() + 10 * env.patience
    while statistics(server)[name] == before and time.monotonic() < deadline:
        time.sleep(0.02)
    equal(statistics(server)[name], before + 1, f"{name} after {action.__name__}")
    server.wait_log(rf"tls handshake from {re.escape(env.ip)}:\d+ failed: .*{pattern}", f"after {action.__name__}")


def refused(env, server, **context):
    """A client whose handshake ends with an alert. With TLS 1.3 it may learn of that only when it reads."""
    def connects():
        server_name = context.pop("server_name", None)
        try:
            peer = TlsConnection.to(server.tls_address, env.ip, client_context(**context), server_name)
            peer.expect_closed(env, "(the handshake failed)")
        except (ssl.SSLError, ConnectionResetError):
            pass
    return connects


def gone(env, server):
    """No connection is left."""
    deadline = time.monotonic() + 10 * env.patience
    while statistics(server)["tls_connections"] != 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    equal(statistics(server)["tls_connections"], 0, "TLS connections that are left")


def test_garbage(env):
    server, _ = make(env)
    with env.alive(server) as alive:
        for data in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(3000), b"\x16\x03\x01\xff\xff" + b"\0" * 100,
                     b"OPTIONS sip:x SIP/2.0\r\n\r\n", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", b"\x80\x80\x01\x03\x01" * 30):
            def sends():
                peer = plain(env, server)
                peer.send(data)
                peer.expect_closed(env, f"after {data[:20]}")
                check(b"SIP/2.0" not in peer.buffer, "an answer in the clear")
            fails(env, server, "protocol", "", sends)
        alive.check()
        gone(env, server)


def test_old_version(env):
    server, _ = make(env)
    with env.alive(server):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            fails(env, server, "version", "unsupported protocol", refused(env, server, highest=version, lowest=version))
        gone(env, server)


def test_client_certificates(env):
    """None, of an unknown CA, expired: refused. A good one: served."""
    server, ca = make(env, require="1")
    stranger = env.authority("stranger")
    with env.alive(server):
        fails(env, server, "certificate", "did not return a certificate", refused(env, server))
        fails(env, server, "certificate", "unable to get local issuer certificate",
              refused(env, server, own=stranger.issue("client", "DNS:client")))
        fails(env, server, "certificate", "certificate has expired",
              refused(env, server, own=ca.issue("late", "DNS:client", days=-1)))
        peer = env.tls_connect(server, context=client_context(own=ca.issue("good", "DNS:client")))
        peer.send(PING)
        peer.expect_bytes(env, b"\r\n")
        peer.close()
        gone(env, server)


def test_client_that_refuses_us(env):
    server, _ = make(env)
    with env.alive(server):
        fails(env, server, "refused", "unknown ca", refused(env, server, ca=env.authority("stranger").ca))
        gone(env, server)


def test_unknown_server_name(env):
    server, _ = make(env)
    with env.alive(server):
        fails(env, server, "no_domain", "server name sip.example.net",
              refused(env, server, server_name="sip.example.net"))
        for name in (None, "sip.example.com", "SIP.Example.COM"):
            peer = env.tls_connect(server, server_name=name)
            peer.send(PING)
            peer.expect_bytes(env, b"\r\n")


def client_hello():
    """The bytes that a client begins with."""
    outgoing = ssl.MemoryBIO()
    session = client_context().wrap_bio(ssl.MemoryBIO(), outgoing)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def test_reset_in_the_handshake(env):
    server, _ = make(env)
    with env.alive(server) as alive:
        for after in (0, 3, 40, None):
            def resets():
                peer = plain(env, server)
                hello = client_hello()
                peer.send(hello[:after] if after is not None else hello)
                if after is None:
                    peer.fill(5)  # the server's part has come
                peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                peer.close()
            fails(env, server, "by_peer", "", resets)
        alive.check()
        gone(env, server)


def test_half_a_handshake_and_silence(env):
    """Closed when tls_handshake_timeout is over, and not before: those who are slow but done in time are served."""
    server, _ = make(env, modparams=[("proto_tls", "tls_handshake_timeout", 1500)])
    with env.alive(server) as alive:
        def stay():
            for peer in peers:
                peer.expect_closed(env, "(its time is over)")
        silent, half = plain(env, server), plain(env, server)
        half.send(client_hello()[:50])
        slow = plain(env, server).socket
        peers = [silent, half]
        before = statistics(server)["tls_handshake_failed_timeout"]
        session, incoming, outgoing = slow_session()
        finish_slowly(slow, session, incoming, outgoing)
        stay()
        deadline = time.monotonic() + 10 * env.patience
        while statistics(server)["tls_handshake_failed_timeout"] < before + 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        equal(statistics(server)["tls_handshake_failed_timeout"], before + 2, "handshakes that took too long")
        server.wait_log(rf"tls handshake from {re.escape(env.ip)}:\d+ failed: .*tls_handshake_timeout")
        slow.close()
        alive.check()
        gone(env, server)


def slow_session():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    return client_context().wrap_bio(incoming, outgoing), incoming, outgoing


def finish_slowly(connected, session, incoming, outgoing):
    """A handshake byte by byte."""
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        try:
            session.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            done = False
        for byte in outgoing.read():
            connected.sendall(bytes([byte]))
        if done:
            break
        incoming.write(connected.recv(65536))
    session.write(PING)
    for byte in outgoing.read():
        connected.sendall(bytes([byte]))
    answer = b""
    while not answer:
        try:
            answer = session.read(10)
        except ssl.SSLWantReadError:
            incoming.write(connected.recv(65536))
    equal(answer, b"\r\n", "the answer to a ping that came byte by byte")


def test_renegotiation(env):
    """Refused: the connection ends, whoever asks may not ask again."""
    server, _ = make(env)

    def connection_state(one):
        with Stream(one.control_socket) as control:
            return control.call("tcp:list")["result"]["Connections"][0]["State"]

    with env.alive(server):
        client = env.spawn(["openssl", "s_client", "-connect", "%s:%d" % server.tls_address, "-tls1_2", "-noservername"],
                           stdin=-1, stdout=-3, stderr=-3)
        deadline = time.monotonic() + 10 * env.patience
        while statistics(server)["tls_connections"] == 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        while connection_state(server) != "open" and time.monotonic() < deadline:
            time.sleep(0.02)
        client.stdin.write(b"R\n")
        client.stdin.flush()
        gone(env, server)
        server.wait_log(r"tls connection with [0-9.]+:\d+ ended: it wants to renegotiate")


def test_after_the_handshake(env):
    """A record that nobody can read ends the connection."""
    server, _ = make(env)
    with env.alive(server):
        peer = env.tls_connect(server)
        peer.send(PING)
        peer.expect_bytes(env, b"\r\n")
        below = Connection(socket.socket(fileno=os.dup(peer.socket.fileno())), server.tls_address)
        below.send(b"\x17\x03\x03\x00\x20" + os.urandom(32))
        below.expect_closed(env, "after a record that is not the peer's")
        below.close()
        gone(env, server)
        server.wait_log(r"tls connection with [0-9.]+:\d+ ended: decryption failed or bad record mac")


def test_slow_message_and_idle(env):
    """What holds for TCP holds for what runs over it."""
    server, _ = make(env, globals_={"tcp_max_msg_time": 1, "tcp_connection_lifetime": 2})
    with env.alive(server):
        slow, idle = env.tls_connect(server), env.tls_connect(server)
        slow.send(b"OPTIONS sip:x@y SIP/2.0\r\nVia")
        slow.expect_closed(env, "(a message that does not end)")
        idle.expect_closed(env, "(nothing comes)")
        counts = statistics(server)
        equal((counts["tls_closed_slow_message"], counts["tls_closed_idle"]), (1, 1), "connections that were closed")
