"""SIPp's own `uac` and `uas`: in-dialog requests without Route are routed by the handler that asked for them."""


def calls(env, called, server, count):
    calling = env.sipp("uac", target=server, calls=count, rate=200 if not env.sanitizer else 50)
    calling.finish()
    called.finish()


def test(env):
    count = env.scaled(500, 50)
    called = env.sipp("uas", calls=count)
    calls(env, called, env.server("route.lua", values={"CALLEE": called.hostport}), count)


def test_registered_service(env):
    """The `uas` is registered; `uac` sends its ACK and BYE to the user, not to the contact."""
    count = env.scaled(500, 50)
    called = env.sipp("uas", calls=count)
    server = env.server("open_users.lua")
    env.sipp("register.xml", target=server, calls=1,
             values={"USER": "service", "CONTACT": called.hostport}).finish()
    calls(env, called, server, count)
