"""The next server of a name when one does not do (RFC 3263 4.3), and that a server that failed is left alone a while."""
from harness import Call, CalledSide, Nsd, Stream, equal, establish, hang_up, name_servers

ZONE = "voice.example"


def servers_of(env, first, second, transport="udp"):
    return Nsd(env, ZONE, f"""
_sip._{transport} SRV 1 1 {first.port} host
_sip._{transport} SRV 2 1 {second.port} host
host A {env.ip}""")


def start(env, names, **globals_):
    transports = globals_.pop("transports", ("udp",))
    fr_timeout = globals_.pop("fr_timeout", 1)
    return env.server(globals_={**name_servers(names), **globals_}, transports=transports,
                      modparams=[("tm", "fr_timeout", fr_timeout), ("tm", "T1_timer", 100)])


def invite(env, server, uri=f"sip:bob@{ZONE}"):
    return Call(env.endpoint("caller"), server, f"sip:x@{server.hostport}", headers=[("X-Target", uri)]).start()


def failed_targets(server):
    with Stream(server.control_socket) as control:
        return [row["Target"] for row in control.call("dns:failed_targets")["result"]["Targets"]]


def answer(callee, call):
    called = CalledSide.expect(callee, call_id=call.invite.call_id)
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(call, called)
    return called


def test_silent_server_is_passed_over_and_avoided(env):
    silent, good = env.endpoint("silent"), env.endpoint("good")
    server = start(env, servers_of(env, silent, good))
    with env.alive(server):
        call = invite(env, server)
        first = CalledSide.expect(silent).invite
        second = answer(good, call).invite
        equal(len(second.all("Via")), 2, "Vias of the second try")
        if second.all("Via")[0] == first.all("Via")[0]:
            env.fail("both tries are one transaction")
        equal(failed_targets(server), [f"udp:{silent.hostport}"], "the failed targets")
        silent.drain()
        for _ in range(3):  # whichever worker has them
            answer(good, invite(env, server))
        silent.expect_silence("INVITE")
        with Stream(server.control_socket) as control:
            control.call("dns:flush")
        equal(failed_targets(server), [], "the failed targets")
        invite(env, server)
        CalledSide.expect(silent).refuse(486)


def test_non_invite_goes_on_too(env):
    silent, good, caller = env.endpoint("silent"), env.endpoint("good"), env.endpoint("caller")
    server = start(env, servers_of(env, silent, good))
    request = caller.send(caller.request("OPTIONS", f"sip:x@{server.hostport}",
                                         headers=[("X-Target", f"sip:bob@{ZONE}")]), server)
    good.reply(good.expect("OPTIONS"), 200)
    equal(caller.expect_final(request).code, 200, "the answer")


def test_refused_connection_and_refused_datagram(env):
    for transport in ("tcp", "udp"):
        closed = env.tcp_endpoint("closed") if transport == "tcp" else env.endpoint("closed")
        good = env.tcp_endpoint("good") if transport == "tcp" else env.endpoint("good")
        names = servers_of(env, closed, good, transport)
        closed.close()
        server = start(env, names, transports=("udp", "tcp"), fr_timeout=30)
        with env.alive(server):
            answer(good, invite(env, server, f"sip:bob@{ZONE};transport={transport}"))
            equal(failed_targets(server), [f"{transport}:{closed.hostport}"], f"the failed targets by {transport}")


def test_503_goes_on_and_says_for_how_long(env):
    busy, good = env.endpoint("busy"), env.endpoint("good")
    server = start(env, servers_of(env, busy, good), fr_timeout=30, failed_target_time=5)
    with env.alive(server):
        call = invite(env, server)
        CalledSide.expect(busy).refuse(503, "Service Unavailable", headers=[("Retry-After", "100 (later)")])
        answer(good, call)
        with Stream(server.control_socket) as control:
            row, = control.call("dns:failed_targets")["result"]["Targets"]
        if not 50 < row["Seconds"] <= 100:
            env.fail(f"it said 100 s: {row}")


def test_last_one_has_the_word(env):
    first, second = env.endpoint("first"), env.endpoint("second")
    server = start(env, servers_of(env, first, second), fr_timeout=30)
    call = invite(env, server)
    CalledSide.expect(first).refuse(503, "Not Now")
    CalledSide.expect(second).refuse(503, "Neither", headers=[("X-Word", "last")])
    equal(call.fails_with(500).get("X-Word"), "last", "whose answer it is")
    # Both are to be avoided, and yet tried: nobody else is there.
    call = invite(env, server)
    CalledSide.expect(first).refuse(486)
    call.fails_with(486)


def test_other_refusals_are_answers(env):
    first, second = env.endpoint("first"), env.endpoint("second")
    server = start(env, servers_of(env, first, second), fr_timeout=30)
    call = invite(env, server)
    CalledSide.expect(first).refuse(500)
    call.fails_with(500)
    second.expect_silence()


def test_disabled_failover_is_one_try(env):
    first, second = env.endpoint("first"), env.endpoint("second")
    server = start(env, servers_of(env, first, second), fr_timeout=30, disable_dns_failover="yes")
    call = invite(env, server)
    CalledSide.expect(first).refuse(503)
    call.fails_with(500)  # that somebody else is overloaded is not said as if we were
    second.expect_silence()


def test_cancel_between_two_servers_is_the_end(env):
    silent, never = env.endpoint("silent"), env.endpoint("never")
    server = start(env, servers_of(env, silent, never))
    call = invite(env, server)
    CalledSide.expect(silent)
    call.cancel()
    call.fails_with(487)
    never.expect_silence("INVITE")


def test_unanswered_call_rings_on(env):
    """A provisional answer is an answer: nobody else is tried."""
    ringing, never = env.endpoint("ringing"), env.endpoint("never")
    server = start(env, servers_of(env, ringing, never))
    caller = env.endpoint("caller")
    call, called = establish(caller, ringing, server, f"sip:x@{server.hostport}", [("X-Target", f"sip:bob@{ZONE}")])
    never.expect_silence()
    hang_up(call, called)
