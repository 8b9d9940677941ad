"""tm:list says which transactions there are and what they wait for, whichever worker has them."""
from harness import Call, CalledSide, Stream, check, equal


def rows(control, **parameters):
    listed = control.call("tm:list", parameters or None)["result"]["Transactions"]
    return sorted((row["Side"], row["Method"], row["State"], row["Call-ID"]) for row in listed)


def test(env):
    server, caller, callee = env.server(workers=4), env.endpoint("caller"), env.endpoint("callee")
    calls = []
    for _ in range(2):
        call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
        called = CalledSide.expect(callee, call_id=call.invite.call_id)
        called.ringing()
        caller.expect(180)
        calls.append((call, called))
    (first, called), (second, _) = calls
    ids = [call.invite.call_id for call, _ in calls]
    with Stream(server.control_socket) as control:
        equal(rows(control), sorted((side, "INVITE", "proceeding", i) for side in ("client", "server") for i in ids),
              "all transactions")
        equal({row[3] for row in rows(control, call_id=ids[0])}, {ids[0]}, "those of one call")
        equal(len(rows(control, limit=3)), 3, "rows within a limit")
        check("error" in control.call("tm:list", {"limit": 0}), "a limit of 0 is taken")
        called.answer()
        first.answered()
        called.expect_ack()
        answered = {row for row in rows(control) if row[2] == "accepted"}  # of which nothing is kept that says its call
        equal(answered, {(side, "INVITE", "accepted", "") for side in ("client", "server")}, "an answered call")
    second.cancel()
    calls[1][1].expect_cancel()
    second.fails_with(487)
