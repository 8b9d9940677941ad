"""Sessions are kept refreshed (RFC 4028): the proxy asks for it, refuses too short an interval, and ends what is not."""
from harness import Call, CalledSide, equal, wait_for_statistic

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  if not req:create_dialog { session_expires = req:header("X-Interval"), min_se = req:header("X-Least") } then return end
  return req:relay(req:header("X-Target"))
end)
"""


def start(env, headers):
    server, caller, callee = env.server(SCRIPT), env.endpoint("caller"), env.endpoint("callee")
    call = Call(caller, server, f"sip:callee@{server.hostport}",
                headers=[("X-Target", callee.uri())] + headers).start()
    return server, call, callee


def test_too_short_an_interval_is_refused_422(env):
    _, call, callee = start(env, [("X-Least", "300s"), ("Supported", "timer"), ("Session-Expires", "120")])
    equal(call.fails_with(422).get("Min-SE"), "300", "Min-SE")
    callee.expect_silence()


def test_the_caller_refreshes_for_a_callee_who_cannot(env):
    _, call, callee = start(env, [("X-Interval", "1800s"), ("Supported", "timer")])
    called = CalledSide.expect(callee)
    equal(called.invite.get("Session-Expires"), "1800", "Session-Expires of the INVITE")
    called.answer()
    final = call.final()
    equal(final.get("Session-Expires"), "1800;refresher=uac", "Session-Expires of the 200")
    equal(final.get("Require"), "timer", "Require")


def test_a_session_that_is_not_refreshed_ends(env):
    server, call, callee = start(env, [("Supported", "timer")])
    called = CalledSide.expect(callee)
    # The callee settles what it likes; nothing says that it has to be as long as a proxy would ask for.
    called.reply(200, "OK", [("Session-Expires", "2;refresher=uac"), ("Require", "timer")])
    call.answered()
    called.expect_ack()
    update = call.dialog.request("UPDATE", [("Supported", "timer"), ("Session-Expires", "3;refresher=uac")])
    call.dialog.send(update)
    callee.reply(callee.expect("UPDATE"), 200, "OK", headers=[("Session-Expires", "3;refresher=uac")])
    equal(call.endpoint.expect_final(update).code, 200, "the refresh")
    for endpoint in (call.endpoint, callee):
        bye = endpoint.expect("BYE")
        equal("Session Not Refreshed" in bye.get("Reason"), True, "the Reason")
        endpoint.reply(bye, 200, "OK")
    wait_for_statistic(env, server, "dialog:active_dialogs", 0)
