"""TLS on one side or on both: each Record-Route names its transport, and the dialog finds its way over both."""
import ssl

from harness import check, equal, establish
from harness.call import hang_up
from harness.tls import client_context


def make(env, **options):
    """A server with a certificate for its address, and the CA that everybody here trusts."""
    ca = env.authority()
    own = ca.issue("server", f"IP:{env.ip}")
    tls = [("certificate", own.certificate), ("private_key", own.key), ("ca_list", ca.ca), ("require_cert", "0")]
    return env.server(transports=("udp", "tcp"), tls=tls, **options), ca


def phone(env, ca, name):
    return env.tls_endpoint(name, own=ca.issue(name, f"IP:{env.ip}"), ca=ca.ca)


def address_for(server, endpoint):
    return server.tls_address if endpoint.transport == "TLS" else server.address


def bridge(server, caller, callee):
    call, called = establish(caller, callee, address_for(server, caller), f"sip:callee@{server.hostport}",
                             [("X-Target", callee.uri())])
    says = [r.partition("transport=")[2].partition(";")[0].upper() or "UDP" for r in called.invite.all("Record-Route")]
    equal(says, [callee.transport, caller.transport] if len(says) == 2 else [callee.transport],
          "the transports of the Record-Routes")
    vias = [via.split()[0] for via in called.invite.all("Via")]
    equal(vias, [f"SIP/2.0/{callee.transport}", f"SIP/2.0/{caller.transport}"], "the Vias at the callee")
    for sender, receiver in ((call, called), (called, call)):
        request = sender.dialog.request("INFO")
        sender.dialog.send(request)
        got = receiver.endpoint.expect("INFO")
        equal((got.lines("Route"), got.uri), ([], receiver.endpoint.uri()), "Routes and Request-URI of INFO")
        receiver.endpoint.reply(got, 200, "OK")
        equal(sender.endpoint.expect_final(request).code, 200, "the answer to INFO")
    return call, called


def test_tls_to_udp(env):
    server, ca = make(env)
    call, called = bridge(server, phone(env, ca, "caller"), env.endpoint("callee"))
    hang_up(call, called)


def test_udp_to_tls(env):
    server, ca = make(env)
    call, called = bridge(server, env.endpoint("caller"), phone(env, ca, "callee"))
    hang_up(called, call)


def test_tcp_to_tls(env):
    server, ca = make(env)
    call, called = bridge(server, env.tcp_endpoint("caller"), phone(env, ca, "callee"))
    hang_up(called, call)


def test_tls_to_tls(env):
    """Over one connection of each however many the calls are."""
    server, ca = make(env)
    caller, callee = phone(env, ca, "caller"), phone(env, ca, "callee")
    for _ in range(3):
        hang_up(*establish(caller, callee, server.tls_address, f"sip:callee@{server.hostport}",
                           [("X-Target", callee.uri())]))
    equal((len(caller.connections), len(callee.connections)), (1, 1), "connections")
    hang_up(*bridge(server, caller, callee))


def test_sips(env):
    """A sips URI goes by TLS, and its Record-Route is one."""
    server, ca = make(env)
    caller, callee = env.endpoint("caller"), phone(env, ca, "callee")
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}",
                             [("X-Target", f"sips:callee@{callee.hostport}")])
    routes = called.invite.all("Record-Route")
    check(routes[0].startswith("<sips:") and routes[1].startswith("<sip:"), f"Record-Routes: {routes}")
    hang_up(call, called)
    hang_up(*reversed(establish(caller, callee, server, f"sip:callee@{server.hostport}",
                                [("X-Target", f"sips:callee@{callee.hostport}")])))


def test_registered_phone_is_called_over_its_connection(env):
    server, ca = make(env, script="register.lua")
    one, caller = phone(env, ca, "phone"), env.endpoint("caller")
    one.port = one.connect(server).local[1]  # nobody could connect to it
    request = one.request("REGISTER", server.uri, f"sip:phone@{server.hostport}", headers=[("Expires", "600")])
    equal(one.transact(request, server.tls_address).code, 200, "REGISTER")
    for _ in range(2):
        call, called = establish(caller, one, server, f"sip:phone@{server.hostport}")
        hang_up(call, called)
    equal(len(one.connections), 1, "connections of the phone")


def test_every_version_from_1_2_on(env):
    server, _ = make(env)
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        peer = env.tls_connect(server, context=client_context(highest=version))
        equal(peer.socket.version(), name, "the version spoken")
        peer.send(b"\r\n\r\n")
        peer.expect_bytes(env, b"\r\n")


def test_large_messages_and_many(env):
    """Bodies of many records, and many messages in one."""
    server, ca = make(env)
    caller, callee = phone(env, ca, "caller"), phone(env, ca, "callee")
    for size in (1, 15_000, 16_384, 60_000):
        body = bytes(range(32, 127)) * (size // 95 + 1)
        request = caller.request("MESSAGE", f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())],
                                 body=body[:size], content_type="text/plain")
        caller.send(request, server.tls_address)
        got = callee.expect("MESSAGE")
        equal(got.body, body[:size], f"a body of {size}")
        callee.reply(got, 200, "OK")
        equal(caller.expect_final(request).code, 200, "the answer")
    many = [caller.request("OPTIONS", f"sip:nobody@{server.hostport}") for _ in range(200)]
    caller.connections[0].send(b"".join(one.bytes() for one in many))
    for _ in many:
        equal(caller.expect(404).code, 404, "the answer to each")
