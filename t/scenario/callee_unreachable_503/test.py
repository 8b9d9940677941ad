"""Nobody listens where a request is sent: the ICMP message that says so is the answer (RFC 3261 18.4)."""
import time

from harness import Stream, check, equal

SERIAL = """
local sip = require "sip"
sip.on_request(function(req)
  for _, target in ipairs { "sip:a@@GONE@", "sip:b@@THERE@" } do
    local res = req:fork({ target }, { timeout = "30s" })
    if res.code < 300 then return res:forward() end
  end
  return req:reply(480)
end)
"""


def port_without_anybody(env, ip=None):
    endpoint = env.endpoint("gone", ip=ip)
    hostport = endpoint.hostport
    endpoint.close()
    return hostport


def test_the_caller_is_told_at_once(env):
    """Not after 32 seconds; whichever worker the kernel gives the ICMP message to."""
    server, caller = env.server(), env.endpoint("caller")
    with env.alive(server) as alive:
        for method in ("INVITE", "MESSAGE") * 5:
            target = f"sip:callee@{port_without_anybody(env)}"
            request = caller.request(method, f"sip:callee@{server.hostport}", headers=[("X-Target", target)])
            begin = time.monotonic()
            equal(caller.transact(request, server, timeout=20).code, 503, method)
            check(time.monotonic() - begin < 20 * env.patience, "it took as long as a timeout")
        alive.check()
    with Stream(server.control_socket) as stream:
        counted = stream.call("statistics:get", {"statistics": ["net:udp_icmp_errors"]})["result"]
    check(counted["net:udp_icmp_errors"] >= 10, f"counted {counted}")


def test_over_ipv6(env):
    if not env.has_ipv6():
        env.skip("no IPv6 on loopback")
    server, caller = env.server(sockets=["::1"]), env.endpoint("caller", ip="::1")
    target = f"sip:callee@{port_without_anybody(env, '::1')}"
    request = caller.request("MESSAGE", f"sip:callee@{server.hostport}", headers=[("X-Target", target)])
    equal(caller.transact(request, server, timeout=20).code, 503, "MESSAGE")


def test_a_script_goes_on_to_the_next_target(env):
    callee, caller = env.endpoint("b"), env.endpoint("caller")
    server = env.server(SERIAL, values={"GONE": port_without_anybody(env), "THERE": callee.hostport})
    request = caller.request("MESSAGE", f"sip:callee@{server.hostport}")
    caller.send(request, server)
    callee.reply(callee.expect("MESSAGE"), 200)
    equal(caller.expect_final(request).code, 200, "the answer")


def test_others_on_the_same_socket_are_sent_all_the_same(env):
    """The kernel reports an ICMP error with the next send, whoever that is to."""
    server, caller, callee = env.server(workers=1), env.endpoint("caller"), env.endpoint("callee")
    gone = port_without_anybody(env)
    for i in range(40):
        target = f"sip:callee@{gone if i % 2 else callee.hostport}"
        caller.send(caller.request("MESSAGE", f"sip:callee@{server.hostport}", headers=[("X-Target", target)]), server)
    for _ in range(20):
        callee.reply(callee.expect("MESSAGE"), 200)
        caller.expect(200)
    for _ in range(20):
        caller.expect(503)
