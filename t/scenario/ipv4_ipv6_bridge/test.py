"""One server, a socket of each kind: caller on one side, callee on the other, two Record-Routes (RFC 5658)."""
from harness import equal, establish
from harness.call import hang_up


def bridge(env, caller_ip, callee_ip):
    if not env.has_ipv6():
        env.skip("no IPv6 on the loopback")
    server = env.server(sockets=[env.ip, "::1"])
    near = server.addresses[0] if ":" not in caller_ip else server.addresses[1]
    caller, callee = env.endpoint("caller", caller_ip), env.endpoint("callee", callee_ip)
    call, called = establish(caller, callee, near, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    routes = called.invite.all("Record-Route")
    equal(len(routes), 2, "Record-Routes at the callee")
    equal(["[" in r for r in routes], [":" in callee_ip, ":" in caller_ip], "which Record-Route is IPv6")
    for sender, receiver in ((call, called), (called, call)):
        request = sender.dialog.request("INFO")
        sender.dialog.send(request)
        got = receiver.endpoint.expect("INFO")
        equal((got.lines("Route"), got.uri), ([], receiver.endpoint.uri()), "Routes and Request-URI of INFO")
        receiver.endpoint.reply(got, 200, "OK")
        equal(sender.endpoint.expect_final(request).code, 200, "the answer to INFO")
    return call, called


def test_from_ipv4(env):
    call, called = bridge(env, env.ip, "::1")
    hang_up(called, call)


def test_from_ipv6(env):
    call, called = bridge(env, "::1", env.ip)
    hang_up(call, called)
