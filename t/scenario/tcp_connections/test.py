"""What becomes of connections: used again, lost, refused, idle, limited, kept for who is registered."""
import os
import resource
import socket
import time

from harness import Call, CalledSide, check, equal, establish, wait_for_statistic
from harness.call import hang_up

BOTH = ("udp", "tcp")
PING = b"\r\n\r\n"


def make(env, **options):
    options.setdefault("transports", BOTH)
    return env.server("route.lua", **options)


def connected(env, server):
    """A connection that the server has accepted: it answers a ping."""
    connection = env.connect(server)
    connection.send(PING)
    connection.expect_bytes(env, b"\r\n")
    return connection


def options_to(server, endpoint, target=None):
    headers = [("X-Target", target)] if target else ()
    return endpoint.request("OPTIONS", f"sip:nobody@{server.hostport}", headers=headers)


def register(server, phone, expires=600):
    request = phone.request("REGISTER", server.uri, f"sip:{phone.name}@{server.hostport}",
                            headers=[("Expires", str(expires))])
    final = phone.transact(request, server)
    equal(final.code, 200, "REGISTER")
    return final


def test_registered_phone_is_called_over_its_connection(env):
    """It says where its end of the connection is, and does not listen there."""
    server = make(env)
    phone, caller = env.tcp_endpoint("phone"), env.endpoint("caller")
    phone.port = phone.connect(server).local[1]
    register(server, phone)
    for _ in range(3):
        call, called = establish(caller, phone, server, f"sip:phone@{server.hostport}")
        hang_up(call, called)
    equal(len(phone.connections), 1, "connections of the phone")


def test_registered_phone_whose_connection_is_gone(env):
    """The contact's own address is what is left."""
    server = make(env)
    phone, caller = env.tcp_endpoint("phone"), env.endpoint("caller")
    register(server, phone)
    phone.connections.pop().close()
    wait_for_statistic(env, server, "net:tcp_connections", 0)
    call, called = establish(caller, phone, server, f"sip:phone@{server.hostport}")
    hang_up(called, call)


def test_connection_lives_as_long_as_the_registration(env):
    server = make(env, globals_={"tcp_connection_lifetime": 1})
    phone, other = env.tcp_endpoint("phone"), env.connect(server)
    register(server, phone)
    other.expect_closed(env, "(nothing came or went)")
    phone.connections[0].expect_open(env, "(it is registered)", 1.5)
    caller = env.endpoint("caller")
    call, called = establish(caller, phone, server, f"sip:phone@{server.hostport}")
    hang_up(call, called)


def test_response_after_the_connection_is_gone(env):
    """RFC 3261 18.2.2: to the address of the Via, over a new one."""
    server = make(env)
    caller, callee = env.tcp_endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    caller.connections.pop().close()
    time.sleep(0.2)
    called.ringing()
    caller.expect(180)
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(called, call)


def test_accepted_connection_is_used_for_requests_to_its_peer(env):
    server = make(env)
    peer, caller = connected(env, server), env.endpoint("caller")
    ip, port = peer.local
    caller.send(options_to(server, caller, f"sip:x@{ip}:{port};transport=tcp"), server)
    equal(peer.expect(env).method, "OPTIONS", "what comes over the connection")


def test_refused_at_once(env):
    server, caller = make(env), env.endpoint("caller")
    began = time.monotonic()
    final = caller.transact(options_to(server, caller, f"sip:x@{env.ip}:{env.port()};transport=tcp"), server)
    equal(final.code, 503, "the answer")
    check(time.monotonic() - began < 5, "long before timer F")


def test_nobody_answers_the_connect(env):
    server, caller = make(env, globals_={"tcp_connect_timeout": 300}), env.endpoint("caller")
    with socket.socket() as full:
        full.bind((env.ip, 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]  # nobody accepts: further ones get no answer
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        final = caller.transact(options_to(server, caller, f"sip:x@{env.ip}:{full.getsockname()[1]};transport=tcp"),
                                server)
        for one in waiting:
            one.close()
    equal(final.code, 503, "the answer")


def test_idle_ones_are_closed(env):
    server = make(env, globals_={"tcp_connection_lifetime": 1})
    idle, busy = env.connect(server), env.connect(server)
    for _ in range(8):
        time.sleep(0.3)
        busy.send(PING)
        busy.expect_bytes(env, b"\r\n")
    idle.expect_closed(env)
    busy.expect_open(env, timeout=0.2)
    busy.expect_closed(env, "(now it is idle too)")


def test_ping_is_answered(env):
    """RFC 5626 3.5.1, also in pieces and before a message; a single CRLF is nothing."""
    server, ua = make(env), env.endpoint("ua")
    peer = env.connect(server)
    peer.send(PING)
    peer.expect_bytes(env, b"\r\n")
    for octet in b"\r\n\r\n":
        peer.send(bytes([octet]))
        time.sleep(0.02)
    peer.expect_bytes(env, b"\r\n")
    peer.send(b"\r\n" + options_to(server, ua).bytes().replace(b"/UDP", b"/TCP"))
    equal(peer.expect(env).code, 404, "the answer behind a CRLF")
    silent = make(env, modparams=[("proto_tcp", "tcp_crlf_pingpong", "no")])
    peer = env.connect(silent)
    peer.send(PING)
    peer.expect_open(env)
    equal(peer.buffer, b"", "what comes back")


def test_most_from_one_address(env):
    server = make(env, globals_={"tcp_max_connections_per_source": 2})
    first, second = connected(env, server), connected(env, server)
    env.connect(server).expect_closed(env, "(the third)")
    server.wait_log("refused: it has tcp_max_connections_per_source")
    first.close()
    time.sleep(0.3)
    third = env.connect(server)
    third.expect_open(env)
    second.expect_open(env, timeout=0.1)


def test_most_of_all(env):
    server = make(env, globals_={"tcp_max_connections": 2})
    caller, callee = env.endpoint("caller"), env.tcp_endpoint("callee")
    kept = [connected(env, server), connected(env, server)]
    env.connect(server).expect_closed(env, "(the third)")
    final = caller.transact(options_to(server, caller, callee.uri()), server)
    equal(final.code, 503, "where one more would have to be opened")
    kept[0].close()
    time.sleep(0.3)
    caller.send(options_to(server, caller, callee.uri()), server)
    callee.expect("OPTIONS")


def test_no_descriptors_left(env):
    """Accepting pauses, the loop does not spin, datagrams are served, and it recovers."""
    if env.sanitizer:
        env.skip("sanitizers look at memory through a pipe, which takes descriptors too")
    server = make(env, workers=1)
    pid = server.process.pid
    used = len(os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 3, used + 3))
    many = [env.connect(server) for _ in range(8)]
    server.wait_log("cannot accept")
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    hang_up(call, called)
    before = cpu_ticks(pid)
    time.sleep(1)
    check(cpu_ticks(pid) - before < 30, "it spins")
    equal(server.log().count("cannot accept"), 1, "lines in the log")
    for one in many[:3]:
        one.close()
    many[-1].send(PING)
    many[3].send(PING)
    many[3].expect_bytes(env, b"\r\n")


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])
