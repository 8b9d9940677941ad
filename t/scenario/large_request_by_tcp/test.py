"""A request too large for a datagram goes by TCP, and by UDP where there is no TCP (RFC 3261 18.1.1)."""
from harness import check, equal
from harness.message import response

LARGE = b"x" * 2000


def start(env, **globals_):
    return env.server(transports=("udp", "tcp"), globals_=globals_), env.endpoint("caller")


def send_large(caller, callee, server, method="MESSAGE", body=LARGE):
    request = caller.request(method, f"sip:callee@{server.hostport}", body=body, content_type="text/plain",
                             headers=[("X-Target", f"sip:callee@{callee.hostport}")])
    return caller.send(request, server)


def test_it_comes_by_tcp(env):
    server, caller = start(env)
    callee = env.tcp_endpoint("callee")
    for method in ("MESSAGE", "INVITE"):
        request = send_large(caller, callee, server, method)
        got = callee.expect(method)
        check(got.get("Via").startswith("SIP/2.0/TCP "), f"Via is {got.get('Via')}")
        equal(got.body, LARGE, "the body")
        callee.reply(got, 486)
        equal(caller.expect_final(request).code, 486, method)


def test_without_tcp_it_comes_by_udp(env):
    """The connection is refused at once; the caller notices nothing."""
    server, caller = start(env)
    callee = env.endpoint("callee")
    request = send_large(caller, callee, server)
    got = callee.expect("MESSAGE")
    check(got.get("Via").startswith("SIP/2.0/UDP "), f"Via is {got.get('Via')}")
    equal(got.body, LARGE, "the body")
    callee.reply(got, 200)
    equal(caller.expect_final(request).code, 200, "the answer")


def test_a_small_one_stays_with_udp(env):
    server, caller = start(env)
    callee = env.endpoint("callee")
    both = env.tcp_endpoint("both", port=callee.port)
    request = send_large(caller, callee, server, body=b"x" * 500)
    callee.reply(callee.expect("MESSAGE"), 200)
    equal(caller.expect_final(request).code, 200, "the answer")
    both.expect_silence("MESSAGE")


def test_the_limit_is_a_setting(env):
    callee = env.endpoint("callee")
    both = env.tcp_endpoint("both", port=callee.port)
    for settings, receiver in (({"udp_mtu": 0}, callee), ({"udp_mtu_try_proto": "UDP"}, callee),
                               ({"udp_mtu": 2000}, both), ({"udp_mtu": 4000}, callee)):
        server, caller = start(env, **settings)
        request = send_large(caller, callee, server)
        receiver.reply(receiver.expect("MESSAGE"), 200)
        equal(caller.expect_final(request).code, 200, f"the answer with {settings}")


def test_a_large_response_stays_where_it_is(env):
    server, caller = start(env)
    callee = env.endpoint("callee")
    request = send_large(caller, callee, server, body=b"")
    got = callee.expect("MESSAGE")
    callee.send(response(got, 200, "OK", "t", [("Content-Type", "text/plain")], LARGE), server)
    final = caller.expect_final(request)
    equal((final.code, final.body), (200, LARGE), "the answer")
