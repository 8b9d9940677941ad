"""SIPp's own `uac` and `uas`: in-dialog requests without Route are routed by the handler that asked for them."""


def test(env):
    count = env.scaled(500, 50)
    called = env.sipp("uas", calls=count)
    server = env.server("route.lua", values={"CALLEE": called.hostport})
    calling = env.sipp("uac", target=server, calls=count, rate=200 if not env.sanitizer else 50)
    calling.finish()
    called.finish()
