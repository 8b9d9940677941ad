"""SIGTERM or SIGINT while calls go on: the server stops by itself, with status 0, and its socket is free again."""
import signal
import socket

from harness import check, equal


def stop_under_load(env, number, workers):
    called = env.sipp("uas_call.xml", values={"RING": 50})
    server = env.server("to_callee.lua", values={"CALLEE": called.hostport}, workers=workers)
    calling = env.sipp("uac_call.xml", target=server, rate=100, values={"USER": "callee", "TALK": 1000})
    calling.await_calls(20)
    server.signal(number)
    equal(server.wait(5 * env.patience), 0, "the exit status (None: it did not stop)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(server.address)
    calling.close()
    called.close()


def test_sigterm(env):
    stop_under_load(env, signal.SIGTERM, 2)


def test_sigint(env):
    stop_under_load(env, signal.SIGINT, 1)


def test_script_that_sleeps(env):
    script = """
local sip = require "sip"
sip.on_request(function(req)
  sip.sleep("1h")
  return req:reply(486)
end)
"""
    server, caller = env.server(script, probe=False), env.endpoint("caller")
    request = caller.request("INVITE", server.uri)
    for _ in range(50):
        caller.send(request, server)
        if caller.maybe(100, 0.2):
            break
    server.stop()
    check(server.status == 0, f"it stopped with {server.status}")
