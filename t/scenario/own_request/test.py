"""A script sends a request of its own and waits for the answer: sip.request."""
import hashlib
import re

from harness import Call, check, equal


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def ask(env, headers=(), method="OPTIONS"):
    server, caller = env.server("route.lua", workers=4), env.endpoint("caller")
    adviser = env.endpoint("adviser")
    request = caller.request(method, f"sip:x@{server.hostport}", headers=[("X-Ask", adviser.uri()), *headers])
    caller.send(request, server)
    return server, caller, request, adviser


def test_answer_reaches_the_script(env):
    _, caller, request, adviser = ask(env)
    asked = adviser.expect("MESSAGE")
    equal(asked.uri, adviser.uri(), "Request-URI")
    equal(len(asked.all("Via")), 1, "Vias")
    equal(asked.get("X-About"), request.call_id, "a header of the script's")
    equal(asked.body, b"may caller call?", "the body")
    check(asked.call_id != request.call_id, "the Call-ID is the caller's")
    check(asked.get("User-Agent").startswith("OpenSIPS"), f"User-Agent: {asked.get('User-Agent')}")
    adviser.reply(asked, 486, "Not Now", headers=[("X-Word", "later")])
    final = caller.expect_final(request)
    equal((final.code, final.reason, final.get("X-Word")), (486, "Not Now", "later"), "what the script made of it")
    equal(final.get("X-Forwarded"), "nil", "forward() of an answer that is the script's own")
    adviser.expect_silence()
    caller.expect_silence()


def test_challenge_is_answered(env):
    _, caller, request, adviser = ask(env)
    first = adviser.expect("MESSAGE")
    adviser.reply(first, 401, headers=[("WWW-Authenticate", 'Digest realm="here", nonce="abc", qop="auth", opaque="o"')])
    second = adviser.expect("MESSAGE", "with credentials")
    equal((second.call_id, second.cseq), (first.call_id, first.cseq + 1), "Call-ID and CSeq")
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', second.get("Authorization").split(" ", 1)[1]))
    ha1, ha2 = md5("alice:here:secret"), md5(f"MESSAGE:{adviser.uri()}")
    equal(given["response"], md5(f"{ha1}:abc:{given['nc']}:{given['cnonce']}:auth:{ha2}"), "the response")
    equal(given["opaque"], "o", "opaque")
    adviser.reply(second, 202, "Accepted")
    equal(caller.expect_final(request).code, 202, "the answer")


def test_nobody_answers(env):
    _, caller, request, adviser = ask(env, [("X-Timeout", "1s")], method="INVITE")
    adviser.expect("MESSAGE")
    final = caller.expect_final(request)
    equal((final.code, final.get("X-Made-Here")), (408, "true"), "the answer")


def test_caller_gives_up(env):
    server, caller, adviser = env.server("route.lua"), env.endpoint("caller"), env.endpoint("adviser")
    with env.alive(server):
        call = Call(caller, server, f"sip:x@{server.hostport}", headers=[("X-Ask", adviser.uri())]).start()
        asked = adviser.expect("MESSAGE")
        call.cancel()
        call.fails_with(487)
        server.wait_log("asked in vain: cancelled")
        adviser.reply(asked, 200)
        adviser.expect_silence()
        caller.expect_silence()
