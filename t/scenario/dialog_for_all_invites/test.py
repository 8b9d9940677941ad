"""An operator has dialogs kept for all INVITEs, with lifetimes, pings and session timers, and the script says nothing of it."""
from harness import Call, CalledSide, Stream, equal, establish, wait_for_statistic
from harness.call import hang_up


def start(env, *params):
    server = env.server(modparams=[("dialog", "all_invites", 1), *params])
    return server, env.endpoint("caller"), env.endpoint("callee")


def set_up(server, caller, callee):
    return establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])


def test_they_are_kept_from_the_first_ring_to_the_bye(env):
    server, caller, callee = start(env)
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    called = CalledSide.expect(callee)
    called.ringing()
    wait_for_statistic(env, server, "dialog:early_dialogs", 1)
    called.answer()
    call.answered()
    called.expect_ack()
    wait_for_statistic(env, server, "dialog:active_dialogs", 1)
    wait_for_statistic(env, server, "dialog:early_dialogs", 0)
    hang_up(call, called)
    wait_for_statistic(env, server, "dialog:active_dialogs", 0)
    equal(Stream(server.control_socket).call("dlg_list")["result"]["Dialogs"], [], "what is left")


def test_they_have_the_operators_lifetime(env):
    server, caller, callee = start(env, ("dialog", "default_timeout", 1))
    call, called = set_up(server, caller, callee)
    for side in (call.endpoint, called.endpoint):
        side.reply(side.expect("BYE"), 200, "OK")
    wait_for_statistic(env, server, "dialog:expired_dialogs", 1)


def test_they_have_the_operators_pings(env):
    server, caller, callee = start(env, ("dialog", "options_ping_interval", 1))
    call, called = set_up(server, caller, callee)
    for side in (call.endpoint, called.endpoint):
        side.reply(side.expect("OPTIONS"), 200, "OK")
    hang_up(call, called)


def test_they_have_the_operators_session_timers(env):
    server, caller, callee = start(env, ("sst", "min_se", 300), ("sst", "sst_interval", 1800))
    headers = [("X-Target", callee.uri()), ("Supported", "timer")]
    short = Call(caller, server, f"sip:callee@{server.hostport}", headers=[*headers, ("Session-Expires", "120")]).start()
    equal(short.fails_with(422).get("Min-SE"), "300", "Min-SE")
    callee.expect_silence()
    Call(caller, server, f"sip:callee@{server.hostport}", headers=headers).start()
    equal(CalledSide.expect(callee).invite.get("Session-Expires"), "1800", "Session-Expires")
