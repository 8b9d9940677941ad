"""Calls over TCP on both sides: one connection for all of them, and one for each."""
LOAD = True
LIMIT = 120
BOTH = ("udp", "tcp")


def calls(env, count, rate, workers, caller_mode, ip=None):
    called = env.sipp("uas_call.xml", values={"RING": 20}, calls=count, ip=ip, options=["-t", "t1"])
    server = env.server("to_callee_tcp.lua", values={"CALLEE": called.hostport}, workers=workers, transports=BOTH,
                        sockets=[ip or env.ip])
    calling = env.sipp("uac_call.xml", target=server, calls=count, rate=rate, ip=ip,
                       values={"USER": "callee", "TALK": 50}, options=["-t", caller_mode, "-max_socket", "2000"])
    calling.finish(90)
    called.finish(30)


def rate(env):
    return 500 if not env.sanitizer else 50


def test_one_connection(env):
    calls(env, env.scaled(5000, 200), rate(env), 1, "t1")


def test_two_workers(env):
    """Half of the calls belong to the worker that does not have the connection."""
    calls(env, env.scaled(3000, 200), rate(env), 2, "t1")


def test_many_connections(env):
    calls(env, env.scaled(1500, 100), 200 if not env.sanitizer else 30, 2, "tn")


def test_ipv6(env):
    if not env.has_ipv6():
        env.skip("no IPv6 on the loopback")
    calls(env, env.scaled(500, 50), rate(env), 2, "t1", "::1")
