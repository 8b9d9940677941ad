"""A call that lasts too long, or of which one side is gone, is ended with a BYE to both."""
from harness import CalledSide, equal, establish, wait_for_statistic

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  req:create_dialog { lifetime = req:header("X-Lifetime"), ping = req:header("X-Ping"), ping_side = "callee",
                      ping_by = req:header("X-Ping-By") }
  return req:relay(req:header("X-Target"))
end)
"""


def start(env, **wanted):
    server = env.server(SCRIPT, modparams=[("tm", "fr_timeout", 2)])
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    headers = [("X-Target", callee.uri())] + [(f"X-{name.replace('_', '-')}", value) for name, value in wanted.items()]
    return (server, *establish(caller, callee, server, f"sip:callee@{server.hostport}", headers))


def expect_bye(side, other, cseq):
    """A BYE as the other side would send it."""
    bye = side.endpoint.expect("BYE")
    equal((bye.get("From"), bye.get("To")), (other.dialog.local, other.dialog.remote), "From and To")
    equal((bye.uri, bye.get("CSeq")), (side.endpoint.uri(), f"{cseq} BYE"), "Request-URI and CSeq")
    side.endpoint.reply(bye, 200, "OK")


def test_when_its_lifetime_is_over_both_sides_get_bye(env):
    server, call, called = start(env, Lifetime="1s")
    expect_bye(call, called, 1)
    expect_bye(called, call, 2)
    wait_for_statistic(env, server, "dialog:expired_dialogs", 1)
    wait_for_statistic(env, server, "dialog:active_dialogs", 0)


def test_with_the_numbers_that_each_side_has_reached(env):
    _, call, called = start(env, Lifetime="2s")
    for sender, receiver in ((call, called), (called, call), (call, called)):
        request = sender.dialog.request("INFO")
        sender.dialog.send(request)
        receiver.endpoint.reply(receiver.endpoint.expect("INFO"), 200, "OK")
        sender.endpoint.expect_final(request)
    expect_bye(call, called, 2)
    expect_bye(called, call, 4)


def test_a_side_that_knows_it_no_more_ends_it(env):
    server, call, called = start(env, Ping="500ms")
    ping = called.endpoint.expect("OPTIONS")
    equal(ping.get("CSeq"), "2 OPTIONS", "the CSeq of the ping")
    called.endpoint.reply(ping, 481, "Call/Transaction Does Not Exist")
    expect_bye(call, called, 1)
    wait_for_statistic(env, server, "dialog:active_dialogs", 0)


def test_a_side_that_does_not_answer_ends_it(env):
    _, call, called = start(env, Ping="500ms")
    expect_bye(call, called, 1)
    called.endpoint.expect("OPTIONS")


def test_a_side_that_answers_keeps_it_and_sees_one_row_of_numbers(env):
    server, call, called = start(env, Ping="300ms")
    for cseq in (2, 3):
        ping = called.endpoint.expect("OPTIONS")
        equal(ping.get("CSeq"), f"{cseq} OPTIONS", "the CSeq of the ping")
        called.endpoint.reply(ping, 405, "Method Not Allowed")
    bye = call.dialog.request("BYE")
    call.dialog.send(bye)
    got = called.endpoint.expect("BYE")
    # Behind those of the pings, of which there may be more by now; the caller's own number comes back to it.
    equal(int(got.get("CSeq").split()[0]) >= 4, True, f"the CSeq {got.get('CSeq')}")
    called.endpoint.reply(got, 200, "OK")
    equal(call.endpoint.expect_final(bye).get("CSeq"), "2 BYE", "the CSeq of the answer")
    wait_for_statistic(env, server, "dialog:active_dialogs", 0)


def test_a_side_that_is_asked_by_re_invite(env):
    server, call, called = start(env, Ping="500ms", Ping_By="INVITE")
    ping = called.endpoint.expect("INVITE")
    equal(ping.get("CSeq"), "2 INVITE", "the CSeq of the ping")
    equal(ping.body, call.invite.body, "the caller's session, as it stands")
    side = CalledSide(called.endpoint, ping, called.tag)
    side.answer()
    equal(side.expect_ack().get("CSeq"), "2 ACK", "the CSeq of its ACK")
    CalledSide(called.endpoint, called.endpoint.expect("INVITE"), called.tag).refuse(481)
    expect_bye(call, called, 1)
    wait_for_statistic(env, server, "dialog:active_dialogs", 0)
