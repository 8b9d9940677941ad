"""What an operator sees of dialogs, and does with them, under their names of now and of before."""
from harness import Stream, check, equal, establish, wait_for_statistic

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  local dialog = req:create_dialog { lifetime = "1h" }
  dialog:set_profile("calls", req.from.user)
  dialog:set_profile("all")
  dialog.vars.account = "a-7"
  return req:relay(req:header("X-Target"))
end)
"""


def start(env, calls=1):
    server, caller, callee = env.server(SCRIPT, workers=4), env.endpoint("caller"), env.endpoint("callee")
    made = [establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
            for _ in range(calls)]
    client = Stream(server.control_socket)

    def command(name, *params, **named):
        return client.call(name, named or list(params))

    return server, made, command


def ended(*sides):
    for side in sides:
        bye = side.expect_own("BYE") if hasattr(side, "expect_own") else side.endpoint.expect(
            lambda m: m.is_request and m.method == "BYE" and m.call_id == side.invite.call_id)
        side.endpoint.reply(bye, 200, "OK")


def test_lists_them(env):
    server, [(call, called)], command = start(env)
    listed = command("dlg_list")["result"]
    equal((len(listed["Dialogs"]), listed["count"]), (1, 1), "dialogs")
    dialog = listed["Dialogs"][0]
    equal((dialog["state"], dialog["callid"]), (4, call.invite.call_id), "state and callid")
    equal((dialog["caller_contact"], dialog["caller_bind_addr"]),
          (call.endpoint.uri(), f"udp:{server.hostport}"), "the caller")
    [other] = dialog["CALLEES"]
    equal((other["callee_contact"], other["caller_cseq"]), (called.endpoint.uri(), 1), "the callee")
    check(3500 < dialog["timeout"] - dialog["timestart"] <= 3602, "the lifetime, which begins with the answer")
    context = command("dialog:list_ctx", call.invite.call_id)["result"]["Dialogs"][0]["context"]
    equal(context["values"], [{"account": "a-7"}], "values")
    equal(context["profiles"], [{"calls": "caller"}, {"all": ""}], "profiles")
    equal(command("dialog:list", "other")["result"]["Dialogs"], [], "of another Call-ID")


def test_lists_a_page(env):
    _, calls, command = start(env, 10)
    seen = set()
    for index in (0, 4, 8):
        page = command("dialog:list", index=index, counter=4)["result"]["Dialogs"]
        equal(len(page), min(4, 10 - index), f"the page at {index}")
        seen |= {one["callid"] for one in page}
    equal(seen, {call.invite.call_id for call, _ in calls}, "all pages")
    equal(command("dialog:list", state=2)["result"]["Dialogs"], [], "early ones")


def test_ends_them(env):
    server, [first, second, third], command = start(env, 3)
    equal(command("dlg_end_dlg", first[0].invite.call_id)["result"], "OK", "by Call-ID")
    ended(*first)
    did = command("dialog:list", second[0].invite.call_id)["result"]["Dialogs"][0]["ID"]
    equal(command("dialog:end_dlg", did)["result"], "OK", "by ID")
    ended(*second)
    equal(command("dialog:end_dlg", did)["error"]["code"], 404, "one that is gone")
    equal(command("dialog:profile_end_dlgs", "calls", "caller")["result"], {"ended": 1}, "by profile")
    ended(*third)
    wait_for_statistic(env, server, "dialog:active_dialogs", 0)


def test_counts_profiles(env):
    _, calls, command = start(env, 3)
    size = command("profile_get_size", "calls", "caller")["result"]["Profile"]
    equal(size, {"name": "calls", "value": "caller", "count": 3}, "the size")
    equal(command("dialog:profile_get_size", "calls", "other")["result"]["Profile"]["count"], 0, "of another value")
    equal(command("profile_get_values", "calls")["result"]["Profile"]["values"],
          [{"value": "caller", "count": 3}], "the values")
    listed = command("profile_list_dlgs", "all")["result"]["Dialogs"]
    equal({one["callid"] for one in listed}, {call.invite.call_id for call, _ in calls}, "those in it")


def test_sends_requests_inside_them(env):
    _, [(call, called)], command = start(env)
    call_id = call.invite.call_id
    equal(command("dialog:send_sequential", call_id, "callee", "INFO", "X-A: 1\r\nX-B: 2")["result"], "OK", "INFO")
    info = called.endpoint.expect("INFO")
    equal((info.get("X-A"), info.get("X-B"), info.get("CSeq")), ("1", "2", "2 INFO"), "it")
    called.endpoint.reply(info, 200, "OK")
    equal(command("dialog:refer", call_id, "caller", "sip:carol@example.com")["result"], "OK", "REFER")
    refer = call.endpoint.expect("REFER")
    equal((refer.get("Refer-To"), refer.get("From")), ("<sip:carol@example.com>", called.dialog.local), "it")
    call.endpoint.reply(refer, 202, "Accepted")
    equal(command("dlg_push_var", "colour", "blue", [call_id])["result"], "OK", "push_var")
    context = command("dlg_list_ctx", call_id)["result"]["Dialogs"][0]["context"]
    equal(context["values"], [{"account": "a-7"}, {"colour": "blue"}], "values")
