"""Forged Vias, branches, tags: nothing is sent where the forger points, live calls do not notice."""
from harness import Call, CalledSide, check, establish, fresh
from harness.call import hang_up
from harness.endpoint import cancel_of
from harness.message import Message, response


def ringing(env):
    server = env.server()
    caller, callee, mallory = env.endpoint("caller"), env.endpoint("callee"), env.endpoint("mallory")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    caller.expect(180)
    return server, call, called, mallory


def finish(call, called):
    """The call goes on as if nothing had been."""
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(call, called)


def test_forged_responses_of_a_live_call(env):
    """By somebody who does not know the branch that the server chose."""
    server, call, called, mallory = ringing(env)
    good = response(called.invite, 603, "Decline", "evil")
    branch = called.invite.branch
    for changed in (branch[:-1] + ("0" if branch[-1] != "0" else "1"), branch[:-1], branch + "0", "z9hG4bK", "",
                    branch.upper(), call.invite.branch, branch[:len(branch) // 2]):
        forged = good.copy()
        forged.headers[0][1] = forged.headers[0][1].replace(branch, changed)
        mallory.send(forged, server)
    call.endpoint.expect_silence(603)
    finish(call, called)


def test_response_with_another_call_id_or_method(env):
    """The right branch alone does not make a response ours."""
    server, call, called, mallory = ringing(env)
    other = response(called.invite, 603, "Decline", "evil")
    mallory.send(other.copy().set("CSeq", f"{called.invite.cseq} BYE"), server)
    mallory.send(other.copy().set("Call-ID", fresh("other")), server)
    call.endpoint.expect_silence(603)
    finish(call, called)


def test_responses_are_not_sent_where_a_via_points(env):
    """An open relay for responses: top Via ours, the second one anybody's."""
    server, victim, mallory = env.server(), env.endpoint("victim"), env.endpoint("mallory")
    with env.alive(server):
        for below in (victim.via(), "SIP/2.0/UDP 255.255.255.255:5060;branch=z9hG4bKx",
                      f"SIP/2.0/UDP {server.hostport};branch=z9hG4bKx"):
            for top in (f"SIP/2.0/UDP {server.hostport};branch=z9hG4bK{fresh()}", f"SIP/2.0/UDP {server.hostport}"):
                forged = Message("SIP/2.0 200 OK", [("Via", top), ("Via", below), ("From", "<sip:a@example.org>;tag=1"),
                                                    ("To", "<sip:b@example.org>;tag=2"), ("Call-ID", fresh()),
                                                    ("CSeq", "1 INVITE")])
                mallory.send(forged, server)
        victim.expect_silence()


def test_requests_that_claim_to_come_from_us(env):
    """Their answers go where they came from, or nowhere; not round in the server."""
    server, mallory = env.server(), env.endpoint("mallory")
    with env.alive(server) as alive:
        for via in (f"SIP/2.0/UDP {server.hostport};branch=z9hG4bK{fresh()}", f"SIP/2.0/UDP {server.hostport}",
                    "SIP/2.0/UDP 255.255.255.255:5060;branch=z9hG4bKy", "SIP/2.0/UDP 0.0.0.0:0;branch=z9hG4bKz"):
            for method in ("OPTIONS", "INVITE"):
                request = mallory.request(method, f"sip:nobody@{server.hostport}")
                mallory.send(request.set("Via", via), server)
        alive.check()


def test_cancel_of_somebody_else(env):
    server, call, called, mallory = ringing(env)
    cancel = cancel_of(call.invite)
    final = mallory.transact(cancel.copy().set("Via", mallory.via()), server)
    check(final.code == 481, f"a CANCEL of no transaction got {final.start}")
    mallory.send(cancel.copy().set("Via", call.invite.get("Via").replace(call.invite.branch, "z9hG4bKguess")), server)
    call.endpoint.expect(lambda m: m.code == 481 and m.method == "CANCEL", "481 for the CANCEL of a guessed branch")
    called.endpoint.expect_silence("CANCEL")
    finish(call, called)


def test_maddr_leads_nowhere(env):
    """A request goes where its URI's host is, whatever maddr says: in the target, and in a Route of ours."""
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    victim = env.endpoint("victim", ip=env.ip.rpartition(".")[0] + ".1", port=callee.port)  # no test has .1
    target = f"{callee.uri()};maddr={victim.ip}"
    for routes in ([], [f"<{server.uri};lr;maddr={victim.ip}>"]):
        request = caller.request("MESSAGE", f"sip:callee@{server.hostport};maddr={victim.ip}", body=b"hello",
                                 headers=[("X-Target", target)] + [("Route", route) for route in routes])
        caller.send(request, server)
        callee.reply(callee.expect("MESSAGE"), 200)
        check(caller.expect_final(request).code == 200, "no 200")
    foreign = caller.request("MESSAGE", f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())])
    foreign.insert("Route", f"<sip:{victim.hostport};lr>", 1)
    check(caller.transact(foreign, server).code == 403, "a Route past us was taken")
    victim.expect_silence()


def test_bye_with_wrong_tags(env):
    server, mallory = env.server(), env.endpoint("mallory")
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    bye = mallory.request("BYE", callee.uri(), call_id=call.invite.call_id)
    bye.insert("Route", call.dialog.routes[0], 1)
    bye.set("From", f"<{caller.uri()}>;tag=guess").set("To", f"<sip:callee@{server.hostport}>;tag={called.tag}")
    final = mallory.transact(bye, server)
    check(final.code in (403, 481), f"BYE with a wrong tag got {final.start}")
    callee.expect_silence()
    hang_up(call, called)


CHALLENGE = """
local sip = require "sip"
sip.on_request(function(req)
  if req.method == "REGISTER" then
    return req:reply(401, nil, { headers = { ["WWW-Authenticate"] = 'Digest realm="example.org", nonce="0123456789abcdef"' } })
  end
  return req:relay("sip:nobody@192.0.2.1")
end)
"""


def test_a_forged_source_gets_one_answer_and_not_much(env):
    """Who may have forged his source is answered without a transaction: once, and with little more than he sent."""
    server, victim = env.server(CHALLENGE), env.endpoint("victim")

    def forged(method, **changes):
        request = victim.request(method, f"sip:nobody@{server.hostport}")
        for name, value in changes.items():
            request.set(name.replace("_", "-"), value)
        return request

    for code, request in ((400, forged("INVITE", CSeq="99999999999 INVITE")), (401, forged("REGISTER")),
                          (483, forged("INVITE", Max_Forwards="0")), (483, forged("OPTIONS", Max_Forwards="0"))):
        victim.send(request, server)
        answer = victim.expect(code)
        sizes = len(answer.bytes()), len(request.bytes())
        check(sizes[0] <= 1.5 * sizes[1], f"{code}: {sizes[0]} bytes for {sizes[1]}")
        victim.expect_silence(code, "(the answer is sent again)", timeout=1.2)
