"""Requests other than INVITE go to the callee and their responses back, bytes intact."""
from harness import check, equal


def test(env):
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    body = bytes(range(256)) + b"\r\n\r\n\x00end"
    for method in ("MESSAGE", "OPTIONS", "INFO", "PUBLISH", "FROBNICATE"):
        request = caller.request(method, f"sip:callee@{server.hostport}", body=body,
                                 content_type="application/octet-stream",
                                 headers=[("X-Target", callee.uri()), ("X-Odd", 'some "odd; <value>, with', ),
                                          ("x-odd", "second")])
        caller.send(request, server)
        got = callee.expect(method)
        equal(got.body, body, f"the body of {method}")
        equal(got.uri, callee.uri(), "the Request-URI")
        equal(got.lines("X-Odd"), ['some "odd; <value>, with', "second"], "an unknown header")
        equal(got.get("Max-Forwards"), "69", "Max-Forwards")
        equal(len(got.all("Via")), 2, "Vias")
        for name in ("From", "To", "Call-ID", "CSeq"):
            equal(got.lines(name), request.lines(name), name)
        callee.reply(got, 202, "Fine", headers=[("X-Reply", "kept")], body=body)
        final = caller.expect_final(request)
        equal((final.code, final.reason, final.get("X-Reply"), final.body), (202, "Fine", "kept", body), "the response")
        equal(len(final.all("Via")), 1, "Vias left on the response")
        check(final.tag("To"), "the response has no To tag")
    callee.expect_silence()
