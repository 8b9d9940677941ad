"""Four workers, calls from many source ports: each message finds the worker of its call."""
LOAD = True


def test(env):
    count = env.scaled(2000, 100)
    called = env.sipp("uas_call.xml", values={"RING": 20}, calls=count)
    server = env.server("to_callee.lua", values={"CALLEE": called.hostport}, workers=4)
    calling = env.sipp("uac_call.xml", target=server, calls=count, rate=500 if not env.sanitizer else 100, limit=400,
                       values={"USER": "callee", "TALK": 20}, options=["-t", "un", "-max_socket", "500"])
    calling.finish()
    called.finish()
