"""An answer is asked for once and kept as long as its TTL says."""
import threading

from harness import Call, CalledSide, NameServer, Nsd, Stream, Unbound, equal, name_servers

HOST = "host.voice.example"


def call(env, server, callee, host=HOST):
    call = Call(env.endpoint("caller"), server, f"sip:x@{server.hostport}",
                headers=[("X-Target", f"sip:bob@{host}:{callee.port}")]).start()
    CalledSide.expect(callee).refuse(486)
    call.fails_with(486)


def test_asked_once_until_the_ttl_is_over(env):
    callee, names = env.endpoint("callee"), NameServer(env, {(HOST, "A"): [env.ip]}, ttl=2)
    server = env.server(globals_=name_servers(names), workers=1)
    for _ in range(3):
        call(env, server, callee)
    equal(names.count(HOST, "A"), 1, "questions")
    with Stream(server.control_socket) as control:
        row, = control.call("dns:cache")["result"]["Answers"]
        equal((row["Name"], row["Type"], row["Records"]), (HOST, "A", [env.ip]), "what is kept")
        # The time that it shows runs out.
        while control.call("dns:cache")["result"]["Answers"]:
            pass
    call(env, server, callee)
    equal(names.count(HOST, "A"), 2, "questions")


def test_flush_forgets(env):
    callee, names = env.endpoint("callee"), NameServer(env, {(HOST, "A"): [env.ip]}, ttl=1000)
    server = env.server(globals_=name_servers(names), workers=1)
    call(env, server, callee)
    with Stream(server.control_socket) as control:
        control.call("dns:flush")
    call(env, server, callee)
    equal(names.count(HOST, "A"), 2, "questions")


def test_one_question_for_many_calls(env):
    """All calls that come while the answer is on its way wait for the same one."""
    callee, names = env.endpoint("callee"), NameServer(env, {(HOST, "A"): [env.ip]})
    server = env.server(globals_={**name_servers(names), "dns_retr_time": 20}, workers=1)
    caller = env.endpoint("caller")
    requests = [caller.request("OPTIONS", f"sip:x@{server.hostport}",
                               headers=[("X-Target", f"sip:bob@{HOST}:{callee.port}")]) for _ in range(20)]
    gate = threading.Event()
    names.behave = lambda query: gate.wait(20) and None
    for request in requests:
        caller.send(request, server)
    with Stream(server.control_socket) as control:
        while control.call("get_statistics", [["tm:UAS_transactions"]])["result"]["tm:UAS_transactions"] < 20:
            pass
    gate.set()
    for _ in requests:
        callee.reply(callee.expect("OPTIONS"), 200)
    equal(names.count(HOST, "A"), 1, "questions")


def test_through_a_caching_server(env):
    callee = env.endpoint("callee")
    names = Unbound(env, "voice.example", Nsd(env, "voice.example", f"host A {env.ip}"))
    server = env.server(globals_=name_servers(names))
    call(env, server, callee)
