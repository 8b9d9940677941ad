"""Name servers that are dead, slow or lie: the request that needs them fails with a line in the log that says why;
calls that do not are unharmed meanwhile, and nothing is left behind."""
import time

from harness import Call, CalledSide, NameServer, Stream, equal, name_servers, record
from harness.dns import encode_name

HOST = "host.voice.example"


def begin(env, names, **globals_):
    return env.server(globals_={**name_servers(names), "dns_retr_time": 1, "dns_retr_no": 0, **globals_},
                      modparams=[("tm", "wt_timer", 1), ("tm", "T4_timer", 100)])


def invite(env, server, port=5060, host=HOST):
    return Call(env.endpoint("caller"), server, f"sip:x@{server.hostport}",
                headers=[("X-Target", f"sip:bob@{host}:{port}")]).start()


def gives_503(env, behave, why, tcp=None):
    """While the name server does that, a call to the name fails, says so, and others are as ever."""
    names = NameServer(env, {(HOST, "A"): ["192.0.2.1"]})
    names.behave, names.tcp = behave, tcp
    server = begin(env, names)
    with env.alive(server) as alive:
        call = invite(env, server)
        alive.check()
        call.fails_with(503)
        server.wait_log(rf"call {call.invite.call_id}: cannot find {HOST}: {why}")
    nothing_left(server)
    return names


def nothing_left(server):
    """The transactions end by themselves."""
    with Stream(server.control_socket) as control:
        while control.call("get_statistics", [["tm:inuse_transactions"]])["result"]["tm:inuse_transactions"]:
            pass


def test_dead(env):
    gives_503(env, lambda query: [], r"no name server answers \(timeout\)")


def test_nobody_listens(env):
    closed = env.endpoint("closed")
    server = begin(env, closed)
    closed.close()
    with env.alive(server):
        invite(env, server).fails_with(503)
        server.wait_log(rf"cannot find {HOST}: no name server has an answer \(connection refused")


def test_answer_to_another_question(env):
    other = encode_name("other.example") + b"\0\1\0\1"
    gives_503(env, lambda query: query.answer([record(HOST, "A", "192.0.2.66")], question=other), "no name server answers")


def test_answer_with_another_id(env):
    gives_503(env, lambda query: query.answer([record(HOST, "A", "192.0.2.66")], id_=query.id ^ 1),
              "no name server answers")


def test_records_of_another_name(env):
    gives_503(env, lambda query: query.answer([record("other.example", "A", "192.0.2.66")]), "the name has no address")


def test_loop_of_aliases(env):
    gives_503(env, lambda query: query.answer([record(HOST, "CNAME", "b.example"), record("b.example", "CNAME", HOST)]),
              "the name server's answer makes no sense")


def test_loop_of_aliases_from_answer_to_answer(env):
    """Each answer is good, and leads on."""
    def behave(query):
        on = HOST if query.name == "b.example" else "b.example"
        return query.answer([record(query.name, "CNAME", on)])
    names = gives_503(env, behave, "the name server's answer makes no sense")
    if len(names.asked) > 12:
        env.fail(f"{len(names.asked)} questions for one call")


def test_truncated_and_over_tcp_too(env):
    cut = lambda query: query.answer([record(HOST, "A", "192.0.2.1")], flags=0x8780)
    gives_503(env, cut, "the name server's answer makes no sense", tcp=cut)


def test_truncated_is_asked_for_over_tcp(env):
    callee = env.endpoint("callee")
    names = NameServer(env, {(HOST, "A"): [env.ip]})
    names.behave = lambda query: query.answer(flags=0x8780)
    server = begin(env, names)
    call = invite(env, server, callee.port)
    CalledSide.expect(callee).refuse(486)
    call.fails_with(486)


def test_garbage(env):
    """A header that fits, and behind it nothing that does."""
    gives_503(env, lambda query: query.answer([b"\xc0\xff" * 200]), "the name server's answer makes no sense")


def test_name_that_points_at_itself(env):
    at = lambda query: 12 + len(query.question)
    gives_503(env, lambda query: query.answer([bytes([0xc0, at(query)]) + b"\0\1\0\1\0\0\0\7\0\4\1\2\3\4"]),
              "the name server's answer makes no sense")


def test_noise(env):
    gives_503(env, lambda query: [b"", b"\0", query.answer()[:11], b"\xff" * 500], "no name server answers")


def test_server_that_cannot_say(env):
    gives_503(env, lambda query: query.answer(rcode=2), "no name server has an answer .*SERVFAIL")


def test_server_that_refuses(env):
    gives_503(env, lambda query: query.answer(rcode=5), "no name server has an answer .*REFUSED")


def test_slow_is_waited_for_by_who_needs_it(env):
    callee = env.endpoint("callee")
    names = NameServer(env, {(HOST, "A"): [env.ip]})
    server = begin(env, names, dns_retr_time=20)

    def behave(_):
        time.sleep(2)
    names.behave = behave
    with env.alive(server) as alive:
        call = invite(env, server, callee.port)
        call.endpoint.expect(100)
        for _ in range(5):
            alive.check()
        CalledSide.expect(callee).refuse(486)
        call.fails_with(486)


def test_caller_that_gives_up_gets_487(env):
    names = NameServer(env)
    names.behave = lambda query: []
    server = begin(env, names, dns_retr_time=20)
    with env.alive(server) as alive:
        call = invite(env, server)
        call.endpoint.expect(100)
        call.cancel()
        call.fails_with(487)
        alive.check()


def test_fork_timeout_ends_the_wait(env):
    names = NameServer(env)
    names.behave = lambda query: []
    server = env.server(script="""
local sip = require "sip"
sip.on_request(function(req)
  local target = req:header("X-Target")
  if target:find(":5060", 1, true) then
    local res = req:fork({ target }, { timeout = "500ms" })
    return req:reply(480, "Was " .. res.code)
  end
  return req:relay(target)
end)
""", globals_={**name_servers(names), "dns_retr_time": 20})
    with env.alive(server):
        final = invite(env, server).fails_with(480)
        equal(final.start, "SIP/2.0 480 Was 408", "what the script got")


def test_other_server_answers_for_a_dead_one(env):
    callee = env.endpoint("callee")
    dead, good = NameServer(env), NameServer(env, {(HOST, "A"): [env.ip]})
    dead.behave = lambda query: []
    server = env.server(globals_={**name_servers(dead, good), "dns_retr_time": 1})
    call = invite(env, server, callee.port)
    CalledSide.expect(callee).refuse(486)
    call.fails_with(486)
