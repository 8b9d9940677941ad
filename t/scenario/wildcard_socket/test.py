"""socket=udp:0.0.0.0 is every address of this machine: answers come from the one that the caller used."""
from harness import equal, establish
from harness.call import hang_up


def test(env):
    port = env.port("0.0.0.0")
    server = env.server(sockets=["0.0.0.0"], port=port, probe=False)
    near = ("127.0.0.1", port)
    server.await_answer(near)
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    equal(caller.transact(caller.request("OPTIONS", f"sip:127.0.0.1:{port}"), near).source, near, "the answer's source")
    call, called = establish(caller, callee, near, f"sip:callee@127.0.0.1:{port}", [("X-Target", callee.uri())])
    hang_up(call, called)
    call, called = establish(caller, callee, near, f"sip:callee@127.0.0.1:{port}", [("X-Target", callee.uri())])
    hang_up(called, call)
