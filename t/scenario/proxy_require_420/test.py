"""An extension that a proxy would have to know: 420, and Unsupported names it (RFC 3261 16.3)."""
from harness import Call, CalledSide, equal


def test(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    headers = [("X-Target", callee.uri()), ("Proxy-Require", "teleportation"), ("Proxy-Require", "x-beam, x-up")]
    for method in ("INVITE", "MESSAGE"):
        request = caller.request(method, f"sip:callee@{server.hostport}", headers=headers)
        final = caller.transact(request, server)
        equal(final.code, 420, method)
        equal(final.all("Unsupported"), ["teleportation", "x-beam", "x-up"], "Unsupported")
    callee.expect_silence()


def test_require_is_not_for_proxies(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}",
                headers=[("X-Target", callee.uri()), ("Require", "teleportation")]).start()
    CalledSide.expect(callee).refuse(420, "Bad Extension", [("Unsupported", "teleportation")])
    equal(call.fails_with(420).get("Unsupported"), "teleportation", "Unsupported of the callee")
