"""Loops end with 482, spirals do not, and forking loops stay small (RFC 3261 16.3, RFC 5393)."""
from harness import Call, CalledSide, check, equal
from harness.call import hang_up


def start(env, **options):
    port = env.port()
    server = env.server("route.lua", values={"PORT": port}, port=port, **options)
    return server, env.endpoint("caller"), env.endpoint("callee")


def test_to_itself(env):
    server, caller, _ = start(env)
    for user in ("self", "ping"):
        Call(caller, server, f"sip:{user}@{server.hostport}").start().fails_with(482)


def test_a_spiral_is_no_loop(env):
    """The request comes through twice, with another Request-URI: that is allowed."""
    server, caller, callee = start(env)
    call = Call(caller, server, f"sip:spiral@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    equal(len(called.invite.all("Via")), 3, "Vias at the callee")
    equal(len(called.invite.all("Record-Route")), 2, "Record-Routes at the callee")
    called.ringing()
    caller.expect(180)
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(called, call)


def test_a_spiral_can_be_cancelled(env):
    server, caller, callee = start(env)
    call = Call(caller, server, f"sip:spiral@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    call.cancel()
    called.expect_cancel()
    call.fails_with(487)


def test_forks_to_itself(env):
    """Two users, each with both as contacts: without loop detection 2^70 requests."""
    server, caller, _ = start(env)
    with env.alive(server) as alive:
        call = Call(caller, server, f"sip:both@{server.hostport}").start()
        alive.check()
        call.fails_with({482, 483, 440}, timeout=20)


def test_max_breadth(env):
    server, caller, callee = start(env)
    headers = [("X-Target", callee.uri())]
    call = Call(caller, server, f"sip:pair@{server.hostport}", headers=headers + [("Max-Breadth", "1")]).start()
    call.fails_with(440)
    callee.expect_silence("INVITE")
    call = Call(caller, server, f"sip:pair@{server.hostport}", headers=headers + [("Max-Breadth", "7")]).start()
    branches = [CalledSide.expect(callee), CalledSide.expect(callee)]
    breadths = [int(b.invite.get("Max-Breadth") or 0) for b in branches]
    check(min(breadths) >= 1 and sum(breadths) <= 7, f"Max-Breadth 7 was shared as {breadths}")
    for branch in branches:
        branch.refuse(486)
    call.fails_with(486)


def test_our_address_in_disguise(env):
    """Our own address, v4-mapped or 0.0.0.0, is ours: for the script, and when it is sent to."""
    server, caller, _ = start(env)
    port = server.address[1]
    with env.alive(server):
        for user in ("mapped", "any"):
            Call(caller, server, f"sip:{user}@{server.hostport}").start().fails_with(482)
        for host in (f"[::ffff:{env.ip}]", f"[::FFFF:{env.ip}]", "0.0.0.0", "[::]", "[::ffff:0.0.0.0]"):
            final = caller.transact(caller.request("OPTIONS", f"sip:is-it-ours@{host}:{port}"), server)
            equal((host, final.reason), (host, "It Is"), "whether it is ours")
        for host in ("192.0.2.1", "127.0.0.0", "0.0.0.1", "[::2]", "0", "2130706433", "0x7f.1"):
            final = caller.transact(caller.request("OPTIONS", f"sip:is-it-ours@{host}:{port}"), server)
            equal((host, final.reason), (host, "It Is Not"), "whether it is ours")


def test_contacts_that_point_at_each_other(env):
    """Two users with ten contacts each, all of them the other user: Max-Breadth is dealt out, and used up."""
    server, caller, _ = start(env)
    with env.alive(server) as alive:
        for user, other in (("ann", "ben"), ("ben", "ann")):
            request = caller.request("REGISTER", server.uri, f"sip:{user}@{server.hostport}").remove("Contact")
            for i in range(10):
                request.add("Contact", f"<sip:{other}@{server.hostport};n={i}>")
            equal(caller.transact(request, server).code, 200, "REGISTER")
        call = Call(caller, server, f"sip:ann@{server.hostport}").start()
        alive.check()
        call.fails_with({440, 482}, timeout=20)
        eleventh = caller.request("REGISTER", server.uri, f"sip:ann@{server.hostport}").remove("Contact")
        eleventh.add("Contact", "<sip:ann@192.0.2.1>")
        check(caller.transact(eleventh, server).code >= 400, "an eleventh contact was taken")
