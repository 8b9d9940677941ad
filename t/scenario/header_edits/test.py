"""What a script changes is what the callee gets; the rest stays byte for byte, and the call goes on."""
from harness import Call, CalledSide, check, equal
from harness.call import hang_up

GIVEN = [("X-First", "  kept,  as \"it\" was  "), ("X-Set", "old"), ("X-Secret", "one"), ("X-Added", "first"),
         ("x-secret", "two"), ("X-Set", "old too"), ("X-Last", "kept")]


def start(env, **more):
    server, caller, callee = env.server("route.lua"), env.endpoint("caller"), env.endpoint("callee")
    headers = [("X-Target", callee.uri()), *GIVEN, *[(f"X-{name}", "yes") for name in more]]
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=headers).start()
    return server, call, CalledSide.expect(callee)


def test_headers(env):
    _, call, called = start(env)
    got = called.invite
    equal(got.lines("X-Set"), ["by the script"], "X-Set")
    equal(got.lines("X-New"), ["was not there"], "X-New")
    equal(got.lines("X-Added"), ["first", "second"], "X-Added")
    equal(got.lines("X-Secret"), [], "X-Secret")
    equal(got.lines("X-Removed"), ["2"], "how many were removed")
    check(b'X-First:   kept,  as "it" was  \r\n' in got.raw, "an untouched header is not as it was")
    equal(got.body, call.invite.body, "the body")
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(call, called)


def test_body(env):
    _, call, called = start(env, Body=True)
    equal(called.invite.body, b"another body, longer than the first", "the body")
    equal(called.invite.lines("Content-Length"), [str(len(called.invite.body))], "Content-Length")
    equal(called.invite.lines("Content-Type"), ["text/x-other"], "Content-Type")
    called.refuse(486)
    call.fails_with(486)


def test_caller(env):
    """Another From: its tag stays, and both sides can still end the call."""
    _, call, called = start(env, Caller=True)
    value = called.invite.get("From")
    check(value.startswith('"Somebody" <sip:somebody@example.org>'), f"From is {value}")
    equal(called.invite.tag("From"), call.invite.tag("From"), "the From tag")
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(called, call)


def test_request_uri(env):
    _, call, called = start(env, Parts=True)
    equal(called.invite.uri, called.endpoint.uri("changed"), "the Request-URI")
    called.refuse(486)
    call.fails_with(486)
