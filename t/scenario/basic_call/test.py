"""INVITE 180 200 ACK BYE through the server, ACK and BYE by the Route set that Record-Route made."""
LOAD = True
LIMIT = 120


def calls(env, count, rate, workers):
    called = env.sipp("uas_call.xml", values={"RING": 20}, calls=count)
    server = env.server("to_callee.lua", values={"CALLEE": called.hostport}, workers=workers)
    calling = env.sipp("uac_call.xml", target=server, calls=count, rate=rate, values={"USER": "callee", "TALK": 50})
    calling.finish(90)
    called.finish(30)


def test(env):
    calls(env, env.scaled(10000, 200), 1000 if not env.sanitizer else 100, workers=1)


def test_two_workers(env):
    calls(env, env.scaled(5000, 200), 1000 if not env.sanitizer else 100, workers=2)
