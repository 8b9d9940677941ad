"""A request that may not be forwarded again is answered 483; one without Max-Forwards gets it."""
from harness import check, equal


def test(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    for method in ("INVITE", "MESSAGE", "OPTIONS"):
        request = caller.request(method, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())])
        equal(caller.transact(request.set("Max-Forwards", "0"), server).code, 483, method)
    callee.expect_silence()


def test_counting_down(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    for given, wanted in (("1", 0), ("70", 69), (None, None)):
        request = caller.request("MESSAGE", f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())])
        request.remove("Max-Forwards")
        if given:
            request.add("Max-Forwards", given)
        caller.send(request, server)
        got = callee.expect("MESSAGE")
        left = int(got.get("Max-Forwards"))
        check(left == wanted if wanted is not None else 1 <= left <= 70,
              f"Max-Forwards {given} became {got.get('Max-Forwards')}")
        callee.reply(got, 200)
        caller.expect_final(request)
